"""From the parts of a post, as several formats give them, to a fragment of the graph."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from kg.concepts import concept_uri_of
from schema.graph import NO_RUN, Aspect, Batch, HasIntention, Mentions
from schema.nodes import Concept, ConceptKind, Intention, Post, Run
from schema.records import KeyInformation
from schema.relations import Relation

HASHTAG: Final = re.compile(r"(?<![\w&/])[#＃] ?(?=\w*[^\W\d_])(\w{1,100})(?!\w)")
"""A hashtag, with a letter in it; in tokenised corpora a space follows the sign."""

MOST_HASHTAGS: Final = 100
SEGMENTED_LIMIT: Final = 64
"""Most characters of a hashtag that is cut into words: it takes 40 ms at this length."""

CAPITALS: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
PARENTHESIS: Final = re.compile(r"\([^()]*\)")
LIST: Final = re.compile(r"[,;](?![^()]{0,200}\))")
"""What parts a list, outside of parentheses; the bound keeps a text of commas linear."""

EMOTIONS: Final = re.compile(r"[,;/]|\b(?:and|or)\b")
NOTHING: Final = frozenset(
    {"", "none", "none mentioned", "n/a", "na", "unknown", "unclear", "not specified", "null"}
)
"""What a model writes where there is nothing to say."""

KINDS: Final = {
    Aspect.CONCEPT: ConceptKind.THING,
    Aspect.ACTION: ConceptKind.ACTION,
    Aspect.OBJECT: ConceptKind.THING,
    Aspect.EMOTION: ConceptKind.EMOTION,
    Aspect.KEYWORD: ConceptKind.THING,
    Aspect.HASHTAG: ConceptKind.HASHTAG,
    Aspect.PICTURED: ConceptKind.THING,
}


@dataclass(frozen=True, slots=True)
class Said:
    """A tail and how plausible it was judged, if at all."""

    relation: Relation
    raw: str
    tail: str
    plausibility: float | None = None


def hashtags_of(text: str) -> tuple[str, ...]:
    """Return the hashtags that stand in a text, as written, in their order, each once."""
    return tuple(dict.fromkeys(HASHTAG.findall(text)))[:MOST_HASHTAGS]


def tagged(hashtags: Iterable[str]) -> tuple[str, ...]:
    """Return hashtags as a post holds them: case-folded, sorted, each once."""
    return tuple(sorted({tag.casefold() for tag in hashtags}))


def hashtag_batch(post_id: str, hashtags: Iterable[str]) -> Batch:
    """Return the mentions of a post's hashtags, each the concept of the words in it."""
    return _mentioned(post_id, Aspect.HASHTAG, ((tag, segmented(tag)) for tag in hashtags))


def pictured_batch(post_id: str, shown: Iterable[str]) -> Batch:
    """Return the mentions of what a post's images show."""
    return _mentioned(post_id, Aspect.PICTURED, ((raw, raw) for raw in shown))


@lru_cache(maxsize=100_000)
def segmented(tag: str) -> str:
    """Return a hashtag's words: by its capitals, else by what is likeliest in English."""
    if not tag.isascii() or len(tag) > SEGMENTED_LIMIT:
        return tag.replace("_", " ")
    parts = CAPITALS.findall(tag)
    if len(parts) > 1:
        return " ".join(parts)
    return " ".join(_segmenter()(tag)) or tag


def key_information_batch(post_id: str, key: KeyInformation, run: Run | None) -> Batch:
    """Return the mentions that a post's key information makes."""
    parts = {
        Aspect.CONCEPT: [key.concept],
        Aspect.ACTION: LIST.split(key.action),
        Aspect.OBJECT: LIST.split(key.object),
        Aspect.EMOTION: EMOTIONS.split(PARENTHESIS.sub(" ", key.emotion)),
        Aspect.KEYWORD: list(key.keywords),
    }
    batches = [
        _mentioned(post_id, aspect, ((raw, raw) for raw in raws), run)
        for aspect, raws in parts.items()
    ]
    return joined(batches)


def intentions_batch(post_id: str, said: Iterable[Said], run: Run | None) -> Batch:
    """Return a post's intentions."""
    pairs = [(Intention.of(s.relation, s.tail), s) for s in said]
    run_id = run.id if run else NO_RUN
    return Batch(
        runs=(run,) if run else (),
        intentions=tuple(intention for intention, _ in pairs),
        has_intention=tuple(
            HasIntention(post_id, intention.id, s.raw, run_id, s.plausibility)
            for intention, s in pairs
        ),
    )


def post_batch(post: Post) -> Batch:
    """Return a post alone."""
    return Batch(posts=(post,))


def joined(batches: Iterable[Batch]) -> Batch:
    """Return one batch of what several hold."""
    some = list(batches)
    return Batch(
        *(
            tuple(part for batch in some for part in getattr(batch, name))
            for name in Batch.__slots__
        )
    )


def _mentioned(
    post_id: str, aspect: Aspect, raws: Iterable[tuple[str, str]], run: Run | None = None
) -> Batch:
    found = list(_uris(raws))
    run_id = run.id if run else NO_RUN
    return Batch(
        runs=(run,) if run and found else (),
        concepts=tuple(Concept.of(uri, KINDS[aspect]) for _, uri in found),
        mentions=tuple(Mentions(post_id, uri, aspect, raw, run_id) for raw, uri in found),
    )


def _uris(raws: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Yield (raw string, URI of the words in it) of what is a concept."""
    for raw, words in raws:
        plain = PARENTHESIS.sub(" ", words).strip(" .\n\t")
        uri = None if plain.casefold() in NOTHING else concept_uri_of(plain)
        if uri is not None:
            yield raw.strip(), uri


@lru_cache(maxsize=1)
def _segmenter() -> Callable[[str], list[str]]:
    # It reads 5 MB of counts, and has no types.
    import wordsegment  # pyright: ignore[reportMissingTypeStubs]

    wordsegment.load()
    return wordsegment.segment  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
