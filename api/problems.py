"""What a caller would act on, as types: errors as data, for ``attempt`` (decision 18)."""

import strawberry

from api.errors import told
from schema.errors import (
    EmbeddingModelError,
    InputError,
    MikoError,
    StaleCursorError,
    StoreBusyError,
    StoreUnreachableError,
    TimeLimitError,
    UnknownIdError,
    WrongKindError,
)
from schema.nodes import NodeKind


@strawberry.interface(description="Why there is no answer, of whatever kind.")
class Problem:
    """A problem that a caller may act on."""

    message: str = strawberry.field(description="What is wrong, and the way out, for a person.")


@strawberry.type(
    description="The cursor is of another version of the graph, or of another embedding model: ask "
    "for the first page again."
)
class GraphMovedOn(Problem):
    """A page that cannot be continued."""

    seen: int = strawberry.field(description="The version of the graph that the cursor is of.")
    now: int = strawberry.field(
        description="The version that it has now; the same where only the model is another."
    )


@strawberry.type(description="No node has the id: it was deleted, mistyped, or is none.")
class UnknownNode(Problem):
    """An id that names nothing."""

    key: str = strawberry.field(description="The id, as the domain's own.")


@strawberry.type(description="The id is of another kind of node than is asked for.")
class WrongKind(Problem):
    """An id that names something else."""

    key: str = strawberry.field(description="The id, as the domain's own.")
    kind: NodeKind = strawberry.field(description="The kind of node that it is of.")
    wanted: NodeKind = strawberry.field(description="The kind that is asked for.")


@strawberry.type(description="What is asked cannot be: correct the arguments that it names.")
class Refused(Problem):
    """A question that is wrong in itself."""


@strawberry.type(
    description="The graph was embedded by another model than the server has. To ask again is "
    "useless until whoever runs it embeds the graph anew, or serves it with its own model; a "
    "search by words (TEXT) works meanwhile."
)
class ModelMismatch(Problem):
    """Embeddings that cannot be compared."""

    embedded_by: str = strawberry.field(description="The graph's model.")
    served_by: str = strawberry.field(description="The server's.")


@strawberry.type(
    description="The graph cannot answer now: it is written to, does not answer, or took too long. "
    "Ask again in a moment."
)
class Unavailable(Problem):
    """A failure that passes."""


def problem_of(error: MikoError) -> Problem | None:
    """Return an error as data; None where no caller can do anything about it."""
    match error:
        case StaleCursorError():
            return GraphMovedOn(message=_said(error), seen=error.seen, now=error.now)
        case WrongKindError():
            kind, wanted = NodeKind(error.kind), NodeKind(error.wanted)
            return WrongKind(message=_said(error), key=error.node_id, kind=kind, wanted=wanted)
        case UnknownIdError():
            return UnknownNode(message=_said(error), key=error.node_id)
        case InputError():
            return Refused(message=_said(error))
        case EmbeddingModelError():
            return ModelMismatch(
                message=_said(error), embedded_by=error.stored, served_by=error.asked
            )
        case StoreBusyError() | StoreUnreachableError() | TimeLimitError():
            return Unavailable(message=_said(error))
        case _:
            return None


def _said(error: MikoError) -> str:
    """Return the message for a caller; asked of problems only, since it logs what it hides."""
    message, _ = told(error)
    return message
