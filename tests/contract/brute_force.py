"""Paths by trying everything, from the definitions in kg.hops and kg.traversal."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from kg.hops import Hops, Step
from kg.traversal import Path
from schema.graph import Batch, Filter, RelationshipType
from schema.nodes import kind_of
from schema.text import rank_of

Adjacency = dict[str, list[Step]]


def adjacency(batch: Batch, hops: Hops) -> Adjacency:
    """Return the steps that are followed from each node: the fan-out's, parallels as one."""
    best: dict[tuple[str, RelationshipType, str, bool], Step] = {}
    shut = _shut_out(batch, hops.where)
    for step in _both_ways(batch):
        if shut & {step.start_id, step.end_id}:
            continue
        key = (step.start_id, step.type, step.end_id, step.forward)
        if _is_allowed(step, hops) and (key not in best or _surer(step, best[key])):
            best[key] = step
    steps: Adjacency = {}
    for step in sorted(best.values(), key=lambda s: (-s.confidence, rank_of(s.end_id))):
        own = steps.setdefault(step.start_id, [])
        if sum((s.type, s.forward) == (step.type, step.forward) for s in own) < hops.fan_out:
            own.append(step)
    return steps


def paths_to(batch: Batch, start_id: str, end_id: str, hops: Hops) -> list[Path]:
    """Return all paths whose first half is followed from the start, the rest from the end."""
    steps = adjacency(batch, hops)
    turned: Adjacency = {}
    for step in (_turn(step) for own in steps.values() for step in own):
        turned.setdefault(step.start_id, []).append(step)
    found: list[Path] = []
    for length in range(1, hops.most + 1):
        layers = [steps if i < (length + 1) // 2 else turned for i in range(length)]
        found += [p for p in _paths(layers, start_id) if p.node_ids[-1] == end_id]
    return sorted(found, key=order)


def followed(batch: Batch, start_id: str, hops: Hops) -> Adjacency:
    """Return the steps between the nodes that hop after hop are kept (Hops.frontier, Hops.ends)."""
    steps = adjacency(batch, hops)
    frontier, kept, seen = {start_id: 1.0}, {start_id}, dict[str, list[Step]]()
    for hop in range(1, hops.most + 1):
        seen |= {node_id: steps.get(node_id, []) for node_id in frontier}
        came = [
            (sure * s.confidence, s) for node_id, sure in frontier.items() for s in seen[node_id]
        ]
        best: dict[str, float] = {}
        for sure, step in sorted(came, key=lambda one: one[0]):
            if step.end_id not in kept:
                best[step.end_id] = sure
        if hop == hops.most:
            wanted = {s.end_id for sure, s in came if _is_wanted(s, hops) and _ties(sure, s, best)}
            best = {node_id: sure for node_id, sure in best.items() if node_id in wanted}
        order = sorted(best, key=lambda i: (-round(best[i], 12), rank_of(i)))
        frontier = {node_id: best[node_id] for node_id in order[: hops.frontier]}
        kept |= frontier.keys()
    return {i: [step for step in own if step.end_id in kept] for i, own in seen.items()}


def _is_wanted(last: Step, hops: Hops) -> bool:
    return hops.ends.want(kind_of(last.end_id), last.type)


def _ties(sure: float, step: Step, best: Mapping[str, float]) -> bool:
    return step.end_id in best and sure >= best[step.end_id] - 1e-9


def best_paths(batch: Batch, start_id: str, hops: Hops) -> list[Path]:
    """Return the best path to each node within reach at which a path may end."""
    steps = followed(batch, start_id, hops)
    best: dict[str, Path] = {}
    for length in range(1, hops.most + 1):
        for path in _paths([steps] * length, start_id):
            end_id = path.node_ids[-1]
            if end_id not in best or order(path) < order(best[end_id]):
                best[end_id] = path
    return sorted((p for p in best.values() if _is_wanted(p.steps[-1], hops)), key=order)


def differing(paths: list[Path], overlap: float) -> list[Path]:
    """Return those that share at most this part of their inner nodes with each taken before."""
    taken: list[Path] = []
    for path in paths:
        inner = set(path.node_ids[1:-1])
        shared = [len(inner & set(other.node_ids[1:-1])) for other in taken]
        if max(shared, default=0) <= overlap * len(inner):
            taken.append(path)
    return taken


def order(path: Path) -> tuple[float, int, tuple[str, ...], tuple[str, ...]]:
    arcs = tuple(f"{s.type}{'>' if s.forward else '<'}{s.relation}" for s in path.steps)
    return -round(path.confidence, 9), len(path.steps), path.node_ids, arcs


def _paths(layers: list[Adjacency], start_id: str) -> Iterator[Path]:
    partial = [(Path((), 1.0), (start_id,))]
    for layer in layers:
        partial = [
            (Path((*path.steps, step), path.confidence * step.confidence), (*seen, step.end_id))
            for path, seen in partial
            for step in layer.get(seen[-1], ())
            if step.end_id not in seen
        ]
    return (path for path, _ in partial)


def _both_ways(batch: Batch) -> Iterator[Step]:
    for step in _forward(batch):
        yield step
        yield _turn(step)


def _turn(step: Step) -> Step:
    return replace(step, start_id=step.end_id, end_id=step.start_id, forward=not step.forward)


def _forward(batch: Batch) -> Iterator[Step]:
    relation = {i.id: i.relation.value for i in batch.intentions}
    for r in batch.has_intention:
        sure = 0.9 if r.plausibility is None else max(0.01, r.plausibility)
        kind = RelationshipType.HAS_INTENTION
        yield Step(r.post_id, kind, r.intention_id, True, relation[r.intention_id], sure)
    for r in batch.mentions:
        kind = RelationshipType.MENTIONS
        yield Step(r.post_id, kind, r.concept_id, True, r.aspect.value, 0.8)
    for r in batch.about:
        kind = RelationshipType.ABOUT
        yield Step(r.intention_id, kind, r.concept_id, True, r.method, r.confidence)
    for r in batch.related:
        kind = RelationshipType.RELATED
        yield Step(r.head_id, kind, r.tail_id, True, r.relation, 1 - 2**-r.weight)


def _shut_out(batch: Batch, where: Filter) -> set[str]:
    """Return the posts and intentions of which no pair is in (schema.graph.Filter)."""
    relation = {i.id: i.relation for i in batch.intentions}
    speaks_of: dict[str | None, set[str]] = {None: set()}
    for link in batch.about:
        speaks_of.setdefault(link.intention_id, set()).add(link.concept_id)
    for link in batch.mentions:
        speaks_of.setdefault(link.post_id, set()).add(link.concept_id)
    pairs = {(r.post_id, r.intention_id) for r in batch.has_intention}
    posts, intentions = {p.id for p in batch.posts}, set(relation)
    alone = (posts | intentions) - {end for pair in pairs for end in pair}
    every = pairs | {(i, None) if i in posts else (None, i) for i in alone}
    passing = {
        end
        for post_id, intention_id in every
        if not where.relations or relation.get(intention_id or "") in where.relations
        if set(where.concepts) <= speaks_of.get(post_id, set()) | speaks_of.get(intention_id, set())
        for end in (post_id, intention_id)
    }
    return (posts | intentions) - passing


def _is_allowed(step: Step, hops: Hops) -> bool:
    if hops.types and step.type not in hops.types:
        return False
    if step.type is not RelationshipType.RELATED:
        return True
    is_loop = step.start_id == step.end_id
    return not is_loop and (not hops.relations or step.relation in hops.relations)


def _surer(one: Step, other: Step) -> bool:
    return (-one.confidence, one.relation) < (-other.confidence, other.relation)
