"""Estimates of plausibility: from real judgements to what the graph holds."""

from dataclasses import replace
from pathlib import Path

import anyio
import numpy as np
import pytest
from contract.small_graph import AXES, BATCH, DOG_POST, HOME, MODEL, RUN
from unit.evaluation.sarcasm_posts import small_encoder
from unit.miko.asking import answered, miko

from evaluation.bootstrap import Resampling
from evaluation.plausibility.crossed import crossed, folds_of, parted
from evaluation.plausibility.foreseen import with_foreseen
from evaluation.plausibility.model import Plausibility
from evaluation.plausibility.pairs import Pair, pairs_of
from evaluation.plausibility.ways import Way, way_qualities, with_other_labels
from kg.connect import connect
from kg.settings import StoreSettings
from schema.errors import InputError
from schema.graph import Batch, HasIntention, Related
from schema.nodes import Concept, ConceptKind, Intention, NodeKind
from schema.relations import Relation

pytestmark = pytest.mark.anyio

SHOUT = Intention.of(Relation.X_EFFECT, "needs a shout")


def pair(post: int, tail: str, *, taken: bool) -> Pair:
    has, text = HasIntention(f"pets:{post}", "a" * 16, tail), f"post {post}"
    numbers = (0.0,) * 7
    return Pair(has, Relation.X_WANT, tail, text, numbers, text, taken, is_judged=True)


async def held_in(url: str) -> list[HasIntention]:
    async with connect(StoreSettings(url=url)) as store:
        page = await store.ids(NodeKind.POST)
        return [one.has for own in await store.intentions_of(page.ids) for one in own]


@pytest.fixture
def graph(data: Path, tmp_path: Path) -> str:
    """Return the address of a graph of a hundred real posts, without embeddings."""
    released = data / "miko-working/benchmark/MIKO_benchmark.noprompt.jsonl"
    some = tmp_path / "some.jsonl"
    some.write_text("".join(released.read_text("utf-8").splitlines(keepends=True)[:100]), "utf-8")
    url = f"sqlite:///{tmp_path}/graph.db"
    miko("load", str(some), "--store", url, "--rejects", str(tmp_path / "rejects.jsonl"))
    return url


async def test_a_pair_is_told_by_numbers(tmp_path: Path) -> None:
    both = replace(BATCH, intentions=(*BATCH.intentions, SHOUT))
    said = HasIntention(DOG_POST.id, SHOUT.id, "needs a shout", RUN.id)
    async with connect(StoreSettings(url=f"sqlite:///{tmp_path}/graph.db")) as store:
        await store.put(both)
        await store.put(Batch(has_intention=(said,)))
        await store.require_model(MODEL)
        await store.put_embeddings(NodeKind.POST, [DOG_POST.id], AXES[:1])
        half = np.array([[0.6, 0.8, 0, 0]], np.float32)
        await store.put_embeddings(NodeKind.INTENTION, [HOME.id], AXES[:1])
        await store.put_embeddings(NodeKind.INTENTION, [SHOUT.id], half)

        home, shout = await pairs_of(store, [DOG_POST.id])

    assert home.numbers == pytest.approx((1, 0.8, 0.6, 0.6, 6, 2 / 6, 6), abs=1e-3)
    assert shout.numbers == pytest.approx((0.6, 0.8, 0.6, 0.6, 3, 2 / 3, 6), abs=1e-3)


def test_words_that_people_refuse_make_a_pair_less_plausible() -> None:
    judged = [pair(n, "buy the dress", taken=True) for n in range(30)]
    judged += [pair(n, "verify the accuracy", taken=False) for n in range(30, 60)]

    model = Plausibility.fitted(judged)

    more, less = model.estimates([judged[0], judged[-1]])
    assert less < 0.3 < 0.7 < more


