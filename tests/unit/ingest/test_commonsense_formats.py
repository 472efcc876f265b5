"""What becomes of ATOMIC, ConceptNet, CN-100K and CSKG, on rows of our own."""

import pytest
from unit.ingest.written import CSKG_HEADER, conceptnet, cskg, parsed, rows_of

from schema.graph import Related
from schema.nodes import ConceptKind


@pytest.mark.parametrize(
    ("line", "head", "tail"),
    [
        ("PersonX adopts a dog\txNeed\tto visit the shelter", "adopt_dog", "visit_shelter"),
        ("John adopts a dog\txNeed\tto thank Tom", "adopt_dog", "thank_persony"),
        ("John sells John's  car\txNeed\tPerson X is tired", "sell_car", "be_tired"),
    ],
)
def test_atomic_relates_events(line: str, head: str, tail: str) -> None:
    batch = parsed("atomic", line)

    assert batch.related == (
        Related(f"/c/en/{head}", "xNeed", f"/c/en/{tail}", "atomic", 1.0, "CC BY 4.0"),
    )
    assert [c.kind for c in batch.concepts] == [ConceptKind.EVENT, ConceptKind.THING]


def test_conceptnet_brings_weight_and_licence() -> None:
    batch = parsed("conceptnet", conceptnet('{"weight": 2.5, "license": "cc:by/4.0"}'))

    assert batch.related == (
        Related("/c/en/leash", "UsedFor", "/c/en/walk_dog", "conceptnet", 2.5, "cc:by/4.0"),
    )


def test_cn100k_puts_the_relation_first() -> None:
    batch = parsed("cn100k", "UsedFor\ta leash\twalk the dogs")

    assert batch.related == (
        Related("/c/en/leash", "UsedFor", "/c/en/walk_dog", "cn100k", 1.0, "CC BY-SA 4.0"),
    )
    assert [concept.text for concept in batch.concepts] == ["leash", "walk dog"]


@pytest.mark.parametrize(
    ("node", "uri"),
    [
        ("/c/en/leash/n", "/c/en/leash"),
        ("rg:lead+/c/en/leash+at:lead", "/c/en/leash"),
        ("wd:Q144+wn:dog_lead.n.01", "/c/en/dog_lead"),
        ("at:takes_a_leash", "/c/en/take_leash"),
        ("fn:lu:walking:leash", "/c/en/leash"),
        ("fn:fe:leash", "/c/en/leash"),
        ('"vg:""leash"""', "/c/en/leash"),
        ("mw:Noun", "/c/en/noun"),
    ],
)
def test_cskg_joins_ids_of_several_sources(node: str, uri: str) -> None:
    batch = parsed("cskg", cskg("0.5", node=node))

    assert batch.related == (
        Related(uri, "UsedFor", "/c/en/walk_dog", "cskg:CN", 0.5, "CC BY-SA 4.0"),
    )


@pytest.mark.parametrize(
    ("label", "relation"),
    [("/r/UsedFor", "UsedFor"), ("at:xWant", "xWant"), ("mw:PartOfSpeech", "mw:PartOfSpeech")],
)
def test_cskg_relations_are_called_as_their_sources_call_them(label: str, relation: str) -> None:
    assert [r.relation for r in parsed("cskg", cskg("1", label=label)).related] == [relation]


def test_the_header_of_cskg_is_no_row() -> None:
    assert rows_of("cskg", CSKG_HEADER) == []
