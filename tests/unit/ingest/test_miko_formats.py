"""What becomes of the MIKO authors' files, on rows of our own."""

import pytest
from unit.ingest.written import (
    FRAMED,
    KEY_INFORMATION,
    TAILS,
    generation,
    label_studio,
    numbered_lines,
    numbered_map,
    parsed,
    release,
)

from ingest.formats.miko_text import post_id_of, tail_of
from schema.graph import Aspect, Batch
from schema.nodes import Image
from schema.relations import Relation

TEN = list(zip(Relation, TAILS, strict=True))


def tails(batch: Batch) -> list[tuple[Relation, str]]:
    return [(intention.relation, intention.text) for intention in batch.intentions]


@pytest.mark.parametrize(
    ("image", "post_id"),
    [
        ("123456789012345678.jpg", "mmsd:123456789012345678"),
        ("1234567890123456789.jpg", "mmsd:1234567890123456789"),
        ("12_03_04_567.jpg", "twitter2017:12_03_04_567"),
        ("12_03_45678.jpg", "twitter2017:12_03_45678"),
        ("O_1234.jpg", "twitter2017:O_1234"),
        ("1234567.jpg", "other:1234567"),
        ("eg1%5c12.jpg", "other:12"),
        ("eg2%5C12.png", "other:12"),
        ("/data/local-files/?d=12.jpg", "other:12"),
    ],
)
def test_a_post_is_named_by_its_image(image: str, post_id: str) -> None:
    assert post_id_of(image, numbered="other") == post_id


@pytest.mark.parametrize(
    ("relation", "sentence", "tail"),
    [
        (Relation.X_WANT, "after posting this tweet the user want to rest", "rest"),
        (Relation.X_WANT, "After posting this Facebook post, the user wants to rest.", "rest."),
        (Relation.O_EFFECT, "After viewing this Tweet, other will rest", "rest"),
        (Relation.X_ATTR, "The user posts this Tweet because they are tired", "tired"),
        (Relation.X_ATTR, "The user posts this Tweet because they rest", "they rest"),
        (Relation.X_INTENT, "The user posted this tweet because they intend to rest", "rest"),
        (Relation.X_NEED, "Before posting this Tweet, the user needed to rest", "rest"),
        (Relation.OPEN, "The user posted this tweet because they rest", "they rest"),
        (Relation.OPEN, "To rest.", "To rest."),
        (Relation.OPEN, "The user posts this Tweet because", ""),
        (Relation.X_REACT, "The user rests.", "The user rests."),
    ],
)
def test_a_tail_is_what_follows_the_frame(relation: Relation, sentence: str, tail: str) -> None:
    assert tail_of(relation, sentence) == tail


def test_a_release_row_holds_ten_judged_intentions() -> None:
    batch = parsed("miko-release", release(text="Meet Rex # AdoptDontShop"))

    post = batch.posts[0]
    assert (post.id, post.source, post.hashtags) == ("miko:12", "miko", ("adoptdontshop",))
    assert (post.images, post.labels) == ((Image("12.jpg"),), {})
    assert tails(batch) == TEN
    assert [has.raw for has in batch.has_intention] == list(FRAMED)
    assert [has.plausibility for has in batch.has_intention] == [1.0] * 9 + [0.0]
    assert [j.choice for j in batch.judgements] == ["accepted"] * 9 + ["rejected"]
    assert {j.annotator for j in batch.judgements} == {"miko-release"}
    assert {has.run_id for has in batch.has_intention} == {batch.runs[0].id}
    assert batch.runs[0].step == "infer"


def test_the_release_and_the_benchmark_name_the_same_post() -> None:
    in_benchmark = release(image_name="eg1%5c12.jpg")

    assert parsed("miko-release", in_benchmark) == parsed("miko-release", release())


def test_a_label_without_its_intention_is_the_posts() -> None:
    without = parsed("miko-release", release(intentions={}))
    with_nine = parsed("miko-release", release(intentions=numbered_map(FRAMED[:9])))

    assert without.posts[0].labels == {
        f"judged_{relation}": "0" if relation is Relation.OPEN else "1" for relation in Relation
    }
    assert with_nine.posts[0].labels == {"judged_open": "0"}
    assert (without.intentions, len(with_nine.intentions)) == ((), 9)


def test_a_generation_row_may_stop_after_the_description() -> None:
    batch = parsed("miko-generation", generation())

    assert [(p.id, p.image_description) for p in batch.posts] == [("twitter2015:12", "A dog.")]
    assert [run.step for run in batch.runs] == ["describe"]
    assert batch.intentions == batch.mentions == ()


