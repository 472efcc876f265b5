"""What a student is to learn: posts as distilling asks for them, and tails that people accepted."""

from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Final

from evaluation.annotation.accepted import accepted
from ingest.distill.answers import HANDLE, INFERRED_SCHEMA, TAIL_LIMIT, plain_tail
from ingest.distill.generator import Prompt
from ingest.distill.posts import words_of_hashtags
from ingest.distill.steps import Step
from ingest.distill.wording import wording
from kg.pages import pages
from kg.store import GraphStore, HeldIntention, MentionedConcept
from schema.graph import Aspect
from schema.nodes import NodeKind, Post
from schema.records import KeyInformation, Record
from schema.relations import Relation
from schema.text import normalize

PAGE_POSTS: Final = 500
EXTRACTED: Final = frozenset(
    {Aspect.CONCEPT, Aspect.ACTION, Aspect.OBJECT, Aspect.EMOTION, Aspect.KEYWORD}
)


@dataclass(frozen=True, slots=True)
class Lesson:
    """An answer to be learnt.

    Attributes:
        post: The post.
        prompt: What distilling asks of it in its last step.
        tails: What a run said, one tail a relation, in MIKO's order; some may lack.
        taken: The relations whose tail is learnt; at least one. The others stand in the answer,
            so that its form is learnt, and count for nothing.
    """

    post: Post
    prompt: Prompt
    tails: Mapping[Relation, str]
    taken: Set[Relation]


async def lessons(store: GraphStore, *, unjudged: bool) -> list[Lesson]:
    """Return what the graph teaches, by rising post id, one lesson for each run of a post.

    Args:
        store: The graph.
        unjudged: Learn tails as well that nobody judged.
    """
    return [
        lesson
        async for post, held, named in read_posts(store)
        for lesson in _lessons_of(post, held, named, unjudged=unjudged)
    ]


async def read_posts(
    store: GraphStore,
) -> AsyncIterator[tuple[Post, Sequence[HeldIntention], Sequence[MentionedConcept]]]:
    """Yield each post of a graph, by rising id, with its intentions and the concepts it names."""
    async for ids in pages(lambda after: store.ids(NodeKind.POST, after=after, limit=PAGE_POSTS)):
        posts, held = await store.posts(ids), await store.intentions_of(ids)
        mentions = await store.mentions_of(ids)
        for post, said, named in zip(posts, held, mentions, strict=True):
            if post is not None:
                yield post, said, named


def _lessons_of(
    post: Post, held: Sequence[HeldIntention], named: Sequence[MentionedConcept], *, unjudged: bool
) -> list[Lesson]:
    by_run: dict[str, list[HeldIntention]] = defaultdict(list)
    for one in held:
        by_run[one.has.run_id].append(one)
    found: list[Lesson] = []
    for _, said in sorted(by_run.items()):
        tails, taken = _answer(said, unjudged=unjudged)
        if taken:
            found.append(Lesson(post, prompt_of(post, named), tails, taken))
    return found


def _answer(
    held: Sequence[HeldIntention], *, unjudged: bool
) -> tuple[dict[Relation, str], frozenset[Relation]]:
    """Return one tail a relation, a taken one where there is one, and which are taken."""
    best: dict[Relation, tuple[tuple[bool, float], str]] = {}
    for one in held:
        tail = plain_tail(one.intention.relation, one.has.raw)
        if has_form(tail):
            worth = (_is_taken(one, unjudged=unjudged), one.has.plausibility or 0.0)
            if worth > best.get(one.intention.relation, ((False, -1.0), ""))[0]:
                best[one.intention.relation] = (worth, tail)
    tails = {relation: best[relation][1] for relation in Relation if relation in best}
    return tails, frozenset(relation for relation, (worth, _) in best.items() if worth[0])


def _is_taken(one: HeldIntention, *, unjudged: bool) -> bool:
    return (unjudged and not one.judgements) or accepted(one.judgements) is True


def has_form(tail: str) -> bool:
    """Whether distilling would take a tail: a student learns nothing that is refused."""
    return 0 < len(tail) <= TAIL_LIMIT and bool(normalize(tail)) and not HANDLE.search(tail)


def prompt_of(post: Post, named: Sequence[MentionedConcept] = ()) -> Prompt:
    """Return what distilling asks in its last step of what the graph knows of a post.

    The writing in images is not in a graph, and so not asked with.
    """
    record = Record(
        id=post.id,
        text=post.text,
        image_description=post.image_description,
        key_information=_key_information(named),
    )
    return wording(Step.INFER, INFERRED_SCHEMA).prompt(record, words_of_hashtags(record))


def _key_information(named: Sequence[MentionedConcept]) -> KeyInformation | None:
    """Return what the first run extracted, lists of it joined again."""
    extracted = [one.mentions for one in named if one.mentions.aspect in EXTRACTED]
    if not extracted:
        return None
    run_id = min(mention.run_id for mention in extracted)
    raws: dict[Aspect, list[str]] = defaultdict(list)
    for mention in extracted:
        if mention.run_id == run_id:
            raws[mention.aspect].append(mention.raw)
    return KeyInformation(
        concept=", ".join(raws[Aspect.CONCEPT]),
        action=", ".join(raws[Aspect.ACTION]),
        object=", ".join(raws[Aspect.OBJECT]),
        emotion=", ".join(raws[Aspect.EMOTION]),
        keywords=tuple(raws[Aspect.KEYWORD])[:50],
    )
