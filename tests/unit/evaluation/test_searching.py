"""Search quality: its measures against scikit-learn's, its parts, and the command on real posts."""

from importlib import import_module
from typing import Any

import numpy as np
import pytest

from evaluation.plausibility.pairs import Pair
from evaluation.searching.examples import text_pairs
from evaluation.searching.graded import Query, QuestionForm, graded
from evaluation.searching.material import Corpus, EmbeddedPost, Material, apart
from evaluation.searching.measures import ACCEPTED, REFUSED, ndcg, recall, reciprocal_rank
from evaluation.searching.parts import halves
from evaluation.searching.spaces import Space, by_cosine, projected, relation_centred
from schema.graph import HasIntention
from schema.relations import Relation

metrics: Any = import_module("sklearn.metrics")

GRADES = {"a": ACCEPTED, "b": REFUSED, "c": ACCEPTED}


@pytest.mark.parametrize("seed", range(5))
def test_the_gain_is_that_of_the_reference(seed: int) -> None:
    rng = np.random.default_rng(seed)
    grades = rng.integers(0, 3, 40)
    grades[0] = ACCEPTED
    scores = rng.permutation(40)
    names = [str(n) for n in range(40)]

    order: list[int] = np.argsort(-scores).tolist()
    ranking = [names[n] for n in order]
    found = ndcg(ranking, {n: g for n, g in zip(names, grades.tolist(), strict=True) if g})

    assert found == pytest.approx(metrics.ndcg_score([grades], [scores], k=10))


def test_only_what_was_accepted_counts_as_found() -> None:
    assert reciprocal_rank(["x", "b", "c"], GRADES) == 1 / 3
    assert reciprocal_rank(["x", "b"], GRADES) == 0
    assert recall(["x", "b", "c"], GRADES) == 0.5


