"""The order in which every store gives what belongs to a node (GraphStore)."""

from typing import Final

from kg.store import HeldIntention, LinkedConcept, MentionedConcept
from schema.graph import Aspect, Judgement, Related
from schema.relations import Relation

ASPECT_PLACE: Final = {aspect: place for place, aspect in enumerate(Aspect)}
RELATION_PLACE: Final = {relation: place for place, relation in enumerate(Relation)}


def of_intention(held: HeldIntention) -> tuple[int, str, str]:
    """Order a post's intentions by relation, id and run."""
    return RELATION_PLACE[held.intention.relation], held.intention.id, held.has.run_id


def of_mention(held: MentionedConcept) -> tuple[int, str, str, str]:
    """Order a post's concepts by aspect, id, raw string and run."""
    mentions = held.mentions
    return ASPECT_PLACE[mentions.aspect], mentions.concept_id, mentions.raw, mentions.run_id


def of_link(link: LinkedConcept) -> tuple[float, str, str]:
    """Order what an intention is about by falling confidence, id and method."""
    return -link.about.confidence, link.concept.id, link.about.method


def of_judgement(judgement: Judgement) -> tuple[str, str, str]:
    """Order what was judged of a post by intention id, annotator and time."""
    return judgement.intention_id, judgement.annotator, judgement.time


def of_related(related: Related) -> tuple[str, str, str]:
    """Order the assertions of a head by relation, tail id and source."""
    return related.relation, related.tail_id, related.source
