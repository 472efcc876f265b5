"""A small graph that the contract tests write, and embeddings that say which is nearest."""

from typing import Final

import numpy as np

from kg.store import EmbeddingModel, GraphStore, Vector
from schema.graph import (
    About,
    Aspect,
    Batch,
    HasIntention,
    Judgement,
    Mentions,
    Related,
)
from schema.nodes import Concept, ConceptKind, Image, Intention, NodeKind, Post, Run
from schema.relations import Relation

MODEL: Final = EmbeddingModel("axes", "1", 4)
AXES: Final[Vector] = np.eye(4, dtype=np.float32)

DOG_POST: Final = Post(
    "pets:1",
    "Meet Rex, he needs a home",
    "pets",
    hashtags=("adoptdontshop",),
    images=(Image("rex.jpg"),),
    image_description="A brown dog in a shelter",
    labels={"sarcastic": "0", "split": "train"},
)
TRAIN_POST: Final = Post(
    "rail:2", "Lovely, the train is late again", "rail", labels={"sarcastic": "1"}
)
CAKE_POST: Final = Post("food:3", "Free cake for the first ten guests", "food")

HOME: Final = Intention.of(Relation.X_WANT, "Find a home for the dog.")
ANNOYED: Final = Intention.of(Relation.X_REACT, "annoyed")
AMUSED: Final = Intention.of(Relation.O_REACT, "amused")
VISIT: Final = Intention.of(Relation.O_WANT, "visit the bakery")

DOG: Final = Concept.of("/c/en/dog")
SHELTER: Final = Concept.of("/c/en/shelter")
TRAIN: Final = Concept.of("/c/en/train")
ANGER: Final = Concept.of("/c/en/anger", ConceptKind.EMOTION)
PET: Final = Concept.of("/c/en/pet")
RUN: Final = Run.of("infer", "some-model", revision="7")

BATCH: Final = Batch(
    posts=(DOG_POST, TRAIN_POST, CAKE_POST),
    intentions=(HOME, ANNOYED, AMUSED, VISIT),
    concepts=(DOG, SHELTER, TRAIN, ANGER, PET),
    runs=(RUN,),
    has_intention=(
        HasIntention(DOG_POST.id, HOME.id, "Find a home for the dog.", RUN.id, 0.5),
        HasIntention(TRAIN_POST.id, ANNOYED.id, "annoyed", RUN.id),
        HasIntention(TRAIN_POST.id, AMUSED.id, "amused", RUN.id),
        HasIntention(CAKE_POST.id, AMUSED.id, "Amused", RUN.id),
        HasIntention(CAKE_POST.id, VISIT.id, "visit the bakery"),
    ),
    judgements=(Judgement(DOG_POST.id, HOME.id, "ann", "accepted", "2024-01-20T12:00:00Z"),),
    mentions=(
        Mentions(DOG_POST.id, DOG.id, Aspect.OBJECT, "Dog", RUN.id),
        Mentions(TRAIN_POST.id, TRAIN.id, Aspect.OBJECT, "train"),
        Mentions(TRAIN_POST.id, ANGER.id, Aspect.EMOTION, "Angry"),
    ),
    about=(About(HOME.id, DOG.id, "lemma", 0.9), About(HOME.id, SHELTER.id, "lemma", 0.7)),
    related=(
        Related(DOG.id, "IsA", PET.id, "conceptnet", 2.0, "cc:by/4.0"),
        Related(DOG.id, "AtLocation", SHELTER.id, "conceptnet", 1.0),
    ),
)


async def embed_intentions(store: GraphStore) -> None:
    """Embed the four intentions as the four axes, in the order of their ids."""
    await store.require_model(MODEL)
    ids = sorted(i.id for i in BATCH.intentions)
    await store.put_embeddings(NodeKind.INTENTION, ids, AXES)