def test_near_duplicates_are_in_one_part() -> None:
    # Each place is there twice: as one post, and as its near-duplicate.
    rows = np.random.default_rng(0).normal(size=(50, 64)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    ids = [f"pets:{n:03}" for n in range(100)]

    learnt, asking = halves(ids, np.concatenate([rows, rows]))

    twins = [({ids[n], ids[n + 50]} <= learnt, {ids[n], ids[n + 50]} <= asking) for n in range(50)]
    assert all(a or b for a, b in twins)
    assert min(len(learnt), len(asking)) > 20
    assert learnt | asking == set(ids)


def pair(post_id: str, relation: Relation, tail: str, accepted: bool | None) -> Pair:
    has = HasIntention(post_id, f"{relation.value} {tail}", "run", tail)
    return Pair(has, relation, tail, "", (0.0,) * 7, post_id, accepted, accepted is not None)


def post(post_id: str, *pairs: Pair) -> EmbeddedPost:
    return EmbeddedPost(post_id, f"Words of {post_id}", np.array([1, 0], np.float32), pairs)


WANT, NEED, OPEN = Relation.X_WANT, Relation.X_NEED, Relation.OPEN
ASKING = post(
    "pets:1",
    pair("pets:1", WANT, "adopt", True),
    pair("pets:1", NEED, "a cage", False),
    pair("pets:1", OPEN, "he hopes", True),
    pair("pets:1", OPEN, "nobody judged", None),
)
UNJUDGED = post(
    "pets:2",
    pair("pets:2", OPEN, "one", None),
    pair("pets:2", OPEN, "two", None),
    pair("pets:2", OPEN, "three", None),
)
LEARNT = post(
    "pets:3",
    pair("pets:3", WANT, "feed", True),
    pair("pets:3", WANT, "sell", False),
    pair("pets:3", NEED, "food", True),
)
POSTS = (ASKING, UNJUDGED, LEARNT)
IDS = [one.has.intention_id for held in POSTS for one in held.pairs]
ROWS = dict(zip(IDS, np.eye(len(IDS), dtype=np.float32)[:, :2] + 0.1, strict=True))
GIVEN = Material([LEARNT], [ASKING], [UNJUDGED], ROWS)


def test_each_form_asks_by_what_it_says_and_is_graded_by_people() -> None:
    asked = {(query.form, query.text): dict(query.grades) for query in graded(GIVEN, 100, seed=0)}

    assert asked == {
        (QuestionForm.POST, "Words of pets:1"): {
            "xWant adopt": ACCEPTED,
            "xNeed a cage": REFUSED,
            "open he hopes": ACCEPTED,
        },
        (QuestionForm.RELATION, "Words of pets:1"): {"open he hopes": ACCEPTED},
        (QuestionForm.REASON, "one"): {"open two": ACCEPTED, "open three": ACCEPTED},
        (QuestionForm.SLOT, "adopt"): {"xNeed a cage": REFUSED, "open he hopes": ACCEPTED},
        (QuestionForm.SLOT, "he hopes"): {"xWant adopt": ACCEPTED, "xNeed a cage": REFUSED},
    }


def test_a_post_that_nobody_judged_asks_nothing_where_its_twin_is_learnt_from() -> None:
    twin, other = (
        EmbeddedPost(f"pets:{n}", "x", np.array(row, np.float32), ())
        for n, row in ((7, [0.9, 0.436]), (8, [0, 1]))
    )

    assert [one.id for one in apart([twin, other], [LEARNT])] == [other.id]
    assert [one.id for one in apart([twin, other], [])] == [twin.id, other.id]
    assert apart([], [LEARNT]) == []


def test_what_is_learnt_from_can_not_be_found() -> None:
    assert set(GIVEN.corpus().texts) == {
        *("adopt", "a cage", "he hopes", "nobody judged"),
        *("one", "two", "three"),
    }


def test_an_encoder_learns_from_accepted_intentions_of_its_part_alone() -> None:
    pairs = {(example.asking, example.answer) for example in text_pairs(GIVEN)}

    assert pairs == {
        ("Words of pets:3", "feed"),
        ("Words of pets:3", "food"),
        ("feed", "food"),
        ("food", "feed"),
    }


def test_a_filter_by_relation_holds_whatever_is_near() -> None:
    corpus = GIVEN.corpus()
    queries = [q for q in graded(GIVEN, 100, seed=0) if q.form is QuestionForm.RELATION]
    space = Space(corpus.embeddings.astype(float), np.ones((len(queries), 2)))

    answers = by_cosine(corpus, queries, space)

    assert {q.relation: sorted(a) for q, a in zip(queries, answers, strict=True)} == {
        WANT: ["xWant adopt"],
        OPEN: sorted(i for i in corpus.ids if i.startswith("open")),
    }


def test_what_a_relation_has_in_common_is_taken_away() -> None:
    corpus, queries = GIVEN.corpus(), graded(GIVEN, 100, seed=0)
    wants = (ROWS["xWant feed"] + ROWS["xWant sell"]) / 2

    space = relation_centred(GIVEN, corpus, queries)

    place = corpus.ids.index("xWant adopt")
    assert space.corpus[place] == pytest.approx(ROWS["xWant adopt"] - wants)
    asking = [n for n, query in enumerate(queries) if query.text == "adopt"]
    assert space.queries[asking[0]] == pytest.approx(ROWS["xWant adopt"] - wants)
    assert space.queries[0] == pytest.approx(ASKING.embedding - LEARNT.embedding)


def test_a_projection_finds_posts_behind_what_all_of_them_share() -> None:
    # Each post is a direction of its own; each intention is mostly noise in one other direction.
    rng = np.random.default_rng(0)
    held = [
        post(f"pets:{n:03}", *(pair(f"pets:{n:03}", WANT, f"{n:03} {m}", True) for m in range(4)))
        for n in range(60)
    ]
    rows = {
        one.has.intention_id: np.append(place, 5 * rng.normal()).astype(np.float32)
        for one_post in held
        for place in [rng.normal(size=8)]
        for one in one_post.pairs
    }
    held = [EmbeddedPost(p.id, p.text, rows[p.pairs[0].has.intention_id], p.pairs) for p in held]
    given = Material(held[:30], held[30:], [], rows)
    corpus, queries = (
        given.corpus(),
        [q for q in graded(given, 1000, 0) if q.form is QuestionForm.SLOT],
    )
    plain = Space(corpus.embeddings.astype(float), np.array([q.embedding for q in queries], float))

    before = mean_gain(corpus, queries, plain)
    after = mean_gain(corpus, queries, projected(given, corpus, queries))

    assert before < 0.6 < 0.8 < after


def mean_gain(corpus: Corpus, queries: list[Query], space: Space) -> float:
    answers = by_cosine(corpus, queries, space)
    return float(np.mean([ndcg(a, q.grades) for a, q in zip(answers, queries, strict=True)]))
