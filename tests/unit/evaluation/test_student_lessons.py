"""What a student is taught: which tails, of which posts, in which tokens and order."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import anyio
import pytest
from contract.small_graph import BATCH, DOG_POST, HOME, RUN
from unit.ingest.written import record, written
from unit.miko.asking import miko

from evaluation.student.lessons import Lesson, lessons, prompt_of
from evaluation.student.recipe import Recipe
from evaluation.student.split import PartedLessons, drawn, part_lessons, posts_in
from evaluation.student.tokens import answer_of
from ingest.distill.answers import Inferred
from kg.connect import connect
from kg.settings import StoreSettings
from schema.errors import InputError
from schema.graph import Batch, HasIntention, Judgement
from schema.nodes import Intention, Post
from schema.relations import Relation
from schema.text import normalize

LOST = Post("pets:1", "Our dog ran off near the old mill, please share! https://t.co/a1", "pets")
AGAIN = Post("pets:2", "RT @ann: Our dog ran off near the old mill, please share!! #dog", "pets")
BAKED = Post("pets:3", "Forty loaves for the street party and not one crumb is left", "pets")


def lesson(post: Post) -> Lesson:
    return Lesson(
        post, prompt_of(post), {Relation.X_WANT: "be helped"}, frozenset({Relation.X_WANT})
    )


async def taught_by(batch: Batch, tmp_path: Path, *, unjudged: bool = False) -> list[Lesson]:
    async with connect(StoreSettings(url=f"sqlite:///{tmp_path}/graph.db")) as store:
        await store.put(batch)
        return await lessons(store, unjudged=unjudged)


def judged(choice: str) -> Batch:
    one = Judgement(DOG_POST.id, HOME.id, "ann", choice)
    return replace(BATCH, judgements=(one,))


def released(data: Path, tmp_path: Path) -> list[Lesson]:
    """Return the lessons of the authors' release."""

    async def read() -> list[Lesson]:
        async with connect(StoreSettings(url=url), create=False) as store:
            return await lessons(store, unjudged=False)

    url = f"sqlite:///{tmp_path}/graph.db"
    miko("load", str(data / "miko-release/train.json"), "--store", url)
    return anyio.run(read)


@pytest.mark.anyio
async def test_a_tail_that_was_accepted_is_learnt(tmp_path: Path) -> None:
    (found,) = await taught_by(judged("accepted"), tmp_path)

    assert found.post == DOG_POST
    assert found.taken == {HOME.relation}


@pytest.mark.anyio
@pytest.mark.parametrize("choice", ["rejected", "fairly relevant"])
async def test_a_tail_that_was_refused_is_not_learnt(choice: str, tmp_path: Path) -> None:
    assert await taught_by(judged(choice), tmp_path) == []
    found = await taught_by(judged(choice), tmp_path, unjudged=True)
    assert all(HOME.relation not in one.taken for one in found if one.post == DOG_POST)


@pytest.mark.anyio
async def test_what_nobody_judged_is_learnt_where_it_is_asked_for(tmp_path: Path) -> None:
    batch = replace(BATCH, judgements=())

    assert await taught_by(batch, tmp_path) == []
    assert await taught_by(batch, tmp_path, unjudged=True)


@pytest.mark.anyio
async def test_a_tail_that_distilling_would_refuse_is_not_learnt(tmp_path: Path) -> None:
    named = Intention.of(Relation.O_WANT, "write to @ann")
    has = HasIntention(DOG_POST.id, named.id, "write to @ann", RUN.id)
    accepted = Judgement(DOG_POST.id, named.id, "ann", "accepted")
    batch = Batch(
        posts=(DOG_POST,),
        intentions=(named,),
        runs=(RUN,),
        has_intention=(has,),
        judgements=(accepted,),
    )

    assert await taught_by(batch, tmp_path) == []


def test_an_answer_is_what_distilling_reads() -> None:
    tails = {relation: f'say "{relation}" \\ é' for relation in Relation}

    text, places = answer_of(tails)

    assert Inferred.model_validate_json(text).root == tails
    told = {relation: json.loads(f'"{text[a:b]}"') for relation, (a, b) in places.items()}
    assert told == tails


def test_a_near_duplicate_of_a_test_post_is_not_learnt() -> None:
    split = part_lessons([lesson(AGAIN), lesson(BAKED)], [LOST])

    assert split == PartedLessons([lesson(BAKED)], [], [lesson(AGAIN)], 1)


def test_no_test_post_of_the_release_is_learnt_from(data: Path, tmp_path: Path) -> None:
    tested = posts_in(data / "miko-release/test.json")

    split = part_lessons(released(data, tmp_path), tested)

    words = {normalize(post.text) for post in tested}
    assert len(tested) > 100
    assert len(split.learnt) > 500
    assert len(split.held_out) >= 5
    assert words >= {normalize(one.post.text) for one in split.held_out}
    assert not words & {normalize(one.post.text) for one in split.learnt}


def test_of_test_posts_with_one_id_the_first_stands_as_in_a_graph(tmp_path: Path) -> None:
    rows = [record(text=text) for text in ("Meet Rex", "Meet Tom")]

    (found,) = posts_in(written(tmp_path / "test.jsonl", *rows))

    assert found.text == "Meet Rex"


def test_a_share_is_drawn_by_its_seed() -> None:
    every = [lesson(Post(f"pets:{n}", f"post {n}", "pets")) for n in range(50)]

    assert drawn(every, 0.2, seed=3) == drawn(every, 0.2, seed=3)
    assert drawn(every, 0.2, seed=3) != drawn(every, 0.2, seed=4)
    assert len(drawn(every, 0.2, seed=3)) == 10


def test_a_file_without_posts_holds_none_out(tmp_path: Path) -> None:
    (tmp_path / "atomic.tsv").write_text("PersonX bakes bread\txWant\tto eat it\n", "utf-8")

    with pytest.raises(InputError, match="holds no post"):
        posts_in(tmp_path / "atomic.tsv")


def test_each_lesson_is_learnt_once_an_epoch_in_an_order_of_the_seed() -> None:
    lengths, recipe = [n % 7 for n in range(40)], Recipe(epochs=2, batch=4)

    batches = list(recipe.batches(lengths))

    assert Counter(place for batch in batches for place in batch) == dict.fromkeys(range(40), 2)
    assert batches == list(recipe.batches(lengths))
    assert batches[:10] != batches[10:]
    assert batches != list(replace(recipe, seed=1).batches(lengths))


def test_the_rate_rises_and_falls_to_nothing() -> None:
    recipe = Recipe(rate=1.0)

    rates = [recipe.rate_at(step, 100) for step in range(100)]

    assert max(rates) == 1.0
    assert rates[:5] == sorted(rates[:5])
    assert rates[5:] == sorted(rates[5:], reverse=True)
    assert 0 < rates[-1] < 0.02
