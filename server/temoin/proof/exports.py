"""Exported files, and the register of them: what is destroyed goes from exports made before (GDPR articles 5 and 17).

Whoever makes an export registers it before its file appears, and with the file's SHA-256 after. What survives a crash:
a row without SHA-256, whose file is then told as one to look at; a row that is `due`, which the next `temoin erase` or
`temoin retain` works off.
"""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import orjson

from temoin.clock import SystemClock
from temoin.errors import NotFound, TemoinError
from temoin.proof.access import write_access
from temoin.proof.bundle import BundleSource, write_bundle
from temoin.proof.export import export
from temoin.proof.pdf import write_pdf
from temoin.proof.ports import EntryFilter
from temoin.proof.wanted import matches, normalised

ACCESS = "access"
_NO_LIMIT = 2**40 - 1
_UNDER_A_CHECKPOINT = ("bundle", "pdf", ACCESS)

Progress = Callable[[int], None]
Placed = tuple[int, dict[str, Any]]
"""The place of a consent record, and the record."""
Fate = Literal["rewritten", "removed", "missing", "changed", "failed"]


@dataclass(frozen=True, slots=True)
class Order:
    """An export as it was asked for. `form` is of `proof.export.FORMATS`, `pdf`, `bundle` or ACCESS; `out` absolute."""

    site: str
    form: str
    out: Path
    wanted: EntryFilter
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Registered:
    """A row of the register. `log_size` bounds the entries that may be in the file; `sha256` is None while it is made,
    `due` says that it holds records that were destroyed since."""

    no: int
    order: Order
    log_size: int
    sha256: str | None
    due: bool


class ExportRegister(Protocol):
    """Durable when each call returns."""

    async def begin_export(self, order: Order, log_size: int) -> int:
        """The number of a new row."""
        ...

    async def finish_export(self, no: int, sha256: str, log_size: int) -> None:
        """The file stands under its name now: rows of the files that it replaced go."""
        ...

    async def exports(self, site: str) -> list[Registered]:
        """Oldest first."""
        ...

    async def mark_exports_due(self, numbers: Sequence[int]) -> None: ...

    async def forget_export(self, no: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Reached:
    """What became of an exported file that held records since destroyed.

    `rewritten` without them, or `removed` where nothing was left; `missing`: no longer where it was written;
    `changed` by others since, or `failed` as `reason` says: left as it is, for somebody to look at.
    """

    path: Path
    fate: Fate
    reason: str = ""


class Exports:
    """Makes exports of a store and registers them; removes destroyed records from those made before."""

    def __init__(self, source: BundleSource, register: ExportRegister, clock: SystemClock, chromium: str) -> None:
        self._source = source
        self._register = register
        self._clock = clock
        self._chromium = chromium

    async def make(self, order: Order, log_size: int, progress: Progress | None = None) -> int:
        """Writes the file; how many records it has. Raises what `write_bundle`, `write_pdf` and `export` raise."""
        async with self.registered(order, log_size):
            return await self._write(order, log_size, progress)

    @asynccontextmanager
    async def registered(self, order: Order, log_size: int) -> AsyncIterator[None]:
        """Registers the file that the block writes; what the block raises leaves no row, for it leaves no file."""
        no = await self._register.begin_export(order, log_size)
        try:
            yield
        except BaseException:
            await self._register.forget_export(no)
            raise
        await self._register.finish_export(no, _sha256(order.out), log_size)

    async def release(self, site: str, subject: str) -> list[Reached]:
        """Before a subject is erased: removes the files that are about it alone, and marks those that also hold it."""
        records = [
            (entry.index, orjson.loads(entry.body))
            async for entry in self._source.entries(site, _NO_LIMIT, subject)
            if entry.body is not None and entry.kind == "consent"
        ]
        reached, due = [], []
        for found in await self._register.exports(site):
            if found.order.wanted.subject == subject:
                reached.append(await self._remove(found))
            elif found.order.wanted.subject is None and holds(found, records):
                due.append(found.no)
        await self._register.mark_exports_due(due)
        return reached

    async def work_off(self, site: str) -> list[Reached]:
        """Writes every file that is due anew, from what is left. Repeating it does no harm."""
        return [await self._renew(found) for found in await self._register.exports(site) if found.due]

    async def _remove(self, found: Registered) -> Reached:
        """The row goes in any case: it names the subject."""
        state = _state(found)
        if state.fate == "removed":
            found.order.out.unlink()
        await self._register.forget_export(found.no)
        return state

    async def _renew(self, found: Registered) -> Reached:
        state = _state(found)
        if state.fate == "missing":
            await self._register.forget_export(found.no)
        if state.fate != "removed":
            return state
        try:
            log = await self._source.log_state(found.order.site)
            size = log.sealed if log and found.order.form in _UNDER_A_CHECKPOINT else found.log_size
            if await self.make(found.order, size) > 0:
                return Reached(found.order.out, "rewritten")
        except NotFound:
            pass  # nothing is left of the subject that the file is about
        except (TemoinError, OSError) as error:
            return Reached(found.order.out, "failed", str(error))
        found.order.out.unlink()
        for row in await self._register.exports(found.order.site):
            if row.order.out == found.order.out:
                await self._register.forget_export(row.no)
        return state

    async def _write(self, order: Order, log_size: int, progress: Progress | None) -> int:
        source, site, wanted, out = self._source, order.site, order.wanted, order.out
        if order.form == "bundle":
            return (await write_bundle(source, site, wanted, out, self._clock.now(), progress)).records
        if order.form == ACCESS:
            return (await write_access(source, site, str(wanted.subject), out, self._clock.now())).records
        if order.form == "pdf":
            now = self._clock.now()
            return await write_pdf(source, site, wanted, out, now, self._chromium, order.language, progress)
        return await export(source, site, log_size, wanted, out, order.form, progress)


def holds(found: Registered, records: Sequence[Placed]) -> bool:
    """Whether any of the records is in the file, as it was written."""
    wanted = normalised(found.order.wanted)
    return any(index < found.log_size and matches(wanted, record) for index, record in records)


def _state(found: Registered) -> Reached:
    """What may be done with a file: `removed` where it is there, as it was written."""
    out = found.order.out
    try:
        if found.sha256 is not None and _sha256(out) == found.sha256:
            return Reached(out, "removed")
        if not out.exists():  # was never finished
            return Reached(out, "missing")
        return Reached(out, "changed", "it is not as it was written")
    except FileNotFoundError:
        return Reached(out, "missing")
    except OSError as error:
        return Reached(out, "failed", str(error))


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
