"""Small random graphs, dense enough that paths cross, repeat and tie."""

from hypothesis import strategies as st

from schema.graph import About, Aspect, Batch, HasIntention, Mentions, Related
from schema.nodes import Concept, Intention, Post
from schema.relations import Relation

POSTS = [Post(f"s:{n}", f"post {n}", "s") for n in range(3)]
INTENTIONS = [
    Intention.of(relation, f"intention {n}")
    for n, relation in enumerate((Relation.X_WANT, Relation.OPEN, Relation.OPEN))
]
CONCEPTS = [Concept.of(f"/c/en/concept_{n}") for n in range(4)]

post_ids = st.sampled_from([post.id for post in POSTS])
intention_ids = st.sampled_from([intention.id for intention in INTENTIONS])
concept_ids = st.sampled_from([concept.id for concept in CONCEPTS])
node_ids = st.one_of(post_ids, intention_ids, concept_ids)
confidences = st.sampled_from([0.25, 0.5, 1.0])


has_intention = st.builds(HasIntention, post_ids, intention_ids, st.just("raw"))
mentions = st.builds(Mentions, post_ids, concept_ids, st.sampled_from(Aspect), st.just("raw"))
about = st.builds(About, intention_ids, concept_ids, st.just("lemma"), confidences)
related = st.builds(
    Related,
    concept_ids,
    st.sampled_from(["IsA", "UsedFor"]),
    concept_ids,
    st.just("cn"),
    st.sampled_from([1.0, 2.0]),
)

graphs = st.builds(
    Batch,
    posts=st.just(tuple(POSTS)),
    intentions=st.just(tuple(INTENTIONS)),
    concepts=st.just(tuple(CONCEPTS)),
    has_intention=st.lists(has_intention, max_size=6).map(tuple),
    mentions=st.lists(mentions, max_size=4).map(tuple),
    about=st.lists(about, max_size=6, unique_by=lambda r: (r.intention_id, r.concept_id)).map(
        tuple
    ),
    related=st.lists(
        related, max_size=6, unique_by=lambda r: (r.head_id, r.relation, r.tail_id)
    ).map(tuple),
)
"""Batches of these ten nodes with a few relationships of each type, parallel ones among them."""
