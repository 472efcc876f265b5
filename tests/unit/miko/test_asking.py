"""The commands that ask the graph, on the contract suite's small one."""

from pathlib import Path

import pytest
from contract.small_graph import (
    AMUSED,
    ANNOYED,
    BATCH,
    CAKE_POST,
    DOG,
    DOG_POST,
    HOME,
    PET,
    TRAIN_POST,
)
from unit.miko.asking import answered, miko


def test_search_by_text_finds_intentions_by_their_words(graph: str) -> None:
    (hit,) = answered("search", "a home", "--mode", "text", "--store", graph)

    assert hit.pop("relevance") > 0
    assert hit == {"id": HOME.id, "relation": "xWant", "text": "find a home for the dog"}


@pytest.mark.parametrize(
    ("kind", "text", "found"),
    [
        ("post", "late train", [TRAIN_POST.id]),
        ("post", "brown", [DOG_POST.id]),
        ("concept", "dog", [DOG.id]),
        ("concept", "nothing of the kind", []),
    ],
)
def test_search_finds_each_kind_of_node(graph: str, kind: str, text: str, found: list[str]) -> None:
    hits = answered("search", text, "--kind", kind, "--mode", "text", "--store", graph)

    assert [hit["id"] for hit in hits] == found


@pytest.mark.parametrize(
    ("option", "value", "found", "passing"),
    [
        ("--relation", "xWant", [DOG_POST.id], 1),
        ("--relation", "oReact", [TRAIN_POST.id], 2),
        ("--source", "rail", [TRAIN_POST.id], 1),
        ("--label", "sarcastic=0", [DOG_POST.id], 1),
        ("--hashtag", "#AdoptDontShop", [DOG_POST.id], 1),
        ("--concept", "train", [TRAIN_POST.id], 1),
        ("--concept", "/c/en/shelter", [DOG_POST.id], 1),
        ("--emotion", "Anger", [TRAIN_POST.id], 1),
        ("--emotion", "joy", [], 0),
    ],
)
def test_search_and_stats_take_the_same_filters(
    graph: str, option: str, value: str, found: list[str], passing: int
) -> None:
    words = ("search", "home train", "--kind", "post", "--mode", "text")

    hits = answered(*words, option, value, "--store", graph)
    counted = answered("stats", option, value, "--store", graph)["nodes"]

    assert [hit["id"] for hit in hits] == found
    assert counted["Post"] == passing


def test_a_filter_may_be_repeated(graph: str) -> None:
    passing = answered("stats", "-r", "xWant", "-r", "xReact", "--store", graph)["nodes"]

    assert (passing["Post"], passing["Intention"]) == (2, 2)


def test_similar_ranks_the_other_nodes_of_the_kind(graph: str) -> None:
    hits = answered("similar", HOME.id, "--store", graph)

    assert [hit["similarity"] for hit in hits] == [0.0] * 3
    assert HOME.id not in {hit["id"] for hit in hits}


def test_no_more_results_come_than_are_asked_for(graph: str) -> None:
    assert len(answered("similar", HOME.id, "-k", "1", "--store", graph)) == 1


def test_posts_show_the_intention_that_made_them_results(graph: str) -> None:
    assert answered("posts", "--relation", "xReact", "--store", graph) == [
        {
            "id": TRAIN_POST.id,
            "text": TRAIN_POST.text,
            "relation": "xReact",
            "intention": ANNOYED.text,
        }
    ]


def test_paths_say_in_words_how_two_nodes_hang_together(graph: str) -> None:
    first, *_ = answered("paths", DOG_POST.id, PET.id, "--store", graph)

    assert first["nodes"] == [DOG_POST.id, DOG.id, PET.id]
    assert 0 < first["confidence"] <= 1
    assert "pet" in first["path"]


def test_paths_without_an_end_lead_to_nodes_of_a_kind(graph: str) -> None:
    found = answered("paths", CAKE_POST.id, "--to-kind", "post", "--store", graph)

    assert {path["nodes"][-1] for path in found} == {TRAIN_POST.id}


def test_paths_take_the_filters(graph: str) -> None:
    to_posts = ("paths", AMUSED.id, "--to-kind", "post", "--hops", "1", "--store", graph)

    every, of_rail = answered(*to_posts), answered(*to_posts, "--source", "rail")

    assert {path["nodes"][-1] for path in every} == {CAKE_POST.id, TRAIN_POST.id}
    assert [path["nodes"][-1] for path in of_rail] == [TRAIN_POST.id]


