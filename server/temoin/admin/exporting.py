"""Exports asked for in the admin: each is a `temoin export` in a process of its own, beside the service.

A million records so keep no visitor waiting, and what the command promises holds: the file appears whole or not at all,
and the register of exports has it first, so that an erasure reaches it. What is kept of a job is who asked, for what,
and how far it is; never a subject's id, which an erasure would have to find here too.

What survives a crash: a job whose process is gone is heard of no more, and shown as broken off after a minute.
"""

from __future__ import annotations

import asyncio
import logging
import os
import secrets
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import msgspec
import orjson
from msgspec import Struct

from temoin.admin.account import read
from temoin.admin.journal import Journal
from temoin.admin.ports import KeyValueStore
from temoin.clock import SystemClock, parse_rfc3339, rfc3339
from temoin.errors import Conflict, Malformed, NotFound
from temoin.proof.exports import ExportRegister
from temoin.proof.ports import EntryFilter
from temoin.proof.wanted import normalised
from temoin.settings import Settings

_log = logging.getLogger(__name__)

SUFFIXES = {"csv": "csv", "jsonl": "jsonl", "xml": "xml", "parquet": "parquet", "pdf": "pdf", "bundle": "zip"}
MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "jsonl": "application/jsonl",
    "xml": "application/xml",
    "parquet": "application/vnd.apache.parquet",
    "pdf": "application/pdf",
    "bundle": "application/zip",
}
KEPT_DAYS = 7
_KIND = "export"
_SILENT_SECONDS = 60
_TIDY_SECONDS = 3600.0
_NICENESS = 10

State = Literal["running", "done", "failed", "broken off"]


class Job(Struct, frozen=True):
    """An export as asked for. `done` of `of` entries are read, `heard_at` says when that was; `problem` says why it
    failed. `one_subject`: it is about one subject, whose id is not kept."""

    id: str
    site: str
    form: str
    since: str | None
    until: str | None
    event: str | None
    purpose: str | None
    one_subject: bool
    asked_by: str
    asked_at: str
    heard_at: str
    kept_until: str
    state: State = "running"
    done: int = 0
    of: int = 0
    records: int = 0
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Running:
    """A job's task, and the process that works for it once it is there."""

    site: str
    task: asyncio.Task[None]


