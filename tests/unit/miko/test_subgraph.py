"""`miko subgraph`: a file that loads again, of its owner alone, and what is refused."""

import hashlib
import stat
from pathlib import Path

import orjson
from contract.small_graph import AMUSED, CAKE_POST, TRAIN_POST
from unit.miko.asking import answered, miko


def test_a_subgraph_is_written_and_loaded_again(graph: str) -> None:
    told = miko("subgraph", AMUSED.id, "--posts", "1", "--out", "part.jsonl", "--store", graph)

    manifest, *lines = Path("part.jsonl").read_bytes().splitlines(keepends=True)
    assert told.exit_code == 0
    assert told.stdout == ""
    assert orjson.loads(manifest)["sha256"] == hashlib.sha256(b"".join(lines)).hexdigest()
    assert "1 intentions have more posts than --posts allows" in told.stderr
    assert "the licence of 1 posts is unknown to the graph" in told.stderr
    assert stat.S_IMODE(Path("part.jsonl").stat().st_mode) == 0o600
    assert miko("load", "part.jsonl", "--store", "sqlite:///other.db").exit_code == 0
    assert answered("stats", "--store", "sqlite:///other.db")["nodes"]["Post"] == 1


def test_a_subgraph_goes_to_standard_output(graph: str) -> None:
    told = miko("subgraph", "--source", "rail", "--source", "food", "--store", graph)

    rows = [orjson.loads(line) for line in told.stdout.splitlines()]
    posts = [row["id"] for row in rows if row.get("type") == "Post"]
    assert posts == [CAKE_POST.id, TRAIN_POST.id]
    assert rows[0]["counts"]["Post"] == 2


def test_a_file_that_is_there_is_kept(graph: str) -> None:
    Path("work.jsonl").write_text("somebody's work")

    refused = miko("subgraph", AMUSED.id, "--out", "work.jsonl", "--store", graph)

    assert refused.exit_code == 1
    assert "name another file by --out" in refused.stderr
    assert Path("work.jsonl").read_text() == "somebody's work"


def test_a_draft_that_is_a_link_is_not_followed(graph: str) -> None:
    Path("other").write_text("somebody's work")
    Path("part.jsonl.draft").symlink_to("other")

    assert miko("subgraph", AMUSED.id, "--out", "part.jsonl", "--store", graph).exit_code == 0

    assert Path("other").read_text() == "somebody's work"
    assert not Path("part.jsonl").is_symlink()


def test_what_names_no_node_is_told(graph: str) -> None:
    refused = miko("subgraph", "pets:none", "--store", graph)

    assert refused.exit_code == 1
    assert "no node has the id" in refused.stderr
    assert refused.stdout == ""
