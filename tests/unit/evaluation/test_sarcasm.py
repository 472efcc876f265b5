"""What a classifier of sarcasm is given, and that it is nothing of an id or a date."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
from unit.evaluation.sarcasm_posts import KNOWN, POSTS, small_encoder

from evaluation.bootstrap import Resampling
from evaluation.classifier.classifier import Classifier, Data
from evaluation.classifier.encoder import PretrainedEncoder
from evaluation.classifier.segments import segments
from evaluation.classifier.state import Training
from evaluation.folds import Fold
from evaluation.sarcasm.blind import Floats, check_blind, check_texts
from evaluation.sarcasm.compare import Study, StudyDesign
from evaluation.sarcasm.examples import LabelledTexts, labelled_texts
from evaluation.sarcasm.folds import folds_of, limited
from evaluation.sarcasm.knowledge import Knowledge, Known, known_by_files
from evaluation.sarcasm.parts import EVERY, Budgets, Part, inputs_of, name_of
from evaluation.sarcasm.posts import LabelledPost, PublishedSplit, read_posts
from evaluation.sarcasm.report import ORIGIN, by_origin, report_of
from evaluation.sarcasm.terms import Parting
from evaluation.sarcasm.trials import Plan, told_by
from schema.errors import InputError, ModelLoadError

EXAMPLES = labelled_texts(POSTS, KNOWN)
BUDGETS = Budgets(24, 12, 16)
TRAINING = Training(epochs=3, patience=3, batch_rows=8, rate=1e-2)


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> PretrainedEncoder:
    return PretrainedEncoder(str(small_encoder(tmp_path_factory.mktemp("encoder"))))


def design(*names: str, parting: Parting = Parting.CROSSED) -> StudyDesign:
    """Return a small comparison of inputs."""
    inputs = [inputs_of(name) for name in names]
    return StudyDesign(inputs, 1, parting, 2, None, BUDGETS, TRAINING, Resampling(100))


def silent(_done: int, _total: int | None, _note: str = "") -> None:
    """Tell nobody."""


def unheard(_epoch: int, _rows: int) -> None:
    """Tell nobody of a step."""


def test_an_example_has_no_place_for_an_id() -> None:
    names = [field.name for field in fields(LabelledTexts)]

    assert names == ["texts", "is_sarcastic", "split", "group", "origin"]


def test_another_id_and_date_change_no_feature() -> None:
    later = [replace(post, id=f"mmsd:9{post.id[6:]}") for post in POSTS]
    known = {new.id: KNOWN[old.id] for old, new in zip(POSTS, later, strict=True)}

    assert labelled_texts(later, known) == EXAMPLES


def test_the_check_passes_where_ids_are_no_features(encoder: PretrainedEncoder) -> None:
    Study(POSTS, Knowledge(KNOWN), design(*map(name_of, EVERY)), encoder).check_blind()


def test_the_check_finds_a_date_that_became_a_feature() -> None:
    def leaking(posts: Sequence[LabelledPost], _known: Mapping[str, Known]) -> Floats:
        return np.array([int(post.id[5:]) >> 22 for post in posts], dtype=np.float64)

    with pytest.raises(InputError, match="has become a feature"):
        check_blind(POSTS, KNOWN, leaking)


def test_the_check_finds_a_text_that_holds_its_own_id() -> None:
    telling = [replace(POSTS[0], text=f"see {POSTS[0].id[5:]}.jpg"), *POSTS[1:]]

    with pytest.raises(InputError, match="1 posts hold the post's own id"):
        check_texts(telling, KNOWN)


def test_the_origin_of_intentions_is_no_feature(encoder: PretrainedEncoder) -> None:
    study = Study(POSTS, Knowledge(KNOWN), design("intentions"), encoder)
    moved = {i: replace(one, origin="elsewhere") for i, one in KNOWN.items()}

    told, again = (study.predicted(POSTS, known) for known in (KNOWN, moved))

    assert np.array_equal(told, again)


def test_there_are_seven_inputs_and_a_name_tells_its_parts_in_any_order() -> None:
    assert len(EVERY) == 7
    assert inputs_of("intentions+text") == (Part.TEXT, Part.INTENTIONS)
    with pytest.raises(InputError, match="'text\\+date' is no input"):
        inputs_of("text+date")


def test_a_long_text_takes_no_room_from_intentions(encoder: PretrainedEncoder) -> None:
    rows = [("rain " * 400, "share a calm moment")]

    found = segments(encoder.tokenizer, rows, (24, 16))

    read = encoder.tokenizer.decode(found.columns["input_ids"][0])
    assert read == f"[CLS]{' rain' * 24} [SEP] share a calm moment [SEP]".replace(
        "[CLS] ", "[CLS] "
    )
    assert found.columns["token_type_ids"][0] == [0] * 26 + [1] * 5


def test_three_parts_are_marked_off_and_marks_in_a_text_are_none(
    encoder: PretrainedEncoder,
) -> None:
    rows = [("a [SEP] b", "", "c"), ("a", "d", "")]

    found = segments(encoder.tokenizer, rows, (24, 12, 16))

    read = [encoder.tokenizer.decode(one) for one in found.columns["input_ids"]]
    assert read == ["[CLS] a b [SEP] [SEP] c [SEP]", "[CLS] a [SEP] d [SEP] [SEP]"]


def test_more_tokens_than_the_encoder_reads_are_refused(encoder: PretrainedEncoder) -> None:
    with pytest.raises(InputError, match="reads 512 at a time"):
        segments(encoder.tokenizer, [("a",)], (600,))


def test_each_example_is_measured_once_and_never_learnt_from_there() -> None:
    folds = folds_of(EXAMPLES, Parting.AUTO, 4)

    assert sorted(int(place) for fold in folds for place in fold.test) == list(range(80))
    for fold in folds:
        parts = [*fold.train, *fold.valid, *fold.test]
        assert sorted(parts) == list(range(80))


def test_examples_of_the_same_words_are_in_one_part() -> None:
    twice = [*EXAMPLES, *(replace(one, texts={**one.texts}) for one in EXAMPLES)]

    for fold in folds_of(twice, Parting.CROSSED, 4):
        assert {place % 80 for place in fold.test}.isdisjoint(place % 80 for place in fold.train)


def test_the_published_splits_are_kept_where_the_test_is_large_enough() -> None:
    many = [replace(one, group=f"{n}") for n in range(7) for one in EXAMPLES]

    (fold,) = folds_of(many, Parting.AUTO, 4)

    assert {many[int(place)].split for place in fold.train} == {PublishedSplit.TRAIN}
    assert len(fold.test) == 7 * 16


def test_a_limit_is_on_what_is_learnt_from() -> None:
    (fold,) = folds_of(EXAMPLES, Parting.PUBLISHED, 2)

    few = limited(fold, 10)

    assert len(few.train) == 10
    assert set(few.train) <= set(fold.train)
    assert np.array_equal(few.test, fold.test)


def test_too_few_posts_are_refused_with_the_way_out() -> None:
    with pytest.raises(InputError, match="16 of each label are needed; give more by --intentions"):
        folds_of(EXAMPLES[:20], Parting.CROSSED, 2)


def test_what_no_post_has_is_named(encoder: PretrainedEncoder) -> None:
    with pytest.raises(InputError, match="no post has description, intentions: give it by"):
        Study(POSTS, Knowledge({}), design("text+description+intentions"), encoder)


def test_a_training_that_was_stopped_comes_to_the_same(
    encoder: PretrainedEncoder, tmp_path: Path
) -> None:
    read = segments(encoder.tokenizer, [one.chosen(EVERY[0]) for one in EXAMPLES], (24,))
    data = Data(read, np.array([one.is_sarcastic for one in EXAMPLES]))
    (fold,) = folds_of(EXAMPLES, Parting.PUBLISHED, 2)
    first, again, whole = (Classifier(encoder, data, TRAINING, 5) for _ in range(3))

    def stopping(epoch: int, _rows: int) -> None:
        if epoch == 2:
            raise KeyboardInterrupt

    kept = tmp_path / "stopped"
    with pytest.raises(KeyboardInterrupt):
        first.fit(fold.train, fold.valid, kept, stopping)
    seen: list[int] = []
    stopped = again.fit(fold.train, fold.valid, kept, lambda epoch, _: seen.append(epoch))
    through = whole.fit(fold.train, fold.valid, tmp_path / "whole", unheard)

    assert min(seen) == 2
    assert stopped == through
    assert np.array_equal(again.estimates(read), whole.estimates(read))


def test_a_training_that_is_over_is_taken_up_at_once(
    encoder: PretrainedEncoder, tmp_path: Path
) -> None:
    read = segments(encoder.tokenizer, [one.chosen(EVERY[0]) for one in EXAMPLES], (24,))
    data = Data(read, np.array([one.is_sarcastic for one in EXAMPLES]))
    (fold,) = folds_of(EXAMPLES, Parting.PUBLISHED, 2)
    first, again = (Classifier(encoder, data, TRAINING, 5) for _ in range(2))
    first.fit(fold.train, fold.valid, tmp_path / "kept", unheard)
    seen: list[int] = []

    again.fit(fold.train, fold.valid, tmp_path / "kept", lambda epoch, _: seen.append(epoch))

    assert seen == []
    assert np.array_equal(again.estimates(read), first.estimates(read))


def test_what_is_finished_is_not_trained_again(encoder: PretrainedEncoder, tmp_path: Path) -> None:
    plan = Plan([EVERY[0]], [0, 1], folds_of(EXAMPLES, Parting.CROSSED, 2), BUDGETS, TRAINING)
    first = told_by(encoder, EXAMPLES, plan, tmp_path, silent)
    learnt: list[int] = []

    def noting(done: int, _total: int | None, _note: str = "") -> None:
        learnt.append(done)

    again = told_by(encoder, EXAMPLES, plan, tmp_path, noting)

    assert learnt == []
    assert np.array_equal(first[EVERY[0]], again[EVERY[0]])
    assert len(list(tmp_path.iterdir())) == 4
    assert not any(post.id[5:] in path.read_text() for post in POSTS for path in tmp_path.iterdir())


def test_other_labels_are_trained_anew(encoder: PretrainedEncoder, tmp_path: Path) -> None:
    plan = Plan([EVERY[0]], [0], folds_of(EXAMPLES, Parting.PUBLISHED, 2), BUDGETS, TRAINING)
    told_by(encoder, EXAMPLES, plan, tmp_path, silent)
    others = [replace(EXAMPLES[0], is_sarcastic=not EXAMPLES[0].is_sarcastic), *EXAMPLES[1:]]

    told_by(encoder, others, plan, tmp_path, silent)

    assert len(list(tmp_path.iterdir())) == 2


def test_a_classifier_learns_what_text_tells(encoder: PretrainedEncoder, tmp_path: Path) -> None:
    long = Training(epochs=30, patience=30, batch_rows=8, rate=3e-3)
    comparison = replace(design("text", "text+intentions"), training=long)
    study = Study(POSTS, Knowledge(KNOWN), comparison, encoder)

    found = study.compared(tmp_path, silent)

    rows = {row.inputs: row.figures["accuracy"].value for row in found.report.rows}
    assert list(rows) == ["text", "text+intentions", ORIGIN]
    assert rows["text"] is not None
    assert rows["text"] > 0.9
    assert [(one.before, one.after) for one in found.report.uplifts] == [
        ("text", "text+intentions")
    ]
    assert found.coverage["with intentions"] == {"train": 48, "valid": 16, "test": 16}


def test_the_origin_guesses_by_the_share_among_those_that_are_learnt_from() -> None:
    labels, origins = "1101", "aabb"
    four = [
        replace(EXAMPLES[0], is_sarcastic=label == "1", origin=origin)
        for label, origin in zip(labels, origins, strict=True)
    ]
    fold = Fold(np.array([0, 3]), np.array([2]), np.array([1]))

    assert by_origin(four, [fold])[1] == 1
    assert np.isnan(by_origin(four, [fold])[[0, 2, 3]]).all()


def test_a_report_is_of_what_was_measured_only() -> None:
    (fold,) = folds_of(EXAMPLES, Parting.PUBLISHED, 2)
    told = np.full((1, 80), np.nan)
    told[0, fold.test] = [one.is_sarcastic for one in EXAMPLES if one.split is PublishedSplit.TEST]

    report = report_of(EXAMPLES, [fold], {EVERY[0]: told}, Resampling(100))

    assert (report.posts, report.sarcastic) == (16, 8)
    assert report.rows[0].figures["F1"].value == 1
    assert report.uplifts == []


def test_posts_of_the_same_words_are_drawn_as_one() -> None:
    twice = [*EXAMPLES, *EXAMPLES]
    folds = folds_of(twice, Parting.CROSSED, 2)

    report = report_of(twice, folds, {EVERY[0]: np.full((1, 160), 0.6)}, Resampling(100))

    assert report.posts == 160
    assert report.rows[0].figures["recall"].posts == 80


def test_an_encoder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelLoadError, match="give --encoder the folder of a transformers model"):
        PretrainedEncoder(str(tmp_path / "none"))


def write(folder: Path, rows: object) -> Path:
    """Write the three files of a folder, all rows in the first."""
    for split in PublishedSplit:
        (folder / f"{split}.json").write_text(
            json.dumps(rows if split is PublishedSplit.TRAIN else [])
        )
    return folder


def test_posts_are_read_as_they_are_published(tmp_path: Path) -> None:
    number = 712345678901234567
    rows = [
        {"image_id": number, "text": "a", "label": 1},
        {"image_id": f"{number + 1}", "text": "b", "label": 0},
    ]

    found = read_posts(write(tmp_path, rows))

    assert found == [
        LabelledPost(f"mmsd:{number}", "a", True, PublishedSplit.TRAIN),
        LabelledPost(f"mmsd:{number + 1}", "b", False, PublishedSplit.TRAIN),
    ]


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"text": "a", "label": 1}, "image_id: is missing"),
        ({"image_id": "7", "text": "a", "label": 2}, "label: is neither 0 nor 1"),
        ({"image_id": "7", "text": "a", "label": True}, "label: is neither 0 nor 1"),
        ({"image_id": "7", "label": 1}, "text: is missing"),
        (["7"], "no JSON object"),
    ],
)
def test_a_malformed_row_is_named(row: object, reason: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"train.json, row 1: {reason}"):
        read_posts(write(tmp_path, [row]))


def test_one_id_in_two_rows_is_refused(tmp_path: Path) -> None:
    row = {"image_id": "7", "text": "a", "label": 1}

    with pytest.raises(InputError, match="stands in two rows"):
        read_posts(write(tmp_path, [row, row]))


def test_what_files_say_of_one_post_is_joined(tmp_path: Path) -> None:
    rows = {
        "b.jsonl": [{"relation": "xReact", "text": "Calm."}, {"relation": "xWant", "text": "rest"}],
        "a.jsonl": [{"relation": "xReact", "text": "calm"}],
    }
    for name, intentions in rows.items():
        record = {
            "id": "mmsd:1",
            "text": "t",
            "image_description": "a cat",
            "intentions": intentions,
        }
        other = {"id": "mmsd:2", "text": "t", "intentions": intentions}
        (tmp_path / name).write_text("\n".join(map(json.dumps, [record, other, {"id": 3}])))

    found = known_by_files(sorted(tmp_path.iterdir()), {"mmsd:1"}, silent)

    assert found.by_post == {"mmsd:1": Known("a cat", ("rest", "calm"), "a.jsonl, b.jsonl")}
    assert found.rejected > 0
