"""No Cypher is built from text: every statement is a literal, and what varies is a parameter.

Pyright holds it by types (LiteralString); this holds it where somebody silences pyright.
"""

import ast
import re
from pathlib import Path

import pytest

import kg.neo4j

FILES = sorted(Path(kg.neo4j.__path__[0]).glob("*.py"))
CLAUSE = re.compile(r"\b(MATCH|MERGE|CREATE|UNWIND|RETURN|CALL|WHERE|SHOW|DROP)\b")


def built(tree: ast.AST) -> list[str]:
    """Return the texts that values are put into."""
    pieces: list[ast.AST] = []
    for node in ast.walk(tree):
        match node:
            case ast.JoinedStr():
                pieces.append(node)
            case ast.Call(func=ast.Attribute(value=ast.Constant() as text, attr="format")):
                pieces.append(text)
            case ast.BinOp(left=ast.Constant(value=str()) as text, op=ast.Mod()):
                pieces.append(text)
            case _:
                pass
    return [ast.unparse(piece) for piece in pieces]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_no_value_is_put_into_cypher(file: Path) -> None:
    texts = built(ast.parse(file.read_text("utf-8")))

    assert [text for text in texts if CLAUSE.search(text)] == []
