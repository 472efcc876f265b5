"""The first command of a new user, with the real model, in a process of its own."""

import json
from pathlib import Path

import pytest
from unit.miko.asking import answered, miko, python

from api import command
from miko import demo
from miko.demo import QUERY


@pytest.mark.parametrize(("options", "port"), [((), None), (("--port", "9000"), 9000)])
def test_the_demo_leaves_the_port_to_the_settings_unless_told(
    monkeypatch: pytest.MonkeyPatch, options: tuple[str, ...], port: int | None
) -> None:
    served: list[tuple[int | None, str]] = []

    def nothing_found(_question: object) -> list[object]:
        return []

    def serve(port: int | None, store: str) -> None:
        served.append((port, store))

    monkeypatch.setattr(demo, "answer", nothing_found)
    monkeypatch.setattr(command, "serve", serve)

    miko("demo", *options)

    assert served == [(port, "sqlite:///demo/miko.db")]


def test_the_demo_answers_its_question_from_the_sample(folder: Path) -> None:
    result = python("-m", "miko", "demo", "--no-serve", "--json")

    hits = json.loads(result.stdout)
    found = answered("stats", "--store", "sqlite:///demo/miko.db")
    assert result.returncode == 0
    assert f'miko search "{QUERY}" --store sqlite:///demo/miko.db' in result.stderr
    assert [hit["score"] for hit in hits] == sorted((h["score"] for h in hits), reverse=True)
    assert (len(hits), "event" in str(hits)) == (5, True)
    assert found["posts_by_source"] == {"sample": 60}
    assert list(found["has_intention_by_relation"].values()) == [60] * 10
    assert found["embedded"] | {"Run": found["nodes"]["Run"]} == found["nodes"]
    assert found["relationships"]["ABOUT"] > found["nodes"]["Intention"]
    assert not (folder / "demo/rejects.jsonl").exists()