class Exporting:
    """Makes exports of sites, one at a time for each; whether somebody may is for the caller to ask (`rights`)."""

    def __init__(
        self, store: KeyValueStore, register: ExportRegister, journal: Journal, settings: Settings, clock: SystemClock
    ) -> None:
        self._store = store
        self._register = register
        self._journal = journal
        self._settings = settings
        self._clock = clock
        self._folder = settings.data_folder.absolute() / "exports"
        self._running: dict[str, Running] = {}

    async def of(self, site: str) -> list[Job]:
        """The site's jobs of the last week, newest first."""
        jobs = [self._seen(read(kept, Job)) for kept in await self._store.list(_KIND)]
        return sorted((job for job in jobs if job.site == site), key=lambda job: (job.asked_at, job.id), reverse=True)

    async def ask(self, site: str, form: str, wanted: EntryFilter, language: str, actor: str) -> Job:
        """Begins an export. Raises Malformed for a format or filter that there is none of, Conflict while another one
        of the site is being made."""
        if form not in SUFFIXES:
            raise Malformed("bad_filter", f"There is no format {form!r}.", f"Use one of {', '.join(SUFFIXES)}.")
        normalised(wanted)
        if any(job.state == "running" for job in await self.of(site)):
            raise Conflict(
                "export_running", f"An export of {site} is being made.", "Wait until it is done, then ask again."
            )
        now = self._clock.now()
        job = Job(
            *(secrets.token_hex(16), site, form, wanted.since, wanted.until, wanted.event, wanted.purpose),
            *(wanted.subject is not None, actor, rfc3339(now), rfc3339(now), rfc3339(now + timedelta(days=KEPT_DAYS))),
        )
        detail = {"export": job.id, "format": form, "from": job.since, "to": job.until, "event": job.event}
        await self._journal.note(
            site, "export_asked", actor, {**detail, "purpose": job.purpose, "one_subject": job.one_subject}
        )
        await self._keep(job)
        task = asyncio.create_task(self._make(job, wanted, language))
        self._running[job.id] = Running(site, task)
        task.add_done_callback(lambda _: self._running.pop(job.id, None))
        return job

    async def file(self, site: str, job_id: str, actor: str) -> tuple[Job, Path]:
        """A finished job and its file, for whoever fetches it: that goes on the record. Raises NotFound."""
        job = await self._job(site, job_id)
        path = self._path(job)
        if job.state != "done" or not path.is_file():
            raise NotFound(
                "unknown_export",
                "The file of this export is not here.",
                "It may have held records that were destroyed since, or lie on another machine. Make it again.",
            )
        await self._journal.note(site, "export_fetched", actor, {"export": job.id})
        return job, path

    async def remove(self, site: str, job_id: str) -> None:
        """The job and its file go; raises NotFound."""
        job = await self._job(site, job_id)
        if (running := self._running.get(job.id)) is not None:
            running.task.cancel()
            with suppress(asyncio.CancelledError):
                await running.task
        await self._forget(job.site, self._path(job))
        await self._store.delete(_KIND, job.id)

    async def run(self) -> None:
        """Removes files that were kept long enough, until cancelled."""
        while True:
            try:
                await self.tidy()
            except Exception:  # whatever failed, the next attempt comes, and the service goes on
                _log.exception("old exports could not be removed; it will be tried again")
            await asyncio.sleep(_TIDY_SECONDS)

    async def tidy(self) -> None:
        """Removes the files of jobs that are gone, a day after whatever was last written into them."""
        jobs = {kept.key for kept in await self._store.list(_KIND)}
        for path in sorted(self._folder.glob("*/*")):
            age = self._clock.now().timestamp() - path.stat().st_mtime
            if path.stem not in jobs and age > 86_400:
                await self._forget(path.parent.name, path)

    async def stop(self) -> None:
        """Ends what is being made; each job says so."""
        tasks = [running.task for running in self._running.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _make(self, job: Job, wanted: EntryFilter, language: str) -> None:
        path = self._path(job)
        for folder in (self._folder, path.parent):
            folder.mkdir(mode=0o700, exist_ok=True)  # the data folder is the store's, and there
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "temoin", "--json", "export", job.site),
            *_arguments(job.form, wanted, language, path),
            env=os.environ | self._settings.as_environment(),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        try:
            with suppress(OSError):
                os.setpriority(os.PRIO_PROCESS, process.pid, _NICENESS)
            said = b""
            async for line in _lines(process.stderr):
                if (told := _progress(line)) is None:
                    said += line
                    continue
                job = msgspec.structs.replace(job, done=told[0], of=told[1], heard_at=self._now())
                await self._keep(job)
            facts = await process.stdout.read() if process.stdout else b""
            job = self._ended(job, await process.wait(), facts, said)
        except asyncio.CancelledError:
            job = msgspec.structs.replace(job, state="failed", problem="The service was stopped meanwhile.")
            raise
        finally:
            if process.returncode is None:
                process.terminate()
                await process.wait()
            await self._keep(job)

    def _ended(self, job: Job, code: int, facts: bytes, said: bytes) -> Job:
        if code == 0:
            records = int(orjson.loads(facts)["records"])
            return msgspec.structs.replace(job, state="done", done=job.of, records=records)
        try:
            error = orjson.loads(said)["error"]
            problem = f"{error['message']} {error['hint']}"
        except (orjson.JSONDecodeError, KeyError, TypeError):
            _log.error("an export of %s ended with code %s: %s", job.site, code, said.decode("utf-8", "replace"))
            problem = f"It ended with code {code}; the reason is in the service's log."
        return msgspec.structs.replace(job, state="failed", problem=problem)

    async def _keep(self, job: Job) -> None:
        await self._store.put(_KIND, job.id, msgspec.json.encode(job), expires_at=job.kept_until)

    async def _job(self, site: str, job_id: str) -> Job:
        kept = await self._store.get(_KIND, job_id)
        job = read(kept, Job) if kept is not None else None
        if job is None or job.site != site:
            raise NotFound("unknown_export", "There is no such export.", "It is kept for a week; make it again.")
        return self._seen(job)

    async def _forget(self, site: str, path: Path) -> None:
        """The file, then its row: between the two the register has a file that is missing, and says so."""
        path.unlink(missing_ok=True)  # noqa: ASYNC240  # a moment
        for row in await self._register.exports(site):
            if row.order.out == path:
                await self._register.forget_export(row.no)

    def _seen(self, job: Job) -> Job:
        silent = self._clock.now() - parse_rfc3339(job.heard_at)
        if job.state == "running" and silent > timedelta(seconds=_SILENT_SECONDS):
            return msgspec.structs.replace(job, state="broken off")
        return job

    def _path(self, job: Job) -> Path:
        return self._folder / job.site / f"{job.id}.{SUFFIXES[job.form]}"

    def _now(self) -> str:
        return rfc3339(self._clock.now())


def _arguments(form: str, wanted: EntryFilter, language: str, out: Path) -> list[str]:
    """With `=` throughout: a subject's id may begin with a hyphen."""
    given = {
        "format": form,
        "out": str(out),
        "progress": "lines",
        "from": wanted.since,
        "to": wanted.until,
        "subject": wanted.subject,
        "purpose": wanted.purpose,
        "event": wanted.event,
        "language": language if form == "pdf" else None,
    }
    return [f"--{name}={value}" for name, value in given.items() if value is not None]


async def _lines(stream: asyncio.StreamReader | None) -> AsyncIterator[bytes]:
    while stream is not None and (line := await stream.readline()):
        yield line


def _progress(line: bytes) -> tuple[int, int] | None:
    try:
        told: Any = orjson.loads(line)
        return int(told["done"]), int(told["of"])
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        return None
