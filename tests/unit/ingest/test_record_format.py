"""What becomes of our own record, and of the hashtags in any post."""

import pytest
from unit.ingest.written import parsed, record

from ingest.formats.posts import hashtags_of, segmented, tagged
from schema.graph import NO_RUN, Aspect
from schema.nodes import ConceptKind, Image
from schema.relations import Relation


def test_a_record_becomes_a_post_with_what_was_distilled_from_it() -> None:
    line = record(
        text="Meet Rex #AdoptDontShop",
        hashtags=["#Dogs", "#"],
        images=[{"uri": "b.jpg"}, {"uri": "a.jpg"}],
        image_description="A dog.",
        labels={"split": "train"},
        key_information={"emotion": "hopeful, proud", "keywords": ["walking the dog"]},
        intentions=[{"relation": "xWant", "text": "Find a home.", "plausibility": 0.5}],
        runs={"infer": {"model": "some-model"}},
    )

    batch = parsed("record", line)

    post = batch.posts[0]
    assert (post.id, post.source, post.hashtags) == ("pets:1", "pets", ("adoptdontshop", "dogs"))
    assert (post.images, post.labels) == ((Image("a.jpg"), Image("b.jpg")), {"split": "train"})
    assert post.image_description == "A dog."
    assert [(m.aspect, m.concept_id, m.raw, m.run_id) for m in batch.mentions] == [
        (Aspect.HASHTAG, "/c/en/adopt_dont_shop", "AdoptDontShop", NO_RUN),
        (Aspect.HASHTAG, "/c/en/dog", "Dogs", NO_RUN),
        (Aspect.EMOTION, "/c/en/hopeful", "hopeful", NO_RUN),
        (Aspect.EMOTION, "/c/en/proud", "proud", NO_RUN),
        (Aspect.KEYWORD, "/c/en/walk_dog", "walking the dog", NO_RUN),
    ]
    assert {c.id: c.kind for c in batch.concepts}["/c/en/proud"] is ConceptKind.EMOTION
    assert [(i.relation, i.text) for i in batch.intentions] == [(Relation.X_WANT, "find a home")]
    assert [(h.raw, h.plausibility, h.run_id) for h in batch.has_intention] == [
        ("Find a home.", 0.5, batch.runs[0].id)
    ]
    assert [(run.step, run.model) for run in batch.runs] == [("infer", "some-model")]


def test_a_record_may_have_an_image_and_no_text() -> None:
    batch = parsed("record", record(text="", images=[{"uri": "a.jpg"}]))

    assert [post.text for post in batch.posts] == [""]


@pytest.mark.parametrize(
    ("text", "hashtags"),
    [
        ("#Dogs and # cats, #dogs!", ["Dogs", "cats", "dogs"]),
        ("we are # 1 , see #2024 and #covid19", ["covid19"]),
        ("&#39; a#b http://example.org/#top ##", []),
        ("＃犬 #café_life", ["犬", "café_life"]),
        ("#" + "x" * 200, []),
    ],
)
def test_hashtags_are_found_also_in_tokenised_text(text: str, hashtags: list[str]) -> None:
    assert list(hashtags_of(text)) == hashtags


def test_a_post_has_at_most_a_hundred_hashtags() -> None:
    text = " ".join(f"#tag{number}" for number in range(500))

    assert len(hashtags_of(text)) == 100


def test_a_post_holds_its_hashtags_folded_sorted_and_once() -> None:
    assert tagged(["Dogs", "dogs", "Cats", "STRASSE", "straße"]) == ("cats", "dogs", "strasse")


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("adoptdontshop", "adopt dont shop"),
        ("AdoptDontShop", "Adopt Dont Shop"),
        ("throwback_thursday", "throwback thursday"),
        ("COVID19", "COVID 19"),
        ("café_life", "café life"),
        ("犬", "犬"),
        ("x" * 65, "x" * 65),
    ],
)
def test_a_hashtag_is_cut_into_words(tag: str, words: str) -> None:
    assert segmented(tag) == words