def test_key_information_mentions_concepts_of_each_aspect() -> None:
    batch = parsed("miko-generation", generation(keyinfo=KEY_INFORMATION))

    assert [(m.aspect, m.concept_id, m.raw) for m in batch.mentions] == [
        (Aspect.CONCEPT, "/c/en/pet_adoption", "Pet adoption"),
        (Aspect.ACTION, "/c/en/show_dog", "Showing a dog"),
        (Aspect.OBJECT, "/c/en/dog", "Dog"),
        (Aspect.OBJECT, "/c/en/leash", "leash"),
        (Aspect.EMOTION, "/c/en/joy", "Joy"),
        (Aspect.EMOTION, "/c/en/hope", "hope"),
        (Aspect.KEYWORD, "/c/en/shelter", "shelter"),
        (Aspect.KEYWORD, "/c/en/puppy", "puppies"),
        (Aspect.KEYWORD, "/c/en/new_home", "new home"),
    ]
    assert [run.step for run in batch.runs if run.id == batch.mentions[0].run_id][:1] == ["extract"]


@pytest.mark.parametrize(
    ("keyinfo", "raws"),
    [
        ("Emotion: Excited/proud (of Rex).", ["Excited", "proud"]),
        ("emotion : Joy, hope, and love", ["Joy", "hope", "love"]),
        ("Emotion: None mentioned.\nObject: N/A.", []),
        ("Object:\nDog,\nleash", ["Dog", "leash"]),
        ("Keyword: dog; leash.", ["dog", "leash"]),
        ("Concept: Pets", ["Pets"]),
    ],
)
def test_key_information_is_read_as_models_write_it(keyinfo: str, raws: list[str]) -> None:
    batch = parsed("miko-generation", generation(keyinfo=keyinfo))

    assert [mention.raw for mention in batch.mentions] == raws


@pytest.mark.parametrize(
    "text",
    [
        numbered_lines("Intention{}: ", FRAMED),
        numbered_lines("Intention {}: ", FRAMED),
        numbered_lines("\nIntention{}: ", FRAMED),
    ],
)
def test_ten_numbered_lines_are_the_ten_relations(text: str) -> None:
    assert tails(parsed("miko-generation", generation(intention=text))) == TEN


@pytest.mark.parametrize("stub", ["\nInt", "\nIntention10", "\nIntention 10", "\nIntention10: ."])
def test_a_line_that_was_cut_off_is_dropped(stub: str) -> None:
    text = numbered_lines("Intention{}: ", FRAMED[:9]) + stub

    assert tails(parsed("miko-generation", generation(intention=text))) == TEN[:9]


def test_five_numbered_lines_are_open_intentions() -> None:
    text = numbered_lines("Intention {}: ", ["To find a home.", "To help.", "a", "b", "c"])

    assert tails(parsed("miko-generation", generation(intention=text))) == [
        (Relation.OPEN, "to find a home"),
        (Relation.OPEN, "to help"),
        (Relation.OPEN, "a"),
        (Relation.OPEN, "b"),
        (Relation.OPEN, "c"),
    ]


@pytest.mark.parametrize(
    "lead",
    [
        "Alternate intention: ",
        "Alternative Intention: ",
        "Alternative: ",
        "Alternatively, ",
        "Another possible intention could be: ",
        "Another possible intention: ",
        "An alternative intention: ",
        "Intention: ",
        "",
    ],
)
def test_a_row_of_one_relation_holds_alternatives(lead: str) -> None:
    text = f"Intention: {FRAMED[4]}\n\n{lead}After posting this tweet, the user feels proud."

    batch = parsed("miko-generation", generation(intention=text, relation="xReact"))

    assert tails(batch) == [(Relation.X_REACT, "hopeful"), (Relation.X_REACT, "proud")]


def test_an_annotation_judges_each_intention() -> None:
    batch = parsed("label-studio", label_studio("非常相关", "一般相关", "比较相关", "不相关"))

    assert [(p.id, p.text, p.images) for p in batch.posts] == [
        ("miko:12", "Meet Rex", (Image("12.jpg"),))
    ]
    assert tails(batch) == TEN
    assert [(j.annotator, j.choice, j.time) for j in batch.judgements] == [
        ("label-studio project 3", "very relevant", "2024-01-20T12:00:00Z"),
        ("label-studio project 3", "fairly relevant", "2024-01-20T12:00:00Z"),
        ("label-studio project 3", "fairly relevant", "2024-01-20T12:00:00Z"),
        ("label-studio project 3", "not relevant", "2024-01-20T12:00:00Z"),
    ]
    assert [j.intention_id for j in batch.judgements] == [i.id for i in batch.intentions[:4]]
