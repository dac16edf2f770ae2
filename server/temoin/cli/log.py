"""`temoin log …` and `temoin site rotate-key`: a log's growth, and its signing key."""

from __future__ import annotations

import getpass
from pathlib import Path

import click

from temoin.cli.context import Context
from temoin.cli.evidence import settled
from temoin.clock import SystemClock
from temoin.proof.growth import consistency_text
from temoin.proof.rotation import Rotated, rotate_key
from temoin.proof.staged import staged
from temoin.storage.ports import Store


@click.group()
def log() -> None:
    """Proofs about a site's log."""


@log.command("consistency")
@click.argument("name", metavar="SITE")
@click.argument("old", type=click.IntRange(0))
@click.argument("new", type=click.IntRange(0))
@click.option(
    "--out", "out", type=click.Path(path_type=Path), required=True, help="File to write; replaced when complete."
)
@click.pass_obj
def consistency(context: Context, name: str, old: int, new: int, out: Path) -> None:
    """Prove that the first OLD entries of SITE's log begin its first NEW, for 'temoin verify --consistency'."""
    text = context.with_store(lambda store: consistency_text(store.log, name, old, new))
    with staged(out) as file:
        file.write(text.encode())
    facts = {"site": name, "old": old, "new": new, "out": str(out)}
    context.print(facts, f"{out}: the first {old} of {new} entries of {name}.")


@click.command("rotate-key")
@click.argument("name", metavar="SITE")
@click.pass_obj
def rotate_key_command(context: Context, name: str) -> None:
    """Replace the signing key of SITE's log; the old key signs over to the new one, as an entry of the log."""

    async def work(store: Store) -> Rotated:
        done = await rotate_key(store.log, store.log, name, f"cli:{getpass.getuser()}", SystemClock())
        await settled(store, name)
        return done

    done = context.with_store(work)
    facts = {"site": name, "log_key": done.new, "previous_key": done.old, "log_index": done.index}
    context.print(
        facts,
        f"{name}: the log's key is now {done.new}\nPublish it where auditors find it, beside the old one, and give it "
        "to your witnesses.",
    )
