"""A small language model of SmolLM2's form and random weights, taught and asked in seconds."""

from pathlib import Path
from typing import Any, cast

import transformers


def small_model(smollm: Path, **changed: Any) -> Path:
    """Write it beside SmolLM2, whose tokenizer it has; return its folder."""
    place, library = smollm.with_name("small"), cast("Any", transformers)
    tokenizer = library.AutoTokenizer.from_pretrained(smollm)
    tokenizer.save_pretrained(place)
    library.set_seed(0)
    config = library.LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        initializer_range=0.2,
        tie_word_embeddings=True,
        eos_token_id=tokenizer.eos_token_id,
        **changed,
    )
    library.LlamaForCausalLM(config).save_pretrained(place)
    return place
