"""What traversal promises, on every backend."""

import pytest
from contract.small_graph import (
    AMUSED,
    ANGER,
    BATCH,
    CAKE_POST,
    DOG,
    DOG_POST,
    HOME,
    PET,
    SHELTER,
    TRAIN,
)

from kg.hops import Ends, Hops
from kg.store import GraphStore
from kg.traversal import neighborhood, paths
from kg.wording import sentences
from schema.errors import QueryError, UnknownIdError
from schema.graph import Batch, Related, RelationshipType
from schema.nodes import Concept, Intention, NodeKind

pytestmark = pytest.mark.anyio


@pytest.fixture
async def graph(store: GraphStore) -> GraphStore:
    await store.put(BATCH)
    return store


async def test_a_neighborhood_holds_what_lies_within_its_hops(graph: GraphStore) -> None:
    seen = await neighborhood(graph, DOG_POST.id, Hops(2))

    assert seen.hops == {DOG_POST.id: 0, HOME.id: 1, DOG.id: 1, SHELTER.id: 2, PET.id: 2}
    assert set(seen.steps) == {DOG_POST.id, HOME.id, DOG.id}
    assert not seen.cut


async def test_only_the_types_and_relations_asked_for_are_followed(graph: GraphStore) -> None:
    related = frozenset({RelationshipType.RELATED})

    seen = await neighborhood(graph, DOG.id, Hops(1, related, frozenset({"IsA"})))

    assert seen.hops == {DOG.id: 0, PET.id: 1}


@pytest.mark.parametrize(
    ("asked", "found"), [({"a|b"}, {"/c/en/both"}), ({"a", "b"}, {"/c/en/one"})]
)
async def test_a_relation_is_a_name_whatever_its_characters(
    graph: GraphStore, asked: set[str], found: set[str]
) -> None:
    ends = [Concept.of("/c/en/both"), Concept.of("/c/en/one")]
    related = [
        Related(DOG.id, name, end.id, "conceptnet", 1.0)
        for name, end in zip(("a|b", "a"), ends, strict=True)
    ]
    await graph.put(Batch(concepts=tuple(ends), related=tuple(related)))

    seen = await neighborhood(
        graph, DOG.id, Hops(1, frozenset({RelationshipType.RELATED}), frozenset(asked))
    )

    assert seen.hops.keys() - {DOG.id} == found


async def test_the_fan_out_keeps_the_surest_and_says_that_it_cut(graph: GraphStore) -> None:
    related = frozenset({RelationshipType.RELATED})

    seen = await neighborhood(graph, DOG.id, Hops(1, related, fan_out=1))

    assert seen.hops == {DOG.id: 0, PET.id: 1}
    assert seen.cut == {"fan_out"}


async def test_the_frontier_keeps_the_surest_and_says_that_it_cut(graph: GraphStore) -> None:
    seen = await neighborhood(graph, HOME.id, Hops(1, frontier=1))

    assert seen.hops == {HOME.id: 0, DOG.id: 1}
    assert seen.cut == {"frontier"}


async def test_a_traversal_out_of_time_returns_what_it_has(graph: GraphStore) -> None:
    seen = await neighborhood(graph, DOG_POST.id, Hops(6, timeout_s=0.0))

    assert seen.hops == {DOG_POST.id: 0}
    assert seen.cut == {"time"}


async def test_paths_join_post_intention_concept_and_commonsense(graph: GraphStore) -> None:
    found = await paths(graph, DOG_POST.id, SHELTER.id, Hops(3))

    assert [(p.node_ids, round(p.confidence, 9)) for p in found.paths] == [
        ((DOG_POST.id, DOG.id, HOME.id, SHELTER.id), 0.504),
        ((DOG_POST.id, DOG.id, SHELTER.id), 0.4),
        ((DOG_POST.id, HOME.id, SHELTER.id), 0.35),
        ((DOG_POST.id, HOME.id, DOG.id, SHELTER.id), 0.225),
    ]


async def test_without_an_end_the_best_path_to_each_node_of_a_kind_is_given(
    graph: GraphStore,
) -> None:
    found = await paths(graph, CAKE_POST.id, None, Hops(2, ends=Ends(NodeKind.POST)))

    assert [p.node_ids for p in found.paths] == [(CAKE_POST.id, AMUSED.id, "rail:2")]


async def test_nodes_whose_best_path_ends_otherwise_are_left_out(graph: GraphStore) -> None:
    ends = Ends(NodeKind.CONCEPT, RelationshipType.RELATED)

    found = await paths(graph, DOG_POST.id, None, Hops(3, ends=ends))

    assert [p.node_ids for p in found.paths] == [(DOG_POST.id, DOG.id, PET.id)]


@pytest.mark.parametrize(
    ("ends", "last"),
    [
        (Ends(), HOME),
        (Ends(NodeKind.CONCEPT), PET),
        (Ends(last_type=RelationshipType.RELATED), PET),
        (Ends(NodeKind.INTENTION, RelationshipType.ABOUT), HOME),
    ],
)
async def test_of_the_last_hop_the_frontier_keeps_what_is_wanted(
    graph: GraphStore, ends: Ends, last: Intention | Concept
) -> None:
    seen = await neighborhood(graph, DOG_POST.id, Hops(2, frontier=1, ends=ends))

    assert seen.hops == {DOG_POST.id: 0, DOG.id: 1, last.id: 2}


