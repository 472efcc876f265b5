"""Whom to name for what comes from a source of commonsense, as its authors ask or publish it."""

from typing import Final

CONCEPTNET: Final = (
    "This work includes data from ConceptNet 5, which was compiled by the Commonsense Computing "
    "Initiative. ConceptNet 5 is freely available under the Creative Commons "
    "Attribution-ShareAlike license (CC BY SA 4.0) from https://conceptnet.io. The included data "
    "was created by contributors to Commonsense Computing projects, contributors to Wikimedia "
    "projects, Games with a Purpose, Princeton University's WordNet, DBPedia, OpenCyc, and Umbel."
)
ATTRIBUTIONS: Final = {
    "conceptnet": CONCEPTNET,
    "cn100k": (
        "CN-100K: Xiang Li, Aynaz Taheri, Lifu Tu and Kevin Gimpel, Commonsense Knowledge Base "
        f"Completion, ACL 2016. {CONCEPTNET}"
    ),
    "atomic": (
        "ATOMIC: Maarten Sap et al., ATOMIC: An Atlas of Machine Commonsense for If-Then "
        "Reasoning, AAAI 2019."
    ),
    "cskg": "CSKG: Filip Ilievski, Pedro Szekely and Bin Zhang, CSKG: The CommonSense Knowledge "
    "Graph, ESWC 2021.",
}
"""By the part of the source's name before the colon."""


def attribution_of(source: str) -> str | None:
    """Return whom to name for a source of commonsense; None where that is not known."""
    return ATTRIBUTIONS.get(source.partition(":")[0])
