"""A vLLM that answers as a scripted endpoint, and dies after so many answers.

The real one takes a minute to begin; it is killed in test_vllm.py.
"""

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from unit.ingest.distill.endpoint import Asked, good

MODULES = {
    "__init__": "from unit.ingest.distill.dying_engine import LLM\n__version__ = '0.0'\n",
    "sampling_params": "from types import SimpleNamespace as StructuredOutputsParams\n",
}
STEPS = {"description": "describe", "concept": "extract"}
"""By what the step asks for first."""


def installed(folder: Path) -> Path:
    """Write a package ``vllm`` into a folder; return the folder."""
    for name, text in MODULES.items():
        place = folder / "vllm" / f"{name}.py"
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_text(text)
    return folder


class LLM:
    """As much of vLLM's as is used, with a life of so many answers; it notes that it is born.

    The one of that number, from 1, cannot be loaded; none where the number is 0.
    """

    def __init__(
        self, model: str, *, revision: str | None, life: int, births: str, stillborn: int = 0
    ) -> None:
        assert (model, revision) == ("dying", None)
        with Path(births).open("a+") as file:
            file.write("born\n")
            file.seek(0)
            if len(file.readlines()) == stillborn:
                raise RuntimeError("no memory is free")
        self.llm_engine = self
        self.engine_core = SimpleNamespace(shutdown=lambda: None)
        self._left = life
        self._born = 0
        self._asked: dict[str, str] = {}

    def get_default_sampling_params(self) -> SimpleNamespace:
        return SimpleNamespace()

    def enqueue_chat(self, some: list[Any], sampling: SimpleNamespace, **_: object) -> list[str]:
        first = next(iter(sampling.structured_outputs.json["properties"]))
        name = {"json_schema": {"name": STEPS.get(first, "infer")}}
        answer = good(Asked({"messages": some[0], "response_format": name}, 0))
        self._born += 1
        self._asked[str(self._born)] = json.dumps(answer)
        return [f"{self._born}-more"]

    def step(self) -> list[SimpleNamespace]:
        """Answer one prompt."""
        if not self._left:
            raise RuntimeError("an accident")
        self._left -= 1
        name, text = self._asked.popitem()
        written = SimpleNamespace(text=text, token_ids=[0], finish_reason="stop")
        ended = SimpleNamespace(
            request_id=name, finished=True, outputs=[written], prompt_token_ids=[0]
        )
        return [ended]
