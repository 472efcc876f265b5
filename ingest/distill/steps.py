"""The three steps of MIKO (arXiv 2402.18169, section 3), each on the record of the one before."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from functools import cache
from typing import Final, TypeVar

from pydantic import BaseModel

from ingest.distill.answers import (
    DESCRIPTION_SCHEMA,
    EXTRACTED_SCHEMA,
    INFERRED_SCHEMA,
    Description,
    Extracted,
    Inferred,
    read,
)
from ingest.distill.generator import Generator, Prompt
from ingest.distill.images import Images
from ingest.distill.posts import PostLine
from ingest.distill.wording import Wording, wording
from schema.errors import NoAnswerError, RecordError
from schema.records import ImageRecord, Record, RunRecord

ASKED_LIMIT: Final = 3
"""How often a prompt is asked, until its answer is what it should be."""

IMAGES_LIMIT: Final = 8
"""Most images of a post that a model is shown."""

T = TypeVar("T", bound=BaseModel)


class Step(StrEnum):
    """The steps, in their order."""

    DESCRIBE = "describe"
    EXTRACT = "extract"
    INFER = "infer"


def steps_of(text: str) -> tuple[Step, ...]:
    """Return the steps that a text names, parted by commas.

    Raises:
        ValueError: They do not follow one another, or are none.
    """
    names = tuple(name.strip() for name in text.split(","))
    every = tuple(Step)
    for start in range(len(every)):
        if names == every[start : start + len(names)]:
            return every[start : start + len(names)]
    raise ValueError(
        f"{text!r} are no steps that follow one another: name some of {', '.join(every)}, as "
        "extract,infer"
    )


class Distiller:
    """Takes posts through steps; calls may overlap."""

    def __init__(self, generator: Generator, steps: Sequence[Step], images: Images) -> None:
        self._generator = generator
        self._images = images
        steps_by_name: dict[Step, Callable[[Record, Mapping[str, bytes]], Awaitable[Record]]] = {
            Step.DESCRIBE: self._described,
            Step.EXTRACT: self._extracted,
            Step.INFER: self._inferred,
        }
        self._steps = [(step, steps_by_name[step]) for step in steps]

    async def distilled(self, post: PostLine) -> Record:
        """Return the record with what the steps make of it.

        Raises:
            RecordError: A step cannot make anything of it; ``field`` names the step, the reason
                holds nothing of the post.
            GeneratorError: The model cannot be asked at all.
        """
        record = post.record
        for step, enriched in self._steps:
            try:
                record = await enriched(record, post.inline)
            except NoAnswerError as error:
                raise RecordError(step, str(error)) from error
            except RecordError as error:
                field = f"{step}.{error.field}" if error.field else step.value
                raise RecordError(field, error.reason) from error
        return record

    async def _described(self, record: Record, inline: Mapping[str, bytes]) -> Record:
        """Describe the images; a post without any stays as it is."""
        if not record.images:
            return record
        if len(record.images) > IMAGES_LIMIT:
            raise RecordError("images", f"has over {IMAGES_LIMIT} images")
        images, urls = await self._read(record, inline)
        bare = record.model_copy(update={"image_description": "", "key_information": None})
        asking = _wording(Step.DESCRIBE)
        answer, run = await self._asked(asking, asking.prompt(bare, images=urls), Description)
        return record.model_copy(
            update={
                "images": images,
                "image_description": answer.description,
                "key_information": None,
                "intentions": (),
                "runs": record.runs.model_copy(
                    update={"describe": run, "extract": None, "infer": None}
                ),
            }
        )

    async def _extracted(self, record: Record, _inline: Mapping[str, bytes]) -> Record:
        if not record.text.strip() and not record.image_description:
            raise RecordError("", "has neither text nor a description: run the step describe first")
        bare = record.model_copy(update={"key_information": None})
        asking = _wording(Step.EXTRACT)
        answer, run = await self._asked(asking, asking.prompt(bare), Extracted)
        return record.model_copy(
            update={
                "key_information": answer.key_information(),
                "intentions": (),
                "runs": record.runs.model_copy(update={"extract": run, "infer": None}),
            }
        )

    async def _inferred(self, record: Record, _inline: Mapping[str, bytes]) -> Record:
        if record.key_information is None:
            raise RecordError("", "has no key information: run the step extract first")
        asking = _wording(Step.INFER)
        answer, run = await self._asked(asking, asking.prompt(record), Inferred)
        return record.model_copy(
            update={
                "intentions": answer.intentions(),
                "runs": record.runs.model_copy(update={"infer": run}),
            }
        )

    async def _read(
        self, record: Record, inline: Mapping[str, bytes]
    ) -> tuple[tuple[ImageRecord, ...], tuple[str, ...]]:
        """Return the images with their hashes, and as data URLs."""
        found: list[tuple[ImageRecord, str]] = []
        for place, image in enumerate(record.images):
            try:
                seen = await self._images.read(image.uri, inline)
            except RecordError as error:
                raise RecordError(f"images.{place}", error.reason) from error
            if image.sha256 not in {None, seen.sha256}:
                raise RecordError(f"images.{place}", "is another file than the sha256 says")
            found.append((ImageRecord(uri=image.uri, sha256=seen.sha256), seen.data_url))
        return tuple(image for image, _ in found), tuple(url for _, url in found)

    async def _asked(
        self, asking: Wording, prompt: Prompt, expected: type[T]
    ) -> tuple[T, RunRecord]:
        """Ask until the answer is what it should be, each time with what was wrong with it."""
        reason, again = "", prompt
        for number in range(1, ASKED_LIMIT + 1):
            answer = await self._generator.answer(again)
            try:
                found = read(answer, expected)
            except RecordError as error:
                reason = str(error)
                again = replace(prompt, user=f"{prompt.user}\n\n{_told(number, reason)}")
            else:
                return found, self._run(asking, answer.engine)
        raise RecordError("", f"no right answer in {ASKED_LIMIT}, at last: {reason}")

    def _run(self, asking: Wording, engine: str) -> RunRecord:
        use = self._generator.use
        return RunRecord(
            model=use.model,
            revision=use.revision,
            prompt_hash=asking.hash,
            sampling=use.sampling,
            engine=engine,
        )


def _told(number: int, reason: str) -> str:
    """Say what was wrong; the number makes it another prompt, which the journal does not know."""
    return f"Your answer {number} was refused: {reason}. Answer again, as you were told at first."


@cache
def _wording(step: Step) -> Wording:
    schemas = {
        Step.DESCRIBE: DESCRIPTION_SCHEMA,
        Step.EXTRACT: EXTRACTED_SCHEMA,
        Step.INFER: INFERRED_SCHEMA,
    }
    return wording(step, schemas[step])