def test_paths_keep_within_their_bounds(graph: str) -> None:
    along = ("--along", "RELATED", "--commonsense", "AtLocation")

    assert answered("paths", DOG_POST.id, PET.id, "--hops", "1", "--store", graph) == []
    assert answered("paths", DOG.id, PET.id, *along, "--store", graph) == []


def test_stats_count_everything(graph: str) -> None:
    found = answered("stats", "--store", graph)

    assert found["nodes"] == {"Post": 3, "Intention": 4, "Concept": 5, "Run": 1}
    assert found["relationships"] == {"HAS_INTENTION": 5, "MENTIONS": 3, "ABOUT": 2, "RELATED": 2}
    assert found["posts_by_source"] == {"food": 1, "pets": 1, "rail": 1}
    assert found["judgements"] == len(BATCH.judgements)
    assert found["embedding_model"] == "axes@1 (4 dimensions)"


def test_reindex_changes_no_answer(graph: str) -> None:
    before = answered("search", "home", "--mode", "text", "--store", graph)

    result = miko("reindex", "--store", graph)

    assert (result.exit_code, result.stdout) == (0, "The indexes are built.\n")
    assert answered("search", "home", "--mode", "text", "--store", graph) == before


@pytest.mark.parametrize(
    ("arguments", "shown"),
    [
        (("search", "home", "--mode", "text"), "find a home for the dog"),
        (("search", "zebra", "--mode", "text"), "Nothing found."),
        (("similar", HOME.id), "annoyed"),
        (("posts", "--relation", "oWant"), "visit the bakery"),
        (("paths", DOG_POST.id, PET.id), "confidence"),
        (("paths", CAKE_POST.id, PET.id, "--hops", "1"), "No path within these bounds."),
        (("stats",), "embedding model: axes@1 (4 dimensions)"),
        (("stats", "--source", "pets"), "Post"),
    ],
)
def test_without_json_a_person_can_read_it(
    graph: str, arguments: tuple[str, ...], shown: str
) -> None:
    result = miko(*arguments, "--store", graph)

    assert result.exit_code == 0
    assert shown in result.stdout


def test_a_post_gives_the_terminal_no_orders(folder: Path) -> None:
    (folder / "posts.jsonl").write_text('{"id": "pets:1", "text": "Rex \\u001b]0;mine\\u0007"}')
    miko("load", "posts.jsonl")

    result = miko("search", "rex", "--kind", "post", "--mode", "text")

    assert "Rex \ufffd]0;mine\ufffd" in result.stdout


def test_markup_in_a_post_is_text(folder: Path) -> None:
    post = '{"id": "pets:1", "text": "[red]Meet[/red] Rex [/bold]"}'
    (folder / "posts.jsonl").write_text(post)
    miko("load", "posts.jsonl")

    result = miko("search", "rex", "--kind", "post", "--mode", "text")

    assert "[red]Meet[/red] Rex [/bold]" in result.stdout


def test_the_graph_is_miko_db_here_or_the_one_that_the_environment_names(
    graph: str, folder: Path
) -> None:
    (folder / "posts.jsonl").write_text('{"id": "pets:1", "text": "Meet Rex"}')

    miko("load", "posts.jsonl")
    elsewhere = miko("stats", "--source", "rail", "--json", MIKO_STORE_URL=graph)

    assert answered("stats")["posts_by_source"] == {"pets": 1}
    assert (folder / "miko.db").exists()
    assert '"Post": 1' in elsewhere.stdout


def test_a_search_explains_itself_on_standard_error(graph: str) -> None:
    result = miko("similar", HOME.id, "--relation", "xWant", "--explain", "--store", graph)

    assert result.exit_code == 0
    assert "plan: selected; about 1 of 4 nodes pass (25.00%)" in result.stderr
    assert "plan" not in result.stdout


def test_setup_says_what_is_there_and_changes_nothing(graph: str) -> None:
    miko("setup", "--store", graph)

    told, lines = answered("setup", "--store", graph), miko("setup", "--store", graph).stdout

    assert (told["made"], told["migrated"]) == ([], [])
    assert "intention.faiss" in told["there"]
    assert lines == f"there: {', '.join(told['there'])}\n"
