"""An exported subgraph (schema.subgraph): its manifest, then a node or a relationship a line."""

from collections.abc import Iterator

from pydantic import ValidationError

from ingest.formats.fields import Fields, json_object
from ingest.formats.format import Line, Parsed, Rejected, Row
from ingest.formats.record import rejections
from schema.errors import RecordError
from schema.subgraph import FORMAT, LINES, WrongIdError
from schema.subgraph import Line as SubgraphLine


class SubgraphFormat:
    """``{"format": "miko-subgraph/1", …}``, then ``{"type": "Post", "id": …}`` and others."""

    name = "subgraph"

    def recognises(self, line: str) -> bool:
        try:
            fields = json_object(line)
        except RecordError:
            return False
        return fields.get("format") == FORMAT or _model(fields) is not None

    def rows(self, line: Line) -> Iterator[Row]:
        try:
            yield from _rows(line)
        except ValidationError as error:
            yield from rejections(line.number, error)
        except RecordError as error:
            yield Rejected(line.number, error.field, error.reason)
        except WrongIdError:
            yield Rejected(line.number, "id", "is not the hash of what the line holds")


def _rows(line: Line) -> Iterator[Row]:
    fields = json_object(line.text)
    if fields.get("format") == FORMAT:  # the manifest says nothing that is not below it
        return
    model = _model(fields)
    if model is None:
        raise RecordError("type", f"is none of {', '.join(LINES)}")
    yield Parsed(line.number, model.model_validate_json(line.text).batch())


def _model(fields: Fields) -> type[SubgraphLine] | None:
    named = fields.get("type")
    return LINES.get(named) if isinstance(named, str) else None
