"""Exports as tests compare them, and texts that files of comma-separated values might spoil."""

from pathlib import Path
from typing import Final

from ingest.export import export
from kg.neo4j.admin_files import AdminFiles
from kg.store import GraphStore
from schema.graph import About, Aspect, Batch, HasIntention, Judgement, Mentions, Related
from schema.nodes import Concept, Image, Intention, Post, Run
from schema.relations import Relation

ODD_TEXTS: Final = (
    ' "quoted" , \\"escaped\\" \\\\ ; | \' ',
    "two\nlines,\r\nand\rmore\n\n",
    "\t tab, \x0b \x1c \x1f \x85 \u2028 \ufeff",
    "\u0130stanbul 日本語 \U0001f600 e\u0301 null NULL true 0x1",
    'word"',
    "@arguments #comment",
)
ODD_POSTS: Final = tuple(
    Post(
        f"odd:{n} {text}"[:40].replace("\n", " "),
        text,
        "odd",
        hashtags=(",", ";", '"', "a b") if n % 2 else (),
        images=(Image("a;b,c|d.jpg"), Image("é\n.jpg", "0" * 64))[: n % 3],
        image_description=text[::-1] if n % 2 else "",
        labels={"a=b%": text.replace("\x1f", ""), "empty": ""} if n % 2 else {},
    )
    for n, text in enumerate(ODD_TEXTS)
)
ODD_INTENTIONS: Final = tuple(Intention.of(Relation.OPEN, text) for text in ODD_TEXTS)
ODD_CONCEPTS: Final = tuple(Concept.of(f"/c/en/{n}_{text}") for n, text in enumerate(ODD_TEXTS))
ODD_RUN: Final = Run.of("infer", 'a "model"', sampling='{"temperature": 0.7, "stop": "\\n"}')
ODD: Final = Batch(
    posts=ODD_POSTS,
    intentions=ODD_INTENTIONS,
    concepts=ODD_CONCEPTS,
    runs=(ODD_RUN, Run.of("import", "files")),
    has_intention=tuple(
        HasIntention(post.id, intention.id, text, run, plausibility, estimator)
        for post, intention, text, run, plausibility, estimator in zip(
            ODD_POSTS,
            ODD_INTENTIONS,
            ODD_TEXTS,
            ("", ODD_RUN.id) * 3,
            (None, 0.0, 1.0, 0.1, 1e-9, 1 / 3),
            ("", "", ODD_RUN.id) * 2,
            strict=True,
        )
    ),
    judgements=tuple(
        Judgement(post.id, ODD_INTENTIONS[0].id, text, text)
        for post, text in zip(ODD_POSTS, ODD_TEXTS, strict=True)
    ),
    mentions=tuple(
        Mentions(post.id, concept.id, aspect, text)
        for post, concept, aspect, text in zip(
            ODD_POSTS, ODD_CONCEPTS, tuple(Aspect)[-len(ODD_TEXTS) :], ODD_TEXTS, strict=True
        )
    ),
    about=tuple(
        About(intention.id, concept.id, "lemma", 1 / 3)
        for intention, concept in zip(ODD_INTENTIONS, ODD_CONCEPTS, strict=True)
    ),
    related=tuple(
        Related(ODD_CONCEPTS[0].id, text, concept.id, text, 1e10, text)
        for concept, text in zip(ODD_CONCEPTS, ODD_TEXTS, strict=True)
    ),
)
"""Every kind of node and relationship, some judged of what the post does not have."""


def nothing(done: int, total: int | None) -> None:
    """Show no progress."""


async def exported(store: GraphStore, folder: Path) -> dict[str, bytes]:
    """Return the bytes of an export's files, by name."""
    await export(store, folder, AdminFiles, progress=nothing)
    return {path.name: path.read_bytes() for path in sorted(folder.iterdir())}
