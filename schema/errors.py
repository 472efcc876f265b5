"""Every error a caller may catch.

MikoError
├── InputError                 what came from outside is wrong
│   ├── OptionError            an option of a command that has a wrong value
│   ├── RecordError            one row of a file: line, field and reason
│   ├── FormatError            a file of no known format
│   ├── QueryError             a search or a traversal that asks for the impossible
│   │   ├── UnknownIdError     an id that names no node
│   │   │   └── WrongKindError     an id of another kind of node than is asked for
│   │   └── StaleCursorError   a page whose ranking has changed since
│   └── ModelLoadError         an embedding model that cannot be loaded
├── GeneratorError             a language model cannot be asked
│   ├── NoAnswerError          to one prompt; others may be answered
│   ├── GeneratorDeniedError   the endpoint wants another key
│   ├── GeneratorNotFoundError     no such endpoint, or no such model there
│   └── GeneratorUnreachableError  it does not answer, or fails at everything
│       └── EngineEndedError   the engine of this process has ended; another may answer
├── ClusterError               a Ray cluster that is not there, or fails
└── StoreError                 the graph cannot answer
    ├── NodeNotFoundError      a relationship whose node is not there
    ├── TextConflictError      an id that is taken by another text
    ├── DeletedPostError       an id whose post was deleted here
    ├── EmbeddingModelError    vectors of another model than the graph's
    ├── StoreUnreadableError   no graph, a damaged one, or one of a newer version
    │   └── StoreUnreachableError  a server that does not answer, or not yet
    ├── StoreBusyError         another process is writing
    ├── StoreFullError         no room on the disk
    ├── TimeLimitError         the answer took too long
    └── ServerStartError       a Neo4j server that cannot be started here, or has ended
"""


class MikoError(Exception):
    """Anything this project raises on purpose; its message says what to do."""


class InputError(MikoError):
    """What came from outside is wrong."""


class OptionError(InputError):
    """An option of a command is wrong.

    Attributes:
        name: The option, as in ``--engine-args``.
        reason: What is wrong with it.
    """

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(f"{name}: {reason}")
        self.name = name
        self.reason = reason


class RecordError(InputError):
    """One row of a file cannot be read.

    Attributes:
        field: The field that is wrong, or an empty string for the row as a whole.
        reason: What is wrong with it.
    """

    def __init__(self, field: str, reason: str) -> None:
        super().__init__(f"{field}: {reason}" if field else reason)
        self.field = field
        self.reason = reason


class FormatError(InputError):
    """A file is in no format that can be loaded."""


class QueryError(InputError):
    """A search or a traversal asks for what cannot be."""


class UnknownIdError(QueryError):
    """An id names no node."""

    def __init__(self, node_id: str) -> None:
        super().__init__(
            f"no node has the id {node_id!r}: a post is 'source:id', a concept '/c/en/word', "
            "an intention 16 letters and digits as search prints them"
        )
        self.node_id = node_id


class WrongKindError(UnknownIdError):
    """An id is of another kind of node than is asked for.

    Attributes:
        kind: The label that the id has the form of.
        wanted: The label that is asked for.
    """

    def __init__(self, node_id: str, kind: str, wanted: str) -> None:
        QueryError.__init__(
            self, f"{node_id!r} is an id of type {kind}: here one of type {wanted} is asked for"
        )
        self.node_id = node_id
        self.kind = kind
        self.wanted = wanted


class StaleCursorError(QueryError):
    """The ranking behind a page has changed: the graph was written to since, or embedded anew.

    Attributes:
        seen: The version of the graph that the cursor is of.
        now: The graph's version, as far as it was looked at.
    """

    def __init__(self, seen: int, now: int, *, why: str = "") -> None:
        moved = f"the cursor is of version {seen} of the graph, which is now at {now}"
        super().__init__(f"{why or moved}: ask for the first page again")
        self.seen = seen
        self.now = now


class ModelLoadError(InputError):
    """An embedding model cannot be loaded."""


class GeneratorError(MikoError):
    """A language model cannot be asked."""


class NoAnswerError(GeneratorError):
    """There is no answer to one prompt; its message holds nothing of the prompt."""


class GeneratorDeniedError(GeneratorError):
    """An endpoint refuses the key, or wants one."""


class GeneratorNotFoundError(GeneratorError):
    """There is no chat endpoint at the address, or no such model."""


class GeneratorUnreachableError(GeneratorError):
    """An endpoint does not answer, or fails at everything: the same may succeed later."""


class EngineEndedError(GeneratorUnreachableError):
    """The engine of this process has ended; one that is begun anew may answer."""


class ClusterError(MikoError):
    """A Ray cluster is not there, or fails at everything."""


class StoreError(MikoError):
    """The graph cannot answer."""


class NodeNotFoundError(StoreError):
    """A relationship names a node that is neither in the graph nor in its batch."""

    def __init__(self, node_id: str) -> None:
        super().__init__(f"the node {node_id!r} is not in the graph: write it first, or with it")
        self.node_id = node_id


class TextConflictError(StoreError):
    """A post's id is taken by a post with another text."""

    def __init__(self, node_id: str) -> None:
        super().__init__(f"the id {node_id!r} is taken by a post with another text")
        self.node_id = node_id


class DeletedPostError(StoreError):
    """A post was deleted from this graph, and stays so until it is allowed again.

    Attributes:
        node_id: Its id.
        time: When it was deleted, ISO 8601, UTC.
    """

    def __init__(self, node_id: str, time: str) -> None:
        super().__init__(
            f"the post {node_id!r} was deleted at {time}: nothing of it is here; a load by `miko "
            "load FILES... --allow-deleted` lets it in again"
        )
        self.node_id = node_id
        self.time = time


class EmbeddingModelError(StoreError):
    """The graph was embedded by another model."""

    def __init__(self, stored: str, asked: str) -> None:
        super().__init__(
            f"the graph was embedded by {stored}, this is {asked}: set MIKO_EMBEDDER_MODEL to the "
            "first, or embed anew by `miko embed --replace`"
        )
        self.stored = stored
        self.asked = asked


class StoreUnreadableError(StoreError):
    """There is no graph at the address, or it cannot be read."""


class StoreUnreachableError(StoreUnreadableError):
    """The server of the graph does not answer: the same may succeed in a moment."""


class StoreBusyError(StoreError):
    """Another process is writing to the graph."""


class StoreFullError(StoreError):
    """The disk is full; what was committed before is safe."""


class TimeLimitError(StoreError):
    """The answer took longer than its limit."""


class ServerStartError(StoreError):
    """A Neo4j server cannot be started on this machine, or ended by itself."""
