"""`temoin export` and `temoin verify`: proofs for a compliance officer, and their check by anybody."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import click

from temoin.cli.context import Context
from temoin.cli.progress import BAR, LINES, progress_bar
from temoin.clock import SystemClock
from temoin.errors import Malformed, NotFound, NotReady
from temoin.proof.export import FORMATS
from temoin.proof.exports import Exports, Order
from temoin.proof.log import published_state
from temoin.proof.ports import EntryFilter, LogState
from temoin.proof.sealer import Sealer
from temoin.proof.verify.bundle import verify_bundle
from temoin.proof.verify.trust import Pins
from temoin.proof.wanted import end_of_day
from temoin.proof.words import LANGUAGES
from temoin.storage.ports import Store

_SEAL_TRIES = 100
_SEAL_PAUSE = 0.1
_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command("export")
@click.argument("name", metavar="SITE")
@click.option("--from", "since", metavar="D", help="Records from this date or RFC 3339 time on.")
@click.option("--to", "until", metavar="D", help="Records up to the end of this date, or before this RFC 3339 time.")
@click.option("--subject", metavar="S", help="One subject's records only.")
@click.option("--purpose", metavar="P", help="Records that decide on this purpose only.")
@click.option("--event", metavar="E", help="given, refused, changed or withdrawn.")
@click.option(
    "--format",
    "form",
    type=click.Choice([*FORMATS, "pdf", "bundle"]),
    required=True,
    help="pdf: with --subject that visitor's certificate, without it a report; bundle: verifiable offline.",
)
@click.option("--language", type=click.Choice(LANGUAGES), help="Of a pdf. [default: the site's own, else en]")
@click.option(
    "--out", "out", type=click.Path(path_type=Path), required=True, help="File to write; replaced when complete."
)
@click.option(
    "--progress",
    type=click.Choice([BAR, LINES]),
    default=BAR,
    show_default=True,
    help='lines: {"done":…,"of":…} on the error output each second, for a program that looks on.',
)
@click.pass_obj
def export_command(
    context: Context,
    /,
    name: str,
    out: Path,
    form: str,
    since: str | None,
    until: str | None,
    subject: str | None,
    purpose: str | None,
    event: str | None,
    language: str | None,
    progress: str,
) -> None:
    """Write proofs of SITE's decisions to a file."""
    if language is not None and form != "pdf":
        raise Malformed("bad_usage", "--language is for --format pdf.", "Leave it out: records are the same in any.")
    chosen = EntryFilter(since, end_of_day(until), subject, purpose, event)

    order = Order(name, form, out.absolute(), chosen, language)

    async def work(store: Store) -> dict[str, Any]:
        state = await settled(store, name)
        exports = Exports(store.log, store.exports, SystemClock(), context.settings.chromium)
        with progress_bar(state.sealed, f"Exporting {name}", progress) as told:
            return {"records": await exports.make(order, state.sealed, told), "log_size": state.sealed}

    facts = context.with_store(work)
    then = f" Check it with: temoin verify {out}" if form == "bundle" else ""
    text = f"{out}: {facts['records']} records as {form}, from a log of {facts['log_size']} entries.{then}"
    context.print({"site": name, "out": str(out), "format": form, **facts}, text)


@click.command("verify")
@click.argument("bundle", type=click.Path(path_type=Path))
@click.option(
    "--key", metavar="VKEY", help="The log's verifier key as you know it from elsewhere ('temoin site show')."
)
@click.option(
    "--witness", "witnesses", metavar="VKEY", multiple=True, help="A witness that must have cosigned; may be repeated."
)
@click.option(
    "--tsa-certificate", "tsa", type=_FILE, help="PEM that the time-stamp must lead to: the authority's, or its root."
)
@click.option("--checkpoint", type=_FILE, help="A checkpoint of this log that you kept earlier; a fork is refused.")
@click.option(
    "--consistency",
    type=_FILE,
    multiple=True,
    help="A proof by 'temoin log consistency' between that checkpoint and the bundle's; may be repeated.",
)
@click.pass_obj
def verify_command(
    context: Context,
    /,
    bundle: Path,
    key: str | None,
    witnesses: tuple[str, ...],
    tsa: Path | None,
    checkpoint: Path | None,
    consistency: tuple[Path, ...],
) -> None:
    """Check BUNDLE with no service, store or network; exit 1 if anything in it fails."""
    if not bundle.is_file():
        raise NotFound(
            "no_file", f"{bundle} is not a file.", "Give a bundle that 'temoin export --format bundle' wrote."
        )
    pins = Pins(
        witnesses,
        _contents(tsa) if tsa else None,
        _text(checkpoint) if checkpoint else None,
        tuple(_text(file) for file in consistency),
    )
    result = verify_bundle(bundle, key, pins=pins)
    context.print(result.as_dict(), "\n".join(result.lines()))
    if not result.ok:
        raise click.exceptions.Exit(1)


async def settled(store: Store, site: str) -> LogState:
    """The log once everything appended so far is sealed: by a running service, or here where none runs."""
    sealer = Sealer(store.log, store.log, store.log, SystemClock())
    state = await store.log.log_state(site)
    if state is not None and state.appended == 0:
        raise NotFound("empty_log", f"The log of {site} is empty.", f"Publish it first: temoin publish {site}")
    target = state.appended if state else 0
    for _ in range(_SEAL_TRIES):
        await sealer.seal_all()
        state = await store.log.log_state(site)
        if state is None or state.sealed >= target:
            await sealer.stop()
            return (await published_state(store.log, site))[0]
        await asyncio.sleep(_SEAL_PAUSE)
    raise NotReady(
        "not_sealed", f"The log of {site} is not being sealed.", "Look at the service's log, then try again."
    )


def _contents(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise NotFound("no_file", f"{file} cannot be read: {error.strerror}.", "Check the file's path.") from error


def _text(file: Path) -> str:
    """A file of text; what is not text fails its step, in words, by the sign that it then has in it."""
    return _contents(file).decode("utf-8", "replace")