@pytest.mark.parametrize("ends", [Ends(NodeKind.CONCEPT), Ends(last_type=RelationshipType.RELATED)])
async def test_a_path_to_a_node_asks_for_no_other_ends(graph: GraphStore, ends: Ends) -> None:
    with pytest.raises(QueryError, match=f"'{PET.id}': leave out toKind .* lastType, or that end"):
        await paths(graph, DOG_POST.id, PET.id, Hops(2, ends=ends))


@pytest.mark.parametrize(("overlap", "count"), [(0.0, 2), (0.5, 3), (1.0, 4)])
async def test_paths_share_no_more_of_their_inner_nodes_than_asked(
    graph: GraphStore, overlap: float, count: int
) -> None:
    # The third shares half of its nodes with either before, the fourth all of them with the third.
    ways = [(ANGER,), (TRAIN,), (ANGER, TRAIN), (TRAIN, ANGER)]
    related = [
        Related(PET.id, "IsA", ANGER.id, "s", 4.0),
        Related(PET.id, "IsA", TRAIN.id, "s", 3.0),
        Related(ANGER.id, "IsA", SHELTER.id, "s", 4.0),
        Related(TRAIN.id, "IsA", SHELTER.id, "s", 3.0),
        Related(ANGER.id, "IsA", TRAIN.id, "s", 2.0),
    ]
    await graph.put(Batch(related=tuple(related)))
    hops = Hops(3, relations=frozenset({"IsA"}), types=frozenset({RelationshipType.RELATED}))

    found = await paths(graph, PET.id, SHELTER.id, hops, overlap=overlap)

    assert [p.node_ids[1:-1] for p in found.paths] == [
        tuple(c.id for c in way) for way in ways[:count]
    ]
    assert not found.cut


async def test_a_search_among_too_many_says_that_it_was_cut(
    graph: GraphStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kg.overlap.PARTIAL_LIMIT", 1)

    found = await paths(graph, DOG_POST.id, SHELTER.id, Hops(3), overlap=0.5)

    assert found.cut == {"candidates"}


@pytest.mark.parametrize("overlap", [-0.1, 1.1, float("nan")])
async def test_an_overlap_is_a_part(graph: GraphStore, overlap: float) -> None:
    with pytest.raises(QueryError, match="0 to 1"):
        await paths(graph, DOG_POST.id, SHELTER.id, Hops(3), overlap=overlap)


async def test_an_overlap_needs_both_ends(graph: GraphStore) -> None:
    with pytest.raises(QueryError, match="name the other end"):
        await paths(graph, DOG_POST.id, None, Hops(3), overlap=0.5)


async def test_a_path_reads_as_a_sentence(graph: GraphStore) -> None:
    found = await paths(graph, DOG_POST.id, PET.id, Hops(2))

    (sentence,) = await sentences(graph, list(found.paths))

    assert sentence == (
        "the post “Meet Rex, he needs a home” shows “dog”; “dog” is a kind of “pet”."
    )


@pytest.mark.parametrize(
    ("hops", "message"),
    [
        (Hops(0), "hops 0: 1 to 6"),
        (Hops(7), "hops 7: 1 to 6"),
        (Hops(2, fan_out=0), "fan-out of 0"),
        (Hops(2, frontier=10**6), "frontier of 1000000"),
    ],
)
async def test_bounds_out_of_range_are_refused(graph: GraphStore, hops: Hops, message: str) -> None:
    with pytest.raises(QueryError, match=message):
        await neighborhood(graph, DOG.id, hops)


async def test_unknown_ends_and_no_way_at_all_are_told_apart(graph: GraphStore) -> None:
    await graph.put(Batch(concepts=(Concept.of("/c/en/lonely"),)))

    lonely = await paths(graph, DOG.id, "/c/en/lonely", Hops(6))

    assert lonely.paths == ()
    with pytest.raises(UnknownIdError, match="/c/en/gone"):
        await paths(graph, DOG.id, "/c/en/gone", Hops(2))
    with pytest.raises(QueryError, match="to itself"):
        await paths(graph, DOG.id, DOG.id, Hops(2))


async def test_an_end_behind_a_crowd_is_found_from_its_own_side(graph: GraphStore) -> None:
    crowd = [Concept.of(f"/c/en/kind_{n}") for n in range(300)]
    related = [Related(c.id, "IsA", PET.id, "conceptnet", 1.0) for c in crowd]
    await graph.put(Batch(concepts=tuple(crowd), related=tuple(related)))
    hops = Hops(2, fan_out=5)
    one, *others = (c.id for c in crowd)
    near = await neighborhood(graph, one, hops)
    hidden = next(node_id for node_id in others if node_id not in near.hops)

    found = await paths(graph, one, hidden, hops)

    assert [p.node_ids for p in found.paths] == [(one, PET.id, hidden)]
