"""`temoin doctor`: whether this installation can do what it should, one line a check, and what to do where not."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import timedelta
from pathlib import Path
from typing import Literal

import click

from temoin.cli.context import Context
from temoin.cli.progress import progress_bar
from temoin.clock import SystemClock, parse_rfc3339
from temoin.errors import TemoinError
from temoin.proof.audit import audit_log
from temoin.proof.browser import started
from temoin.proof.outside import Outside
from temoin.proof.ports import TSA
from temoin.proof.witness import parse_witnesses
from temoin.settings import Settings
from temoin.storage.open import open_place
from temoin.storage.ports import Store
from temoin.storage.sqlite.store import FILE

_ROOM = 2  # times the store's file: an erasure may write it anew
_OLD_ENDORSEMENT = timedelta(days=1)
_COLOURS = {"ok": "green", "note": "yellow", "wrong": "red"}

State = Literal["ok", "note", "wrong"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: `ok`, a `note` that may be meant so, or `wrong`; `hint` says what to do about the latter two."""

    check: str
    state: State
    message: str
    hint: str = ""


@click.command("doctor")
@click.option("--quick", is_flag=True, help="Leave out what takes long: the whole file, and every log from its start.")
@click.pass_context
def doctor_command(click_context: click.Context, quick: bool) -> int:
    """Check settings, files, browser, archive and every log; exit 1 where something is wrong."""
    context: Context = click_context.obj
    findings = [*_settings(context.settings), *_files(context.settings, quick)]
    if context.has_store():
        findings += context.with_store(lambda store: _all(_store(store, context.settings, quick)))
    else:
        findings.append(Finding("store", "note", "There is none yet.", "'temoin site put FILE' makes one."))
    context.print([asdict(finding) for finding in findings], "\n".join(map(_line, findings)))
    return 1 if any(finding.state == "wrong" for finding in findings) else 0


def _line(finding: Finding) -> str:
    mark = click.style(f"{finding.state:5}", fg=_COLOURS[finding.state])
    return f"{mark} {finding.check}: {finding.message}" + (f"\n      {finding.hint}" if finding.hint else "")


def _settings(settings: Settings) -> Iterator[Finding]:
    if settings.public_url.startswith("https://"):
        yield Finding("public URL", "ok", f"{settings.public_url}.")
    else:
        yield Finding(
            "public URL",
            "note",
            f"Browsers are told {settings.service_url}, without TLS.",
            "Set TEMOIN_PUBLIC_URL to the https address that visitors reach.",
        )


def _files(settings: Settings, quick: bool) -> Iterator[Finding]:
    folder = settings.data_folder
    if not folder.is_dir():
        return
    file = folder / FILE
    for path, most in ((folder, 0o700), (file, 0o600)):
        if path.exists() and path.stat().st_mode & 0o777 & ~most:
            yield Finding(
                "permissions", "wrong", f"Others may open {path}: it holds signing keys.", f"chmod {most:o} {path}"
            )
    room, needed = shutil.disk_usage(folder).free, _ROOM * (file.stat().st_size if file.exists() else 0)
    yield Finding(
        "room",
        "ok" if room > needed else "note",
        f"{room >> 20} MiB are free, {needed >> 20} MiB may be needed to erase.",
        "" if room > needed else "Free some, or archive old records (TEMOIN_ARCHIVE_AFTER).",
    )
    if file.exists() and not quick:
        yield _integrity(file)


def _integrity(file: Path) -> Finding:
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as connection:
            said = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        said = str(error)
    if said == "ok":
        return Finding("file", "ok", f"{file} is whole.")
    return Finding("file", "wrong", f"{file} is damaged: {said}.", "Keep a copy as it is, and restore a backup.")


async def _all(findings: AsyncIterator[Finding]) -> list[Finding]:
    return [finding async for finding in findings]


async def _store(store: Store, settings: Settings, quick: bool) -> AsyncIterator[Finding]:
    yield await _written(store)
    yield await _browser(settings)
    yield _archive(settings)
    sites = [row for row in await store.sites.sites() if row.version is not None]
    for row in sites:
        if not quick:
            yield await _log(store, row.id)
        async for finding in _endorsed(store, settings, row.id):
            yield finding
        async for finding in _exports(store, row.id):
            yield finding
    if not sites:
        yield Finding("sites", "note", "No site is published.", "'temoin publish SITE' publishes one.")


async def _written(store: Store) -> Finding:
    try:
        await store.ready()
    except TemoinError as error:
        return Finding("store", "wrong", error.message, error.hint)
    return Finding("store", "ok", "A write reaches the disk.")


async def _browser(settings: Settings) -> Finding:
    try:
        async with started(settings.chromium, "to capture evidence with", "publish --without-evidence.") as browser:
            return Finding("browser", "ok", f"Chromium {browser.version} starts.")
    except TemoinError as error:
        return Finding("browser", "wrong", error.message, error.hint)


def _archive(settings: Settings) -> Finding:
    try:
        count = len(list(open_place(settings).names()))
    except (TemoinError, OSError) as error:
        hint = (
            error.hint if isinstance(error, TemoinError) else "Check TEMOIN_ARCHIVE, its permissions and credentials."
        )
        return Finding("archive", "wrong", f"It does not answer: {error}", hint)
    return Finding("archive", "ok", f"{count} segments in {settings.archive or 'the data folder'}.")


async def _log(store: Store, site: str) -> Finding:
    state = await store.log.log_state(site)
    with progress_bar(state.appended if state else 0, f"Proving {site}") as told:
        audit = await audit_log(store.log, site, told)
    if audit.problems:
        return Finding(
            f"log of {site}",
            "wrong",
            f"It does not prove: {'; '.join(audit.problems)}.",
            "Stop the service, keep a copy of the data folder as it is, and restore a backup.",
        )
    destroyed = f", {audit.destroyed} of their documents destroyed" if audit.destroyed else ""
    return Finding(f"log of {site}", "ok", f"{audit.entries} entries{destroyed}, {audit.sealed} under its checkpoint.")


async def _endorsed(store: Store, settings: Settings, site: str) -> AsyncIterator[Finding]:
    """Whether each witness and the authority that are set said something of the log within a day."""
    outside = Outside()
    try:
        wanted = [witness.source for witness in parse_witnesses(settings.witnesses, outside)]
    finally:
        outside.close()
    newest = {endorsement.source: endorsement.obtained_at for endorsement in await store.log.endorsements(site)}
    for source in [*wanted, *([TSA] if settings.tsa_url else [])]:
        name = source.partition("+")[0]
        if source in newest and SystemClock().now() - parse_rfc3339(newest[source]) < _OLD_ENDORSEMENT:
            yield Finding(f"log of {site}", "ok", f"Endorsed by {name} at {newest[source]}.")
        else:
            last = f"since {newest[source]}" if source in newest else "ever"
            yield Finding(
                f"log of {site}",
                "note",
                f"Not endorsed by {name} {last}.",
                "A log that does not grow needs no new endorsement; otherwise the service's log says why.",
            )


async def _exports(store: Store, site: str) -> AsyncIterator[Finding]:
    """Whether files that were exported hold what was destroyed since."""
    due = [str(found.order.out) for found in await store.exports.exports(site) if found.due]
    if due:
        yield Finding(
            f"exports of {site}",
            "note",
            f"Records that were destroyed since are in {', '.join(due)}.",
            f"'temoin retain {site}' writes such files anew, and says which it cannot.",
        )
