"""The command that teaches a small model what the graph knows: ``train-student``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from ingest.command import DEFAULT_STORE, Json, Store
from miko import show
from miko.running import answer, graph, waiting

if TYPE_CHECKING:
    from evaluation.student.split import PartedLessons
    from evaluation.student.teach import TeachingPlan

TAUGHT = "How it is taught"


def train_student(
    model: Annotated[
        Path, typer.Argument(help="Folder of a causal language model with a chat template.")
    ],
    out: Annotated[Path, typer.Option(help="The student's folder.")] = Path("student"),
    hold_out: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Posts to test on, in any format of `miko load`: neither they nor their near "
            "duplicates are learnt from.",
        ),
    ] = None,
    hold_out_share: Annotated[
        float,
        typer.Option(min=0.01, max=0.9, help="Without --hold-out: the share that is drawn."),
    ] = 0.1,
    unjudged: Annotated[
        bool, typer.Option("--unjudged", help="Learn intentions as well that nobody judged.")
    ] = False,
    epochs: Annotated[
        float,
        typer.Option(min=0.001, max=100, help="Times each is learnt.", rich_help_panel=TAUGHT),
    ] = 2.0,
    batch: Annotated[
        int, typer.Option(min=1, max=1024, help="Posts of one step.", rich_help_panel=TAUGHT)
    ] = 8,
    learning_rate: Annotated[
        float,
        typer.Option(min=1e-7, max=0.1, help="At its greatest.", rich_help_panel=TAUGHT),
    ] = 1e-3,
    rank: Annotated[
        int, typer.Option(min=1, max=512, help="Of LoRA's matrices.", rich_help_panel=TAUGHT)
    ] = 16,
    max_tokens: Annotated[
        int,
        typer.Option(
            min=64, max=32_768, help="Longer lessons are left out.", rich_help_panel=TAUGHT
        ),
    ] = 2048,
    seed: Annotated[
        int,
        typer.Option(min=0, help="Of first values, order, and share.", rich_help_panel=TAUGHT),
    ] = 0,
    checkpoint_s: Annotated[
        float, typer.Option(min=0, help="Seconds between checkpoints.", rich_help_panel=TAUGHT)
    ] = 60.0,
    store: Store = DEFAULT_STORE,
    json: Json = False,
) -> None:
    """Teach a small language model the accepted intentions of the graph, by LoRA.

    [bold]Examples[/bold]

      miko train-student models/SmolLM2-135M-Instruct --hold-out test.json

      miko train-student MODEL --out student --epochs 3 --unjudged --hold-out-share 0.2

    The result is a model's folder, for `miko distill --engine transformers` or `vllm`. Safe to
    stop and to run again: it comes out the same.
    """
    from evaluation.student.recipe import Recipe
    from evaluation.student.teach import TeachingPlan, teach
    from ingest.progress import counting

    recipe = Recipe(epochs, batch, learning_rate, rank, seed)
    plan = TeachingPlan(model, out, recipe, unjudged, max_tokens, checkpoint_s)
    with waiting("Reading the graph"):
        split = answer(lambda: _split(plan, store, hold_out, hold_out_share))
    with counting("Teaching", "steps", hidden=json) as progress:
        done = teach(plan, split, progress)
    _print(done, out, as_json=json)


async def _split(
    plan: "TeachingPlan", store: str, hold_out: Path | None, share: float
) -> "PartedLessons":
    import anyio.to_thread

    from evaluation.student.lessons import lessons
    from evaluation.student.split import drawn, part_lessons, posts_in

    async with graph(store) as opened:
        every = await lessons(opened, unjudged=plan.unjudged)
    if hold_out is None:
        tested = drawn(every, share, plan.recipe.seed)
    else:
        tested = await anyio.to_thread.run_sync(posts_in, hold_out)
    return await anyio.to_thread.run_sync(part_lessons, every, tested)


def _print(done: dict[str, Any], out: Path, *, as_json: bool) -> None:
    if as_json:
        show.value(done)
        return
    losses = done["losses"]
    typer.echo(
        f"{out}: student {done['id']}, taught {done['lessons']:,} answers in {len(losses):,} steps "
        f"({done['seconds']:,.0f} s); loss {losses[0]:.3f} at first, {losses[-1]:.3f} at last"
    )
    typer.echo(
        f"{done['held_out']:,} posts are held out, {done['near']:,} answers left out as near "
        f"duplicates of these, {done['too_long']:,} as too long"
    )
    typer.echo(f"Next: `miko distill POSTS --engine transformers --model {out}`")
