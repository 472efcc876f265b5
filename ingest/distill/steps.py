"""The three steps of MIKO (arXiv 2402.18169, section 3), each on the record of the one before."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from enum import StrEnum
from functools import cache
from typing import Final, TypeVar

import orjson
from pydantic import BaseModel

from ingest.distill.agreement import Sampling, agreed
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
from ingest.distill.images import Images, ReadImage
from ingest.distill.ocr import Ocr
from ingest.distill.posts import PostLine
from ingest.distill.wording import Wording, wording
from ingest.in_order import in_order
from schema.errors import NoAnswerError, RecordError
from schema.records import ImageRecord, IntentionRecord, Record, RunRecord, Runs

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

    def __init__(
        self,
        generator: Generator,
        steps: Sequence[Step],
        images: Images,
        *,
        ocr: Ocr | None = None,
        sampling: Sampling | None = None,
    ) -> None:
        self._generator = generator
        self._images = images
        self._ocr = ocr
        self._sampling = sampling
        self._runs: dict[tuple[str, str], RunRecord] = {}
        steps_by_name: dict[Step, Callable[[Record, PostLine], Awaitable[Record]]] = {
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
                record = await enriched(record, post)
            except NoAnswerError as error:
                raise RecordError(step, str(error)) from error
            except RecordError as error:
                field = f"{step}.{error.field}" if error.field else step.value
                raise RecordError(field, error.reason) from error
        return record

    async def _described(self, record: Record, post: PostLine) -> Record:
        """Describe the images; a post without any stays as it is."""
        if not record.images:
            return record
        if len(record.images) > IMAGES_LIMIT:
            raise RecordError("images", f"has over {IMAGES_LIMIT} images")
        images, urls = await self._read(record, post)
        read = record.model_copy(update={"images": images})
        asking = _wording(Step.DESCRIBE)
        prompt = asking.prompt(read, post.hashtags, images=urls)
        answer, run = await self._asked(asking, prompt, Description)
        return read.model_copy(
            update={
                "image_description": answer.description,
                "key_information": None,
                "intentions": (),
                "runs": Runs(describe=run),
            }
        )

    async def _extracted(self, record: Record, post: PostLine) -> Record:
        if not record.text.strip() and not record.image_description:
            raise RecordError("", "has neither text nor a description: run the step describe first")
        asking = _wording(Step.EXTRACT)
        answer, run = await self._asked(asking, asking.prompt(record, post.hashtags), Extracted)
        return record.model_copy(
            update={
                "key_information": answer.key_information(),
                "intentions": (),
                "runs": Runs(describe=record.runs.describe, extract=run),
            }
        )

    async def _inferred(self, record: Record, post: PostLine) -> Record:
        if record.key_information is None:
            raise RecordError("", "has no key information: run the step extract first")
        asking = _wording(Step.INFER)
        prompt = asking.prompt(record, post.hashtags)
        if self._sampling is None:
            answer, run = await self._asked(asking, prompt, Inferred)
            intentions = answer.intentions()
        else:
            intentions, run = await self._sampled(asking, prompt, self._sampling)
        runs = Runs(describe=record.runs.describe, extract=record.runs.extract, infer=run)
        return record.model_copy(update={"intentions": intentions, "runs": runs})

    async def _sampled(
        self, asking: Wording, prompt: Prompt, sampling: Sampling
    ) -> tuple[tuple[IntentionRecord, ...], RunRecord]:
        """Ask for several samples, and merge those whose answers were right in the end.

        Raises:
            RecordError: None was.
            NoAnswerError: One has no answer, which the next run may get.
        """
        found: list[tuple[Inferred, RunRecord]] = []
        faults: list[RecordError] = []

        async def ask(number: int) -> tuple[Inferred, RunRecord] | RecordError:
            try:
                return await self._asked(asking, replace(prompt, sample=number), Inferred)
            except RecordError as error:
                return error

        async def done(outcome: tuple[Inferred, RunRecord] | RecordError) -> None:
            if isinstance(outcome, RecordError):
                faults.append(outcome)
            else:
                found.append(outcome)

        numbers = iter(range(sampling.samples))
        await in_order(numbers, ask, done, concurrency=sampling.samples)
        if not found:
            raise faults[0]
        samples = [answer.intentions() for answer, _ in found]
        intentions = await agreed(samples, sampling.samples, sampling.embedder)
        run = found[0][1]
        told = orjson.loads(run.sampling) | {
            "merged_by": sampling.embedder.model.name,
            "samples": sampling.samples,
        }
        named = orjson.dumps(told, option=orjson.OPT_SORT_KEYS).decode()
        return intentions, run.model_copy(update={"sampling": named})

    async def _read(
        self, record: Record, post: PostLine
    ) -> tuple[tuple[ImageRecord, ...], tuple[str, ...]]:
        """Return the images with their hashes and their writing, and as data URLs."""
        found: list[tuple[ImageRecord, str]] = []
        for place, image in enumerate(record.images):
            try:
                seen = await self._images.read(image.uri, post.inline)
            except RecordError as error:
                raise RecordError(f"images.{place}", error.reason) from error
            if image.sha256 not in {None, seen.sha256}:
                raise RecordError(f"images.{place}", "is another file than the sha256 says")
            found.append((await self._with_text(image, seen), seen.data_url))
        return tuple(image for image, _ in found), tuple(url for _, url in found)

    async def _with_text(self, image: ImageRecord, seen: ReadImage) -> ImageRecord:
        """Return the image with its hash, and the writing in it unless that is known."""
        if self._ocr is None or image.text:
            return image.model_copy(update={"sha256": seen.sha256})
        text = await self._ocr.read(seen.sha256, seen.jpeg, seen.size)
        engine = self._ocr.engine if text else ""
        return image.model_copy(update={"sha256": seen.sha256, "text": text, "text_engine": engine})

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
        """Return what made an answer, the same object for the same run."""
        run = self._runs.get((asking.step, engine))
        if run is None:
            use = self._generator.use
            run = self._runs[asking.step, engine] = RunRecord(
                model=use.model,
                revision=use.revision,
                prompt_hash=asking.hash,
                sampling=use.sampling,
                engine=engine,
            )
        return run


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
