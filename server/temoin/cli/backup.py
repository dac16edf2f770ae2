"""`temoin backup` and `temoin restore`: the embedded store in one file, taken beside a running service."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from temoin.cli.context import Context
from temoin.cli.progress import progress_bar
from temoin.clock import SystemClock
from temoin.errors import Invalid
from temoin.settings import Settings
from temoin.storage.backup import Backup, restore_backup, write_backup
from temoin.storage.open import open_embedded, open_place


@click.command("backup")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.pass_obj
def backup_command(context: Context, file: Path) -> None:
    """Write the whole store with its archive to FILE, beside a running service; every log in it is proven again."""
    _embedded(context)
    context.require_store()
    made = asyncio.run(_written(context.settings, file))
    _print(
        context, made, file, f"{file}: everything as of {made.made_at}. It holds the logs' signing keys: keep it so."
    )


@click.command("restore")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.pass_obj
def restore_command(context: Context, file: Path) -> None:
    """Make FILE, written by 'temoin backup', the store of an empty data folder; every log is proven again first."""
    _embedded(context)
    folder = context.settings.data_folder
    made = asyncio.run(restore_backup(file, folder, open_place(context.settings), progress_bar))
    _print(
        context,
        made,
        file,
        f"{folder}: the store as of {made.made_at}. Decisions and erasures made after that are not in it:\n"
        "erase again what was erased since.",
    )


async def _written(settings: Settings, file: Path) -> Backup:
    clock = SystemClock()
    store = open_embedded(settings, clock)
    try:
        return await write_backup(store, open_place(settings), file, clock.now(), progress_bar)
    finally:
        await store.close()


def _embedded(context: Context) -> None:
    if context.settings.store:
        raise Invalid(
            "not_embedded",
            "This copies the embedded store, and --store or TEMOIN_STORE names another.",
            "Copy that one by its own means; docs/operations.md says how.",
        )


def _print(context: Context, made: Backup, file: Path, text: str) -> None:
    logs = [
        {"site": log.site, "entries": log.entries, "sealed": log.sealed, "destroyed": log.destroyed}
        for log in made.logs
    ]
    facts = {"file": str(file), "made_at": made.made_at, "segments": len(made.segments), "logs": logs}
    lines = [
        f"{log.site}: {log.entries} entries, {log.sealed} of them under its checkpoint: proven." for log in made.logs
    ]
    context.print(facts, "\n".join([*lines, text]))
