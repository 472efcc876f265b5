"""The commands that delete: ``delete``, ``purge``."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from ingest.command import DEFAULT_STORE, Json, Store
from miko import show
from miko.running import answer, graph, waiting

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kg.receipt import Receipt


def delete(
    post_ids: Annotated[list[str], typer.Argument(metavar="ID...", help="Posts, by their ids.")],
    purge: Annotated[
        bool, typer.Option(help="Clear the graph's files of them too; takes as long as a copy.")
    ] = True,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask whether to.")] = False,
    store: Store = DEFAULT_STORE,
    json: Json = False,
) -> None:
    """Delete posts everywhere in the graph, and print a receipt for each; it cannot be undone.

    [bold]Examples[/bold]

      miko delete sample:001

      miko delete sample:002 sample:003 --yes --json

      miko delete sample:004 --yes --no-purge

    A post stays deleted: `miko load` sets its rows aside, unless --allow-deleted is given.
    """
    wanted = list(dict.fromkeys(post_ids))
    if not yes:
        typer.confirm(
            f"Delete {', '.join(map(show.plain, wanted))} for good?", abort=True, err=True
        )
    receipts: list[Receipt] = []
    try:
        answer(lambda: _delete(wanted, store, receipts, tell=not json, purge=purge))
    finally:  # a receipt cannot be had again, whatever fails after it was made
        if json and receipts:
            show.value([_row(receipt) for receipt in receipts])
        elif receipts:
            _tell_left(receipts[0])
    if not all(receipt.is_verified for receipt in receipts):
        raise typer.Exit(1)


def purge(store: Store = DEFAULT_STORE) -> None:
    """Clear what was deleted out of the unused space of the graph's files.

    [bold]Example[/bold]

      miko purge

    `miko delete` does so by itself; a post that was deleted over GraphQL leaves it to be done.
    """

    async def run() -> "Sequence[str]":
        async with graph(store) as opened:
            with waiting("Writing the graph's files anew"):
                return await opened.purge()

    left = answer(run)
    if not left:
        typer.echo("Nothing of what was deleted is left in the graph's files.")
    for place in left:
        typer.echo(f"May be left: {place}")


async def _delete(
    post_ids: "Sequence[str]", store: str, receipts: "list[Receipt]", *, tell: bool, purge: bool
) -> None:
    """Delete posts, and add each receipt as soon as it is made."""
    from kg.receipt import delete_post, require_there

    async with graph(store) as opened:
        await require_there(opened, post_ids)  # before any is deleted
        for post_id in post_ids:
            receipts.append(await delete_post(opened, post_id))
            if tell:
                _tell(receipts[-1])
        if purge:
            with waiting("Writing the graph's files anew"):
                left = await opened.purge()
            receipts[:] = [receipt.after_purge(left) for receipt in receipts]


def _row(receipt: "Receipt") -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(receipt) | {"verified": receipt.is_verified}


def _tell(receipt: "Receipt") -> None:
    removed = ", ".join(f"{one.count} {one.name}" for one in receipt.removed)
    typer.echo(f"{show.plain(receipt.post_id)}: deleted at {receipt.time}")
    typer.echo(f"  removed: {removed}")
    for one in receipt.stayed:
        held = (("posts", one.posts), ("intentions", one.intentions), ("commonsense", one.related))
        by = ", ".join(f"{count:,} {name}" for name, count in held if count)
        typer.echo(f"  stayed: {show.plain(one.id)}, held by {by}")
    typer.echo(f"  version: {receipt.version_before} before, {receipt.version} after")
    typer.echo(f"  sha256: {receipt.sha256} of its line, {receipt.text_sha256} of its text")
    for check in receipt.checks:
        typer.echo(f"  {'checked' if check.passed else 'FAILED'}: {check.name}")


def _tell_left(receipt: "Receipt") -> None:
    """Say where bytes may be left: the same of all that one command deletes."""
    for place in receipt.left:
        typer.echo(f"may be left: {place}")
