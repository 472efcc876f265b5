"""``miko query``: GraphQL without a server."""

import json
from pathlib import Path

import pytest
from contract.small_graph import DOG_POST, HOME
from typer.testing import CliRunner
from unit.miko.asking import miko

from miko.cli import app

SEVERAL = """query Posts { posts { edges { node { key } } } }
query One($id: ID!) { post(id: $id) { text } }"""


def test_a_text_is_answered_as_a_server_answers_it(graph: str) -> None:
    result = miko("query", "{ posts { totalCount edges { node { key } } } }", "--store", graph)

    posts = json.loads(result.stdout)["data"]["posts"]
    assert result.exit_code == 0
    assert posts["totalCount"] == 3
    assert [edge["node"]["key"] for edge in posts["edges"]] == ["food:3", "pets:1", "rail:2"]


def test_a_file_is_read_with_variables_and_the_operations_name(graph: str, folder: Path) -> None:
    (folder / "several.graphql").write_text(SEVERAL, "utf-8")
    variables = json.dumps({"id": DOG_POST.id})

    result = miko(
        "query",
        "several.graphql",
        *("--operation", "One"),
        *("--variables", variables),
        *("--store", graph),
    )

    assert json.loads(result.stdout) == {"data": {"post": {"text": DOG_POST.text}}}


def test_standard_input_is_read(graph: str) -> None:
    arguments = ["query", "-", "--store", graph]

    result = CliRunner().invoke(
        app, arguments, input=f'{{ intention(id: "{HOME.id}") {{ text }} }}'
    )

    assert json.loads(result.stdout) == {"data": {"intention": {"text": HOME.text}}}


def test_an_answer_with_errors_is_printed_and_is_exit_code_1(graph: str) -> None:
    query = '{ similarPosts(id: "pets:404") { edges { cursor } } relations { relation } }'

    result = miko("query", query, "--store", graph)

    answer = json.loads(result.stdout)
    assert result.exit_code == 1
    assert answer["data"]["similarPosts"] is None
    assert len(answer["data"]["relations"]) == 10
    assert answer["errors"][0]["extensions"]["code"] == "UNKNOWN_ID"
    assert result.stderr.startswith("miko: no node has the id 'pets:404'")


@pytest.mark.parametrize(
    ("arguments", "message", "exit_code"),
    [
        (("{ nothing }",), "Cannot query field 'nothing'", 1),
        (("{ posts(first: 100) { " + "a: totalCount " * 400 + "} }",), "more than 1000 tokens", 1),
        ((SEVERAL,), "name one of them by operationName", 1),
        ((SEVERAL, "--operation", "Two"), "there is no operation 'Two'", 1),
        (('mutation { deletePost(id: "pets:1") { time } }',), "the graph is only read here", 1),
        (('{ searchPosts(text: "home") { totalCount } }',), "was embedded by axes@1", 1),
        (("gone.graphql",), "is no document and no file of one", 2),
        (("{ stats { version } }", "--variables", "{"), "--variables is not JSON", 2),
        (("{ stats { version } }", "--variables", "[]"), "must be a JSON object", 2),
    ],
)
def test_what_cannot_be_answered_says_why(
    graph: str, arguments: tuple[str, ...], message: str, exit_code: int
) -> None:
    result = miko("query", *arguments, "--store", graph)

    assert message in result.stderr
    assert result.exit_code == exit_code
