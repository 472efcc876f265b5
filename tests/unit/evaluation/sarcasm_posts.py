"""Invented posts that are sarcastic or not, what is known of them, and a small encoder."""

from pathlib import Path
from typing import Any

import transformers

from evaluation.sarcasm.knowledge import Known
from evaluation.sarcasm.posts import LabelledPost, PublishedSplit
from kg.packaged import PACKAGED
from kg.sentence_embedder import model_path

WEATHER = ("rain", "fog", "sleet", "hail", "wind", "snow", "mud", "smog")
DAYS = ("monday", "tuesday", "friday", "sunday", "weekend")
SPLITS = (
    PublishedSplit.TRAIN,
    PublishedSplit.TRAIN,
    PublishedSplit.TRAIN,
    PublishedSplit.VALID,
    PublishedSplit.TEST,
)


def invented(number: int) -> LabelledPost:
    """Return a post, each second of them sarcastic, and told so by its first words."""
    is_sarcastic = number % 2 == 0
    begin = "oh great , just what i needed :" if is_sarcastic else "a quiet walk in the"
    words = f"{WEATHER[number % 8]} on {DAYS[number % 5]} number {number}"
    post_id = f"mmsd:{(170_000_000_000 + number) << 22}"  # one each thousandth of a second
    return LabelledPost(post_id, f"{begin} {words}", is_sarcastic, SPLITS[number % 5])


POSTS = [invented(number) for number in range(80)]
KNOWN = {
    post.id: Known(
        f"A street in {WEATHER[place % 8]}.",
        ("complain in jest" if post.is_sarcastic else "share a calm moment", "be heard"),
        "one.jsonl" if place % 3 else "two.jsonl",
    )
    for place, post in enumerate(POSTS)
}


def small_encoder(folder: Path) -> Path:
    """Write an encoder of one layer, not trained at all, with the packaged one's tokenizer."""
    tokenizer: Any = transformers.AutoTokenizer
    tokenizer.from_pretrained(model_path(PACKAGED)).save_pretrained(folder)
    transformers.set_seed(0)
    config = transformers.BertConfig(
        hidden_size=32, num_hidden_layers=1, num_attention_heads=2, intermediate_size=64
    )
    model: Any = transformers.BertModel(config)
    model.save_pretrained(folder)
    return folder
