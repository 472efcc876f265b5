"""What the texts of the MIKO authors' files say: whose post, which tail, which key information."""

import re
from collections.abc import Iterator
from typing import Final

from ingest.formats.posts import Said
from schema.errors import RecordError
from schema.nodes import Run
from schema.records import KeyInformation
from schema.relations import Relation
from schema.text import normalize

AUTHORS: Final = "as released by the authors of MIKO"
DESCRIBED: Final = Run.of("describe", "LLaVA", revision=AUTHORS)
EXTRACTED: Final = Run.of("extract", "the LLM of arXiv 2402.18169", revision=AUTHORS)
INFERRED: Final = Run.of("infer", "the LLM of arXiv 2402.18169", revision=AUTHORS)

NAME: Final = re.compile(r"\S{1,200}")
TWEET_ID: Final = re.compile(r"\d{16,20}")
FOLDER: Final = re.compile(r"\A.*(?:[=/\\]|%5c)", re.IGNORECASE)
"""What stands before an image's own name; a backslash may be escaped as in an address. The anchor
keeps a name without a folder linear."""

EXTENSION: Final = re.compile(r"\.(?:jpe?g|png|gif|webp)$", re.IGNORECASE)
TWITTER_2017: Final = re.compile(r"\d\d(?:_\d\d)+_\d+|O_\d+")

_TWEET: Final = r"this (?:tweet|\w+ (?:post|pic))"
_POSTS: Final = rf"the user (?:posts?|posted) {_TWEET} because"
_AFTER_POSTING: Final = rf"after posting {_TWEET},? the user"
_AFTER_VIEWING: Final = rf"after viewing {_TWEET},? others?"
FRAMES: Final[dict[Relation, re.Pattern[str]]] = {
    relation: re.compile(rf"\s*{frame}(?:\s+|$)", re.IGNORECASE)
    for relation, frame in {
        Relation.X_WANT: rf"{_AFTER_POSTING} wants? to",
        Relation.O_EFFECT: rf"{_AFTER_VIEWING} will",
        Relation.X_ATTR: rf"{_POSTS}(?: the user is| they are)?",
        Relation.X_INTENT: rf"{_POSTS}(?: (?:the user|they) intend(?:ed|s)? to)?",
        Relation.X_REACT: rf"{_AFTER_POSTING} feels?",
        Relation.O_REACT: rf"{_AFTER_VIEWING} feels?",
        Relation.O_WANT: rf"{_AFTER_VIEWING} wants? to",
        Relation.X_EFFECT: rf"{_AFTER_POSTING} will",
        Relation.X_NEED: rf"before posting {_TWEET},? the user need(?:ed|s)? to",
        Relation.OPEN: _POSTS,
    }.items()
}
"""The sentence frames, as the files write them."""

NUMBERED: Final = re.compile(r"^[ \t]*Intention ?(\d{1,2}) ?:[ \t]*", re.MULTILINE | re.IGNORECASE)
CUT_OFF: Final = re.compile(r"\n[ \t]*Int(?:ention ?\d*)?\s*$")
"""The begin of a numbered line, where the model was out of tokens. Here and in KEY the blanks stay
within the line: a text of line ends is else gone through once for each of them."""

LED: Final = re.compile(
    r"^\s*(?:(?:(?:an )?alternative(?:ly)?|alternate|another possible)(?: intention)?|intention)"
    r"(?: could be)?(?: that|\s*[:,])\s*",
    re.IGNORECASE,
)
"""What leads to an intention, or to another in its place."""

BLOCKS: Final = re.compile(r"\n\s*\n|\n(?=\s*Alternat)")

KEY: Final = re.compile(r"^[ \t]*(concept|action|object|emotion|keywords?)s?\s*:", re.I | re.M)
COMMA: Final = re.compile(r"[,;]")


def post_id_of(image: str, *, numbered: str) -> str:
    """Return the id of the post that an image belongs to.

    Args:
        image: The image's file name.
        numbered: The source of posts that a plain number names: the collections' number spaces
            overlap.

    Raises:
        RecordError: The name can stand in no id.
    """
    stem = EXTENSION.sub("", file_name_of(image))
    if not NAME.fullmatch(stem):
        raise RecordError("image", "is no file name")
    if TWEET_ID.fullmatch(stem):
        return f"mmsd:{stem}"
    if TWITTER_2017.fullmatch(stem):
        return f"twitter2017:{stem}"
    return f"{numbered}:{stem}"


def file_name_of(image: str) -> str:
    """Return an image's own name, without the folder that some files name."""
    return FOLDER.sub("", image)


def tail_of(relation: Relation, sentence: str) -> str:
    """Return the sentence without its frame; whole, where it has another."""
    found = FRAMES[relation].match(sentence)
    return sentence[found.end() :].strip() if found else sentence.strip()


def said(relation: Relation, sentence: str, plausibility: float | None = None) -> Said | None:
    """Return what a sentence says; None where nothing follows its frame."""
    tail = tail_of(relation, sentence)
    return Said(relation, sentence, tail, plausibility) if normalize(tail) else None


def numbered_intentions(text: str) -> Iterator[tuple[int, str]]:
    """Yield (number, sentence) of a text of lines that begin "Intention1:" or "Intention 1:".

    A line that was cut off before its colon is no sentence, nor the end of the one before.
    """
    text = CUT_OFF.sub("", text)
    marks = list(NUMBERED.finditer(text))
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    for mark, end in zip(marks, ends, strict=False):
        sentence = text[mark.end() : end].strip()
        if sentence:
            yield int(mark[1]), sentence


def alternatives(text: str) -> list[str]:
    """Return the sentences of a text that gives an intention and others in its place."""
    blocks = (LED.sub("", block).strip() for block in BLOCKS.split(text))
    return [block for block in blocks if block]


def key_information_of(text: str) -> KeyInformation | None:
    """Return the key information of a text of lines "Concept: …", None where none is in it."""
    parts: dict[str, str] = {}
    marks = list(KEY.finditer(text))
    ends = [*(mark.start() for mark in marks[1:]), len(text)]
    for mark, end in zip(marks, ends, strict=False):
        parts.setdefault(mark[1].lower().rstrip("s"), text[mark.end() : end].strip(" .\n\t"))
    if not parts:
        return None
    keywords = [word.strip(" .") for word in COMMA.split(parts.pop("keyword", ""))]
    return KeyInformation(keywords=tuple(word for word in keywords if word)[:50], **parts)
