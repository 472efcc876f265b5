"""A model writes ten intentions of each post: asked once, by the prompt of `miko distill`'s infer.

An answer is read slot by slot: what is wrong with one relation leaves that slot empty, where
distilling would ask again.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import orjson
from pydantic import JsonValue, TypeAdapter

from evaluation.benchmark.examples import ShownExample
from ingest.distill.answers import INFERRED_SCHEMA, NUL, TAIL_LIMIT, object_in, plain_tail
from ingest.distill.generator import Answer, Generator, Prompt
from ingest.distill.posts import words_of_hashtags
from ingest.distill.steps import Step
from ingest.distill.wording import Wording, wording
from ingest.in_order import in_order
from ingest.progress import Report
from schema.errors import NoAnswerError
from schema.nodes import Post
from schema.records import ImageRecord, IntentionRecord, Record, RunRecord, Runs
from schema.relations import Relation
from schema.text import digest, flaw, normalize

OBJECT: Final = TypeAdapter(dict[str, JsonValue])
SHOWN: Final = "Posts with right answers, as examples:"


@dataclass(slots=True)
class Outcome:
    """What became of what was asked.

    Attributes:
        records: One a post, in the order of the posts; a slot that is empty has no intention.
        faults: Why slots are empty, and how often: once an answer, or once a slot.
    """

    records: list[Record] = field(default_factory=list[Record])
    faults: Counter[str] = field(default_factory=Counter[str])


@dataclass(frozen=True, slots=True)
class Asking:
    """How posts are asked for.

    Attributes:
        generator: What answers.
        examples: What the model is shown first.
        concurrency: Posts at a time.
    """

    generator: Generator
    examples: Sequence[ShownExample]
    concurrency: int

    async def asked(self, posts: Sequence[Post], progress: Report) -> Outcome:
        """Ask for each post once.

        Raises:
            GeneratorError: The model cannot be asked.
        """
        found, shown = Outcome(), _shown(self.examples)

        async def ask(post: Post) -> tuple[Record, Answer | str]:
            record = record_of(post)
            prompt = shown.prompt(record, words_of_hashtags(record))
            try:
                return record, await self.generator.answer(prompt)
            except NoAnswerError as error:
                return record, str(error)

        async def done(outcome: tuple[Record, Answer | str]) -> None:
            record, answer = outcome
            if isinstance(answer, str):
                found.faults[answer] += 1
            else:
                record = self._filled(record, answer, shown, found.faults)
            found.records.append(record)
            progress(len(found.records), len(posts))

        await in_order(iter(posts), ask, done, concurrency=self.concurrency)
        return found

    def _filled(
        self, record: Record, answer: Answer, shown: Wording, faults: Counter[str]
    ) -> Record:
        use = self.generator.use
        run = RunRecord(
            model=use.model,
            revision=use.revision,
            prompt_hash=shown.hash,
            sampling=use.sampling,
            engine=answer.engine,
        )
        tails = slots_of(answer, faults)
        said = tuple(IntentionRecord(relation=r, text=tail) for r, tail in tails.items())
        return record.model_copy(update={"intentions": said, "runs": Runs(infer=run)})


def record_of(post: Post) -> Record:
    """Return the record of a post, without what a model inferred of it."""
    images = tuple(ImageRecord(uri=image.uri, sha256=image.sha256) for image in post.images)
    return Record(
        id=post.id, text=post.text, images=images, image_description=post.image_description
    )


def slots_of(answer: Answer, faults: Counter[str]) -> dict[Relation, str]:
    """Return the tails of an answer that are some, in MIKO's order; of the rest, count why not.

    Of an answer that is cut off, what was whole before counts.
    """
    said = said_in(answer.text)
    if not said:
        faults["an answer holds no JSON object"] += 1
    tails: dict[Relation, str] = {}
    for relation in Relation if said else ():
        reason = _fault(relation, said.get(relation.value))
        if reason:
            faults[reason] += 1
        else:
            tails[relation] = plain_tail(relation, str(said[relation.value]))
    return tails


def said_in(text: str) -> Mapping[str, JsonValue]:
    """Return the object in a text, as far as it goes; empty where there is none."""
    if NUL in text or flaw(text):
        return {}
    try:
        return OBJECT.validate_json(object_in(text), experimental_allow_partial=True)
    except ValueError:
        return {}


def _fault(relation: Relation, value: object) -> str | None:
    """Say what is wrong with a slot, None where nothing is."""
    if value is None:
        return "an answer lacks a relation"
    if not isinstance(value, str):
        return "a slot holds no text"
    tail = plain_tail(relation, value)
    if len(tail) > TAIL_LIMIT:
        return f"a slot has over {TAIL_LIMIT} characters"
    return None if normalize(tail) else "a slot holds no words besides its frame"


def _shown(examples: Sequence[ShownExample]) -> Wording:
    """Return the wording of the step, with examples behind its instruction."""
    plain = wording(Step.INFER, INFERRED_SCHEMA)
    if not examples:
        return plain
    blocks = "\n\n".join(_block(plain, example) for example in examples)
    system = f"{plain.system}\n\n{SHOWN}\n\n{blocks}"
    return replace(plain, system=system, hash=digest("examples", plain.hash, blocks))


def _block(plain: Wording, example: ShownExample) -> str:
    record = record_of(example.post)
    prompt: Prompt = plain.prompt(record, words_of_hashtags(record))
    return f"{prompt.user}\n{orjson.dumps({r.value: t for r, t in example.tails.items()}).decode()}"
