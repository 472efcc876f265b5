"""From judgements to an estimate on every pair: resumable, safe to run twice, seeds fixed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from evaluation.bootstrap import Floats
from evaluation.plausibility.crossed import crossed
from evaluation.plausibility.model import NAME, VERSION, Plausibility
from evaluation.plausibility.pairs import Pair, pairs
from ingest.progress import Report
from kg.store import GraphStore
from schema.graph import Batch, HasIntention
from schema.nodes import Run
from schema.text import digest


@dataclass(frozen=True, slots=True)
class Learnt:
    """What was learnt of judged pairs.

    Attributes:
        run: Names the model and, in its revision, what it learnt from.
        judged: The pairs that were judged.
        held_out: The estimate of each by a model that saw no pair of its post, (n,).
        model: The model of them all.
    """

    run: Run
    judged: Sequence[Pair]
    held_out: Floats
    model: Plausibility


async def judged_pairs(store: GraphStore) -> list[Pair]:
    """Return the pairs that people took or refused."""
    return [p async for page in pairs(store) for p in page if p.accepted is not None]


async def learn(store: GraphStore) -> Learnt:
    """Learn from the judgements in a graph.

    Raises:
        InputError: There are too few, or of too few posts, or without a word in common.
    """
    judged = await judged_pairs(store)
    held_out = crossed(judged)
    told = [f"{p.has.post_id} {p.has.intention_id} {p.accepted} {p.numbers}" for p in judged]
    run = Run.of("estimate", NAME, revision=f"{VERSION}-{digest(*sorted(told))}")
    return Learnt(run, judged, held_out, Plausibility.fitted(judged))


async def estimate(store: GraphStore, learnt: Learnt, progress: Report) -> int:
    """Write an estimate on every pair that has none by this run; return how many.

    A judged pair gets that of a model that saw no pair of its post: the others know the answer.
    """
    await store.put(Batch(runs=(learnt.run,)))
    known = {
        (pair.has.post_id, pair.has.intention_id): float(value)
        for pair, value in zip(learnt.judged, learnt.held_out, strict=True)
    }
    total = sum((await store.counts()).has_intention_by_relation.values())
    done = written = 0
    async for page in pairs(store):
        new = [pair for pair in page if pair.has.estimator_id != learnt.run.id]
        given = await store.replace_plausibility(_estimated(new, learnt, known)) if new else None
        written += given.total if given else 0
        done += len(page)
        progress(done, total)
    return written


def _estimated(
    new: Sequence[Pair], learnt: Learnt, known: Mapping[tuple[str, str], float]
) -> list[HasIntention]:
    values = learnt.model.estimates(new).tolist()
    return [
        replace(
            pair.has,
            plausibility=known.get((pair.has.post_id, pair.has.intention_id), value),
            estimator_id=learnt.run.id,
        )
        for pair, value in zip(new, values, strict=True)
    ]
