"""The prompts' wording: files of this package, the shared instruction first, the post last."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from string import Template
from typing import Final

import orjson

from ingest.distill.generator import JsonSchema, Prompt
from schema.records import Record
from schema.relations import RELATIONS
from schema.text import digest

PARTED: Final = "=====\n"
"""Between the instruction and the post."""

LEFT: Final = {
    "frames": "\n".join(f'- "{r.relation}": {r.frame} …' for r in RELATIONS.values()),
    "names": ", ".join(f'"{relation}"' for relation in RELATIONS),
    "post": "$post",
}
"""What the files leave open; the post stays so."""

LATER: Final = {
    "describe": ("image_description", "key_information"),
    "extract": ("key_information",),
    "infer": (),
}
"""What a step is not told, where an earlier run has made it."""


@dataclass(frozen=True, slots=True)
class Wording:
    """How a step asks.

    Attributes:
        step: The step.
        system: The instruction.
        user: Template of what follows, open at ``$post``.
        schema: JSON Schema of the answer.
        hash: Of all of these: another wording is another run.
    """

    step: str
    system: str
    user: Template
    schema: JsonSchema
    hash: str

    def prompt(
        self, record: Record, hashtags: Mapping[str, str], *, images: tuple[str, ...] = ()
    ) -> Prompt:
        """Ask for a record; what stands in it cannot end the block in which it stands."""
        user = self.user.substitute(post=self._as_data(record, hashtags))
        return Prompt(self.step, self.system, user, self.schema, images)

    def _as_data(self, record: Record, hashtags: Mapping[str, str]) -> str:
        """Return what a step knows of a post, by the steps before it, as one line of JSON."""
        known = {
            "text": record.text,
            "hashtags": hashtags,
            "image_text": [image.text for image in record.images if image.text],
            "image_description": record.image_description,
            "key_information": record.key_information and vars(record.key_information),
        }
        later = LATER[self.step]
        told = {name: value for name, value in known.items() if value and name not in later}
        return orjson.dumps(told).decode().replace("</", "<\\/")


def wording(step: str, schema: JsonSchema) -> Wording:
    """Read the file of a step."""
    text = (files("ingest.distill") / "prompts" / f"{step}.txt").read_text("utf-8")
    system, _, user = Template(text).substitute(LEFT).partition(PARTED)
    shape = orjson.dumps(schema).decode()
    prompt_hash = digest("prompt", step, system, user, shape)
    return Wording(step, system.strip(), Template(user.strip()), schema, prompt_hash)
