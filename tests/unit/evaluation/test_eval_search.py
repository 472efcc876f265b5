"""`miko eval-search` from end to end, on real judgements."""

from pathlib import Path

import anyio
import numpy as np
import pytest
from unit.evaluation.sarcasm_posts import small_encoder
from unit.miko.asking import answered, miko

from evaluation.folders import NOTE
from evaluation.searching import reranking, tuning
from evaluation.searching.examples import TextPair
from evaluation.searching.material import material
from evaluation.searching.reranking import judged_answers
from kg.connect import connect
from kg.sentence_embedder import sentence_embedder
from kg.settings import EmbedderSettings, StoreSettings
from kg.store import EmbeddingModel, Vector
from schema.errors import InputError
from schema.graph import Batch, HasIntention, Judgement
from schema.nodes import Intention, NodeKind, Post
from schema.relations import Relation


@pytest.fixture(scope="module")
def graph(data: Path, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return the address of a graph of real posts, embedded so that a post's nodes are near."""
    folder = tmp_path_factory.mktemp("graph")
    released = data / "miko-working/benchmark/MIKO_benchmark.noprompt.jsonl"
    some = folder / "some.jsonl"
    some.write_text("".join(released.read_text("utf-8").splitlines(keepends=True)[:60]), "utf-8")
    url = f"sqlite:///{folder}/graph.db"
    miko("load", str(some), "--store", url, "--rejects", str(folder / "rejects.jsonl"))
    anyio.run(embed_by_post, url)
    return url


async def embed_by_post(url: str) -> None:
    rng = np.random.default_rng(0)
    async with connect(StoreSettings(url=url)) as store:
        await store.require_model(EmbeddingModel("posts", "1", 64))
        page = await store.ids(NodeKind.POST)
        for post_id, held in zip(page.ids, await store.intentions_of(page.ids), strict=True):
            ids = sorted({one.intention.id for one in held})
            rows = rng.normal(size=64) + 0.1 * rng.normal(size=(len(ids) + 1, 64))
            rows = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
            await store.put_embeddings(NodeKind.POST, [post_id], rows[:1])
            await store.put_embeddings(NodeKind.INTENTION, ids, rows[1:])
        await store.refresh()


def test_each_ranker_is_measured_on_the_same_questions(graph: str) -> None:
    told = answered(
        *("eval-search", "--queries", "50", "--resamples", "100", "--by-relation"),
        *("--store", graph),
    )

    every = {(one["form"], one["ranker"]): one for one in told if one["relation"] is None}
    for form in ("post", "post by relation", "other slots"):
        assert every[form, "semantic"]["ndcg"]["value"] > 0.8
        assert every[form, "semantic"]["gain"]["value"] == 0
        assert every[form, "text"]["gain"]["high"] < 0
        assert len({one["queries"] for (f, _), one in every.items() if f == form}) == 1
    needs = [o for o in told if o["relation"] == "xNeed" and o["form"] == "other slots"]
    assert {one["queries"] for one in needs} == {5}


def test_a_graph_without_judgements_is_told_the_way_out(tmp_path: Path) -> None:
    records = tmp_path / "bare.jsonl"
    records.write_text('{"id": "pets:1", "text": "Meet Rex"}')
    bare = f"sqlite:///{tmp_path}/bare.db"
    miko("load", str(records), "--store", bare)

    result = miko("eval-search", "--store", bare)

    assert result.exit_code == 1
    assert "run `miko load` on files with judgements" in result.stderr


def test_one_judged_post_is_too_few(data: Path, tmp_path: Path) -> None:
    released = data / "miko-working/benchmark/MIKO_benchmark.noprompt.jsonl"
    one = tmp_path / "one.jsonl"
    one.write_text(released.read_text("utf-8").splitlines()[0], "utf-8")
    url = f"sqlite:///{tmp_path}/one.db"
    miko("load", str(one), "--store", url)
    anyio.run(embed_by_post, url)

    result = miko("eval-search", "--store", url)

    assert result.exit_code == 1
    assert "1 posts of the graph were judged and embedded, too few" in result.stderr


@pytest.mark.anyio
async def test_a_cross_encoder_learns_from_hard_negatives_of_other_posts(graph: str) -> None:
    async with connect(StoreSettings(url=graph)) as store:
        given = await material(store)

    answers = judged_answers(given)

    accepted = {
        (p.id, q.relation.about.sentence(q.tail))
        for p in given.learnt
        for q in p.pairs
        if q.accepted
    }
    right = [one for one in answers if one.is_right]
    assert right
    assert all((one.post_id, one.answer) in accepted for one in right)
    assert len(answers) - len(right) == reranking.NEGATIVES * len(right)
    said = {(p.id, q.relation.about.sentence(q.tail)) for p in given.learnt for q in p.pairs}
    assert all((o.post_id, o.answer) not in said for o in answers if not o.is_right)
    assert {one.post_id for one in answers} <= {post.id for post in given.learnt}


def test_the_first_answers_are_ordered_anew_by_what_is_kept(
    graph: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("miko.eval_search.PACKAGED", str(small_encoder(tmp_path / "encoder")))
    asked = ("eval-search", "--queries", "10", "--resamples", "100", "--store", graph)

    told = answered(*asked, "--reranked", str(tmp_path / "kept"))
    state = (tmp_path / "kept" / reranking.STATE).stat().st_mtime_ns
    again = answered(*asked, "--reranked", str(tmp_path / "kept"))

    every = {(one["form"], one["ranker"]): one for one in told}
    assert {ranker for _, ranker in every} >= {"semantic", "reranked"}
    for form in ("post", "other slots"):
        # Behind the first 50 nothing moves, so what is found among 100 is the same.
        assert every[form, "reranked"]["recall"] == every[form, "semantic"]["recall"]
    assert again == told
    assert (tmp_path / "kept" / reranking.STATE).stat().st_mtime_ns == state


def test_a_fine_tuned_encoder_is_measured_and_kept(graph: str, tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    asked = ("eval-search", "--queries", "10", "--resamples", "100", "--store", graph)

    told = answered(*asked, "--tuned", str(kept))
    weights = (kept / "model.safetensors").stat().st_mtime_ns
    said = miko(*asked, "--tuned", str(kept)).stdout

    assert {one["ranker"] for one in told} >= {"semantic", "fine-tuned"}
    assert f"`MIKO_EMBEDDER_MODEL={kept} miko embed --replace`" in said.replace("\n", "")
    assert (kept / "model.safetensors").stat().st_mtime_ns == weights


EXAMPLES = [
    TextPair(f"Meet {name} {n}", f"find a {home}", f"pets:{name}")
    for name, home in (("Rex", "kennel for the dog"), ("Tom", "box for the cat"))
    for n in range(3)
]
HOW = tuning.Tuning(epochs=4, batch_rows=4, rate=3e-4)


def silent(_done: int, _total: int | None) -> None:
    """Show nothing."""


def stop(done: int, _total: int | None) -> None:
    """Stop as a person would, after two steps."""
    if done == 2:
        raise KeyboardInterrupt


async def embedded(folder: Path) -> Vector:
    async with sentence_embedder(EmbedderSettings(model=str(folder))) as embedder:
        return await embedder.embed(["Meet Rex", "find a kennel for the dog", "find a box"])


def test_a_stopped_training_comes_to_what_it_would_have_come_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tuning, "KEPT_EVERY", 1)

    tuning.fine_tune(EXAMPLES, tmp_path / "whole", HOW, silent)
    with pytest.raises(KeyboardInterrupt):
        tuning.fine_tune(EXAMPLES, tmp_path / "stopped", HOW, stop)
    tuning.fine_tune(EXAMPLES, tmp_path / "stopped", HOW, silent)

    weights = [tmp_path / name / "model.safetensors" for name in ("whole", "stopped")]
    whole = anyio.run(embedded, tmp_path / "whole")
    assert weights[0].read_bytes() == weights[1].read_bytes()
    assert whole[0] @ whole[1] > whole[0] @ whole[2]


def test_an_encoder_of_other_examples_is_not_taken_for_this_one(tmp_path: Path) -> None:
    (tmp_path / NOTE).write_text("others", "utf-8")

    with pytest.raises(InputError, match="learnt from other examples"):
        tuning.fine_tune(EXAMPLES, tmp_path, HOW, silent)


def another(_path: Path) -> str:
    """Return the revision of other weights."""
    return "another"


def test_a_training_of_another_model_is_not_gone_on_with(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(KeyboardInterrupt):
        tuning.fine_tune(EXAMPLES, tmp_path / "stopped", HOW, stop)
    monkeypatch.setattr(tuning, "revision_of", another)

    with pytest.raises(InputError, match="is of another model"):
        tuning.fine_tune(EXAMPLES, tmp_path / "stopped", HOW, silent)


def test_a_folder_that_holds_something_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("mine", "utf-8")

    with pytest.raises(InputError, match="is not empty"):
        tuning.fine_tune(EXAMPLES, tmp_path, HOW, silent)


@pytest.mark.anyio
async def test_posts_with_ties_alone_are_in_neither_part(tmp_path: Path) -> None:
    names = [f"pets:{n}" for n in range(12)]
    tied, unjudged = names[-2:]
    fond = Intention.of(Relation.X_ATTR, "fond of dogs")
    told = [Judgement(name, fond.id, "one", "accepted") for name in names[:-1]]
    batch = Batch(
        posts=tuple(Post(name, f"Meet {name}", "pets") for name in names),
        intentions=(fond,),
        has_intention=tuple(HasIntention(name, fond.id, "fond of dogs") for name in names),
        judgements=(*told, Judgement(tied, fond.id, "two", "rejected")),
    )
    async with connect(StoreSettings(url=f"sqlite:///{tmp_path}/graph.db")) as store:
        await store.put(batch)
        await store.require_model(EmbeddingModel("places", "1", len(names)))
        await store.put_embeddings(NodeKind.POST, names, np.eye(len(names), dtype=np.float32))
        await store.put_embeddings(NodeKind.INTENTION, [fond.id], np.eye(12, dtype=np.float32)[:1])

        found = await material(store)

    assert {post.id for post in (*found.learnt, *found.asking)} == set(names[:-2])
    assert [post.id for post in found.unjudged] == [unjudged]
