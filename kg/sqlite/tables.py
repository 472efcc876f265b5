"""The tables of the embedded store.

Nodes have an integer ``key`` of the store's own beside their id; relationships and the derived
indexes name nodes by key. Each relationship table is clustered from one end and indexed from the
other (INDEXES) in the order in which a traversal follows it: falling confidence, then ``rank``,
the rank of the node at the far end (schema.text.rank_of).

``change`` is the log that gives the graph its version: a row names a range of keys that were
written, so that a derived index can catch up from what it has seen.
"""

from typing import Final, LiteralString

from schema.nodes import ConceptKind, NodeKind

SCHEMA_VERSION: Final = 2
APPLICATION_ID: Final = 0x4D494B4F  # "MIKO", where `file` and SQLite look for it

CONCEPT_KINDS: Final[tuple[ConceptKind, ...]] = tuple(ConceptKind)
KIND_PLACE: Final = {kind: place for place, kind in enumerate(CONCEPT_KINDS)}

TABLE: Final[dict[NodeKind, LiteralString]] = {
    NodeKind.POST: "post",
    NodeKind.INTENTION: "intention",
    NodeKind.CONCEPT: "concept",
}

SCHEMA: Final = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value ANY NOT NULL) WITHOUT ROWID;
CREATE TABLE change (
    version INTEGER PRIMARY KEY AUTOINCREMENT,
    subject TEXT NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL
);
CREATE TABLE run (key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, body TEXT NOT NULL);
CREATE TABLE post (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    rank INTEGER NOT NULL,
    source TEXT NOT NULL,
    text TEXT NOT NULL,
    image_description TEXT NOT NULL,
    images TEXT NOT NULL,
    hashtags TEXT NOT NULL,
    labels TEXT NOT NULL
);
CREATE TABLE post_hashtag (tag TEXT, post INTEGER, PRIMARY KEY (tag, post)) WITHOUT ROWID;
CREATE TABLE post_label (
    name TEXT, value TEXT, post INTEGER, PRIMARY KEY (name, value, post)
) WITHOUT ROWID;
CREATE TABLE intention (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    rank INTEGER NOT NULL,
    relation INTEGER NOT NULL,
    text TEXT NOT NULL
);
CREATE TABLE concept (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    rank INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    text TEXT NOT NULL
);
CREATE TABLE post_embedding (key INTEGER PRIMARY KEY, embedding BLOB NOT NULL);
CREATE TABLE intention_embedding (key INTEGER PRIMARY KEY, embedding BLOB NOT NULL);
CREATE TABLE concept_embedding (key INTEGER PRIMARY KEY, embedding BLOB NOT NULL);
CREATE TABLE has_intention (
    post INTEGER,
    intention INTEGER,
    run INTEGER,
    raw TEXT,  -- NULL where it is the intention's text
    plausibility REAL,
    confidence REAL NOT NULL,
    rank INTEGER NOT NULL,
    estimator INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (post, intention, run)
) WITHOUT ROWID;
CREATE TABLE judgement (
    post INTEGER,
    intention INTEGER,
    annotator TEXT,
    time TEXT,
    choice TEXT NOT NULL,
    PRIMARY KEY (post, intention, annotator, time)
) WITHOUT ROWID;
CREATE TABLE mentions (
    post INTEGER,
    concept INTEGER,
    aspect INTEGER,
    raw TEXT,
    run INTEGER,
    rank INTEGER NOT NULL,
    PRIMARY KEY (post, concept, aspect, raw, run)
) WITHOUT ROWID;
CREATE TABLE about (
    intention INTEGER,
    concept INTEGER,
    method TEXT,
    confidence REAL NOT NULL,
    rank INTEGER NOT NULL,
    PRIMARY KEY (intention, concept, method)
) WITHOUT ROWID;
CREATE TABLE related (
    head INTEGER,
    relation TEXT,
    tail INTEGER,
    source TEXT,
    weight REAL NOT NULL,
    licence TEXT NOT NULL,
    head_rank INTEGER NOT NULL,
    tail_rank INTEGER NOT NULL,
    PRIMARY KEY (head, relation, tail, source)
) WITHOUT ROWID;
"""

MIGRATIONS: Final[tuple[LiteralString, ...]] = (
    "ALTER TABLE has_intention ADD COLUMN estimator INTEGER NOT NULL DEFAULT 0",
)
"""What makes tables of version 1 those of version 2, and so on."""

INDEXES: Final[tuple[LiteralString, ...]] = (
    "CREATE INDEX IF NOT EXISTS post_of_source ON post (source)",
    "CREATE INDEX IF NOT EXISTS intention_of_relation ON intention (relation)",
    "CREATE INDEX IF NOT EXISTS has_intention_of_intention"
    " ON has_intention (intention, confidence DESC, rank)",
    "CREATE INDEX IF NOT EXISTS mentions_of_concept ON mentions (concept, rank, aspect)",
    "CREATE INDEX IF NOT EXISTS about_of_concept ON about (concept, confidence DESC, rank)",
    "CREATE INDEX IF NOT EXISTS related_of_head"
    " ON related (head, weight DESC, tail_rank, relation)",
    "CREATE INDEX IF NOT EXISTS related_of_tail"
    " ON related (tail, weight DESC, head_rank, relation)",
)
"""Made once the first load is in (Database.make_indexes): writing them row by row, in random
order, would cost that load 40 % more; afterwards they are kept up with every write."""
