"""No Cypher is built from text: every statement is a literal, and what varies is a parameter.

Pyright holds it by types (LiteralString); this holds it where somebody silences pyright.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import kg.neo4j

FILES = sorted(Path(kg.neo4j.__path__[0]).glob("*.py"))
CLAUSE = re.compile(r"\b(MATCH|MERGE|CREATE|UNWIND|RETURN|CALL|WHERE|SHOW|DROP)\b")
TREES = {file.name: ast.parse(file.read_text("utf-8")) for file in FILES}
LITERAL = "LiteralString"


def declared(tree: ast.AST) -> Iterator[str]:
    """Yield the names that are declared as literals, or as what holds some."""
    for node in ast.walk(tree):
        match node:
            case ast.AnnAssign(target=ast.Name(id=name), annotation=annotation):
                typed = annotation
            case ast.arg(arg=name, annotation=ast.expr() as annotation):
                typed = annotation
            case ast.FunctionDef(name=name, returns=ast.expr() as annotation):
                typed = annotation
            case _:
                continue
        if LITERAL in ast.unparse(typed):
            yield name


def words(tree: ast.AST) -> Iterator[str]:
    """Yield the constants that are a text, and need not be Cypher."""
    for node in ast.walk(tree):
        match node:
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.Constant(value=str())):
                yield name
            case _:
                pass


def fields(tree: ast.AST) -> Iterator[str]:
    """Yield the fields of classes that are declared as literals."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ClassDef):
            for field in node.body:
                if isinstance(field, ast.AnnAssign):
                    yield from declared(ast.Module([field], []))


FIELDS = {name for tree in TREES.values() for name in fields(tree)}
STATEMENTS = {name for tree in TREES.values() for name in declared(tree) if name.isupper()}
WORDS = {name for tree in TREES.values() for name in words(tree) if name.isupper()}


def drawn(tree: ast.AST, literal: set[str]) -> Iterator[str]:
    """Yield the names that stand for literals without a word: of a loop, or of an assignment."""
    for node in ast.walk(tree):
        match node:
            case ast.comprehension(target=target, iter=held):
                if {n.id for n in ast.walk(held) if isinstance(n, ast.Name)} & literal:
                    yield from (n.id for n in ast.walk(target) if isinstance(n, ast.Name))
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Name() as value):
                if is_literal(value, literal):
                    yield name
            case _:
                pass


def is_literal(node: ast.AST, literal: set[str]) -> bool:
    """Whether a text is made of literals alone."""

    def all_are(*nodes: ast.AST) -> bool:
        return all(is_literal(one, literal) for one in nodes)

    match node:
        case ast.Constant():
            return True
        case ast.Name(id=name):
            return name in literal
        case ast.Attribute(attr=name):
            return name in literal | FIELDS
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return all_are(left, right)
        case ast.IfExp(body=left, orelse=right):
            return all_are(left, right)
        case ast.Subscript(value=held):
            return all_are(held)
        case ast.Call(
            func=ast.Attribute(value=text, attr="join" | "replace" | "rstrip" | "removeprefix"),
            args=args,
        ):
            return all_are(text, *args)
        case ast.Call(func=ast.Name(id=name)):
            return name in literal
        case ast.List(elts=elements) | ast.Tuple(elts=elements):
            return all_are(*elements)
        case ast.GeneratorExp(elt=element) | ast.ListComp(elt=element):
            return all_are(element)
        case _:
            return False


def built(tree: ast.AST) -> list[str]:
    """Return the Cypher that values are put into."""
    literal = STATEMENTS | WORDS | set(declared(tree))
    for _ in range(2):  # one may be drawn from another
        literal |= set(drawn(tree, literal))
    statements = STATEMENTS | set(drawn(tree, STATEMENTS))
    return [
        ast.unparse(text)
        for text in map(made, ast.walk(tree))
        if text is not None and is_cypher(text, statements) and not is_literal(text, literal)
    ]


def made(node: ast.AST) -> ast.expr | None:
    """Return an expression that makes one text of several."""
    match node:
        case ast.AugAssign(target=ast.Name(id=name), op=op, value=value):
            return ast.BinOp(ast.Name(name), op, value)
        case ast.JoinedStr() | ast.BinOp(op=ast.Add() | ast.Mod()):
            return node
        case ast.Call(func=ast.Attribute(attr="join" | "format" | "replace" | "format_map")):
            return node
        case _:
            return None


def is_cypher(node: ast.AST, statements: set[str]) -> bool:
    """Whether a clause is among the parts of a text, or a constant that holds one."""
    match node:
        case ast.Constant(value=str() as text):
            return bool(CLAUSE.search(text))
        case ast.Name(id=name):
            return name in statements
        case ast.BinOp(left=left, right=right):
            return is_cypher(left, statements) or is_cypher(right, statements)
        case ast.Call(func=ast.Attribute(value=text), args=args):
            return any(is_cypher(part, statements) for part in (text, *args))
        case ast.JoinedStr(values=parts) | ast.List(elts=parts) | ast.Tuple(elts=parts):
            return any(is_cypher(part, statements) for part in parts)
        case ast.GeneratorExp(elt=part) | ast.ListComp(elt=part) | ast.Subscript(value=part):
            return is_cypher(part, statements)
        case _:
            return False


@pytest.mark.parametrize("name", TREES)
def test_no_value_is_put_into_cypher(name: str) -> None:
    assert built(TREES[name]) == []


@pytest.mark.parametrize(
    "statement",
    [
        'f"MATCH (n:{label}) RETURN n"',
        '"MATCH (n:{}) RETURN n".format(label)',
        '"MATCH (n:%s) RETURN n" % label',
        '"MATCH (n:" + label + ") RETURN n"',
        '" UNION MATCH ".join(labels)',
        '"MATCH (n) WHERE " + " AND ".join(given for given in conditions)',
        "POSTS + condition",
        "POSTS + given.condition",
        "POSTS; query = POSTS; query += condition",
        "POSTS.format(label)",
        "POSTS % label",
        'POSTS.replace("Post", label)',
        '" ".join([POSTS, condition])',
        '"MATCH (n:" + LABEL[kind] + ") WHERE n.text = \'" + text + "\'"',
    ],
)
def test_a_value_in_cypher_is_seen(statement: str) -> None:
    assert built(ast.parse(f"query = {statement}")) != []


def test_nobody_calls_a_text_a_literal() -> None:
    casts = re.compile(r"\bcast\([^)]*LiteralString|pyright: ignore(?!\[report(Private|Unknown))")

    assert [file.name for file in FILES if casts.search(file.read_text("utf-8"))] == []