def test_no_model_sees_the_post_that_it_estimates() -> None:
    # Each post has a word of its own, which would tell the label to whoever saw that post.
    taken = [pair(n, f"alpha word{n}", taken=True) for n in range(50) for _ in range(3)]
    refused = [pair(n, f"alpha word{n}", taken=False) for n in range(50, 100) for _ in range(3)]

    found = crossed([*taken, *refused])

    assert found[:150].mean() == pytest.approx(found[150:].mean(), abs=0.1)


def test_twenty_of_each_are_enough() -> None:
    found = crossed([pair(n, "find a home", taken=n < 20) for n in range(40)])

    assert ((found > 0) & (found < 1)).all()


@pytest.mark.parametrize(
    ("judged", "said"),
    [
        ([pair(n, "find a home", taken=n < 19) for n in range(60)], "19 intentions"),
        ([pair(n % 4, "find a home", taken=n % 2 > 0) for n in range(60)], "4 different posts"),
        ([pair(n, f"word{n}", taken=n % 2 > 0) for n in range(200)], "no word stands in 3"),
        ([pair(n % 6, "home", taken=n % 6 > 0) for n in range(300)], "not accepted are of few"),
    ],
)
def test_what_nothing_can_be_learnt_of_is_refused(judged: list[Pair], said: str) -> None:
    with pytest.raises(InputError, match=said):
        crossed(judged)


def test_every_intention_gets_an_estimate_and_none_twice(graph: str) -> None:
    first = answered("plausibility", "--store", graph, "--resamples", "100")
    again = answered("plausibility", "--store", graph, "--resamples", "100")

    assert (
        first["estimated"] == answered("stats", "--store", graph)["relationships"]["HAS_INTENTION"]
    )
    assert (again["estimated"], again["run"]) == (0, first["run"])
    every = first["qualities"][0]
    assert every["relation"] is None
    assert every["area"]["low"] <= every["area"]["value"] <= every["area"]["high"]


def test_a_graph_without_embeddings_is_told_of(graph: str) -> None:
    told = miko("plausibility", "--dry-run", "--store", graph, "--resamples", "100")

    assert told.exit_code == 0
    assert "run `miko embed`, and this command again" in told.stderr


def test_an_estimate_names_its_run_and_is_no_label(graph: str) -> None:
    told = answered("plausibility", "--store", graph, "--resamples", "100")

    held = anyio.run(held_in, graph)
    assert {has.estimator_id for has in held} == {told["run"]}
    assert all(0 < (has.plausibility or 0) < 1 for has in held)


def test_measuring_alone_writes_nothing(graph: str) -> None:
    before = answered("stats", "--store", graph)

    told = answered("plausibility", "--dry-run", "--store", graph, "--resamples", "100")

    assert told["estimated"] is None
    assert answered("stats", "--store", graph) == before


def test_ways_are_compared_once_and_nothing_is_written(graph: str, tmp_path: Path) -> None:
    encoder = small_encoder(tmp_path / "encoder")
    asked = ("--store", graph, "--resamples", "100", "--keep", str(tmp_path / "keep"))
    before = answered("stats", "--store", graph)

    told = answered("plausibility", "--compare", "--encoder", str(encoder), *asked)
    finished = {path: path.stat().st_mtime_ns for path in (tmp_path / "keep").iterdir()}
    again = answered("plausibility", "--compare", "--encoder", str(encoder), *asked)

    ways = [one["way"] for one in told]
    untold = {Way.FORESEEN, Way.LIKELIHOOD, Way.WITH_LIKELIHOOD}
    assert ways == [way.value for way in Way if way not in untold]
    assert told[0]["gain"]["value"] == 0
    assert again == told
    assert len(finished) == 5
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "keep").iterdir()} == finished
    assert answered("stats", "--store", graph) == before


def test_a_way_is_measured_beside_the_one_that_is_used() -> None:
    judged = [pair(n, "find a home", taken=n % 2 > 0) for n in range(60)]
    right = np.array([float(bool(one.accepted)) for one in judged])

    told = {Way.USED: np.full(60, 0.5), Way.CROSS_ENCODER: right}
    used, crossing = way_qualities(judged, told, Resampling(100))

    assert (used.area.value, used.gain.value) == (0.5, 0)
    assert (crossing.area.value, crossing.area_within.value, crossing.gain.value) == (1, 1, 0.5)


