"""The normal form of a concept, in which key information, hashtags and commonsense meet.

A phrase is case-folded, cut into words, freed of what stands before a concept without a part in
it (articles, possessives, "to", the PersonX who acts), and each word made its lemma: "Walking the
dogs" and "to walk a dog" are both ``/c/en/walk_dog``.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

from schema.nodes import CONCEPT_PREFIX
from schema.text import ID_LIMIT

WORD: Final = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
"""Letters and digits of any script, with apostrophes inside."""

APART: Final = re.compile(r"(?<=\w) (?='s\b)|(?<=\bperson) (?=[xyz]\b)")
"""Spaces inside a word: "Tom 's dog", "Person X"."""

DETERMINERS: Final = frozenset(
    "a an the my your his her hers their our its this that these those some any personx's".split()
)
"""Words that do not tell one concept from another."""

LEADING: Final = frozenset({"to", "personx"})
"""Words that only stand before a concept: "to" of an infinitive, the one who acts in ATOMIC."""

PARTICIPLE: Final = "ed"
"""Words that end so stay as they are: "annoyed" is what one feels, "annoy" what one does."""

NEGATION: Final = "n't"
"""Words that end so lose the apostrophe alone: "don't" is not "do"."""

LEMMAS: Final = {
    "gone": "go",
    "lives": "life",
    "playing": "play",
    "thanks": "thank",
    "worse": "bad",
} | {
    word: word
    for word in (
        "ai amusing annoying axe best better cant caring charming creamer dice didnt doesnt dont "
        "elder embarrassing entertaining forgiving glasses goods inning inspiring interesting "
        "isnt lighter loving media meeting opera outgoing painting propeller trivia understanding "
        "us wasnt wont"
    ).split()
}
"""Words of which simplemma makes another: a thing's or a trait's own name, not a verb's form."""


def concept_uri_of(phrase: str) -> str | None:
    """Return the URI of a phrase's normal form, or None where it holds no word."""
    words = _without_lead(lemmas(phrase))
    if not words:
        return None
    return f"{CONCEPT_PREFIX}en/{'_'.join(words)}"[:ID_LIMIT]


def meant_uri(text: str) -> str:
    """Return the URI of the concept that a user means by a URI or by words of English.

    What has no normal form stands for itself, and is in no graph.
    """
    if text.startswith(CONCEPT_PREFIX):
        return normal_uri(text) or text
    return concept_uri_of(text) or text


def normal_uri(uri: str) -> str | None:
    """Return a ConceptNet URI in normal form, without its sense.

    English goes through the normal form; other languages stay as they are. None for what is no
    concept's URI, or holds no word.
    """
    parts = uri.split("/")
    if len(parts) < 4 or parts[1] != "c" or not (parts[2] and parts[3]):
        return None
    if parts[2] != "en":
        return "/".join(parts[:4])[:ID_LIMIT]
    return concept_uri_of(parts[3].replace("_", " "))


@lru_cache(maxsize=200_000)
def lemmas(text: str) -> tuple[str, ...]:
    """Return the lemmas of a text's words, determiners left out where other words are there."""
    folded = unicodedata.normalize("NFKC", text).casefold().replace("’", "'")
    words: list[str] = WORD.findall(APART.sub("", folded))
    telling = [word for word in words if word not in DETERMINERS]
    return tuple(_lemma(word.removesuffix("'s")) for word in telling or words)


def _without_lead(words: tuple[str, ...]) -> tuple[str, ...]:
    start = 0
    while start < len(words) - 1 and words[start] in LEADING:
        start += 1
    return words[start:]


@lru_cache(maxsize=200_000)
def _lemma(word: str) -> str:
    import simplemma  # its dictionary takes a quarter of a second to load

    if word.endswith(NEGATION):
        return word.replace("'", "")
    if word.endswith(PARTICIPLE):
        return word
    return LEMMAS.get(word) or simplemma.lemmatize(word, lang="en").casefold().replace(" ", "_")
