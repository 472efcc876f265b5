"""Runs: what made a relationship."""

import strawberry

from api.context import Info
from schema import nodes
from schema.graph import NO_RUN


@strawberry.type(description="What made a relationship: a model with its settings, or an import.")
class Run:
    """A run; a relationship that no model made has none."""

    key: strawberry.ID = strawberry.field(description="Hash of all the rest.")
    step: str = strawberry.field(
        description="Which step: describe, extract, infer, import or estimate."
    )
    model: str = strawberry.field(description="The model's name, or the format of an import.")
    revision: str = strawberry.field(
        description="The model's revision, or the release of the imported files."
    )
    prompt_hash: str = strawberry.field(
        description="Hash of the prompt's text; empty where unknown."
    )
    sampling: str = strawberry.field(description="Sampling settings as JSON; empty where unknown.")
    engine: str = strawberry.field(description="The engine and its version; empty where unknown.")
    time: str = strawberry.field(description="ISO 8601, UTC; empty where unknown.")

    @staticmethod
    def of(run: nodes.Run) -> "Run":
        """Return a run as GraphQL shows it."""
        return Run(
            key=strawberry.ID(run.id),
            step=run.step,
            model=run.model,
            revision=run.revision,
            prompt_hash=run.prompt_hash,
            sampling=run.sampling,
            engine=run.engine,
            time=run.time,
        )


async def run_of(info: Info, run_id: str) -> Run | None:
    """Return the run with an id; None where no model made the relationship."""
    if run_id == NO_RUN:
        return None
    run = await info.context.loaders.runs.load(run_id)
    return None if run is None else Run.of(run)