def test_labels_of_the_other_intentions_are_one_more_number() -> None:
    judged = [pair(n // 2, "find a home", taken=n in {0, 1, 2}) for n in range(4)]

    told = [one.numbers[7] for one in with_other_labels(judged)]

    assert told == [(1 + 0.75) / 2, (1 + 0.75) / 2, 0.75 / 2, (1 + 0.75) / 2]


def test_what_was_foreseen_is_two_more_numbers(tmp_path: Path) -> None:
    adopt, home = Concept.of("/c/en/adopt_dog", ConceptKind.EVENT), Concept.of("/c/en/home")
    other = replace(pair(9, "no such post", taken=True), relation=Relation.X_ATTR)

    async def asked() -> list[tuple[float, ...]]:
        async with connect(StoreSettings(url=f"sqlite:///{tmp_path}/graph.db")) as store:
            await store.put(BATCH)
            (own,) = await pairs_of(store, [DOG_POST.id])
            pairs = [own, replace(other, has=replace(own.has, intention_id="0" * 16))]
            assert await with_foreseen(store, pairs, lambda _done, _total: None) is None
            related = (Related(adopt.id, own.relation.value, home.id, "atomic"),)
            await store.put(Batch(concepts=(adopt, home), related=related))
            await store.require_model(MODEL)
            await store.put_embeddings(NodeKind.POST, [DOG_POST.id], AXES[:1])
            await store.put_embeddings(NodeKind.INTENTION, [own.has.intention_id], AXES[1:2])
            half = np.array([[0.6, 0.8, 0, 0]], np.float32)
            await store.put_embeddings(NodeKind.CONCEPT, [adopt.id, home.id], np.repeat(half, 2, 0))
            found = await with_foreseen(store, pairs, lambda _done, _total: None)
            return [one.numbers[7:] for one in found or []]

    numbers = anyio.run(asked)

    assert numbers == [pytest.approx((0.8, 1), abs=1e-3), (0, 0)]


def test_a_post_is_in_one_part_and_so_are_its_words() -> None:
    judged = [pair(n // 2, "find a home", taken=n % 2 > 0) for n in range(200)]

    for learnt, held_out in folds_of(judged):
        train, valid = parted(judged, learnt, 8)[0]
        own = [{judged[int(n)].group for n in part} for part in (train, valid, held_out)]
        assert sum(map(len, own)) == len(set[str]().union(*own)) == 100


def test_where_there_are_few_posts_one_of_them_stops_the_learning() -> None:
    judged = [pair(n % 6, "find a home", taken=n // 6 % 2 > 0) for n in range(60)]

    for learnt, _ in folds_of(judged):
        train, valid = parted(judged, learnt, 8)[0]
        assert len({judged[int(n)].group for n in valid}) == 1
        assert len(train) + len(valid) == len(learnt)


def test_what_was_learnt_of_one_graph_is_written_to_another(graph: str, tmp_path: Path) -> None:
    records = tmp_path / "bare.jsonl"
    records.write_text(
        '{"id": "pets:1", "text": "Meet Rex", "intentions": [{"relation": "xWant", "text": "x"}]}'
    )
    bare = f"sqlite:///{tmp_path}/bare.db"
    miko("load", str(records), "--store", bare)

    told = answered("plausibility", "--judged", graph, "--store", bare, "--resamples", "100")

    assert told["estimated"] == 1


def test_too_few_judgements_are_told_with_the_way_out(tmp_path: Path) -> None:
    records = tmp_path / "bare.jsonl"
    records.write_text('{"id": "pets:1", "text": "Meet Rex"}')
    bare = f"sqlite:///{tmp_path}/bare.db"
    miko("load", str(records), "--store", bare)

    result = miko("plausibility", "--store", bare)

    assert result.exit_code == 1
    assert "load judgements by `miko load`" in result.stderr
