"""Group commit: all drafts that arrive while one commit is under way go into the next one.

Order of events for a draft: queued in memory, given its index and written in a transaction, committed (flushed to the
disk), acknowledged. A crash before the commit loses only what nobody was told of; a crash after it, before the
acknowledgement, leaves an entry that the caller's repeat finds by its id.

A draft that follows or repeats an archived record waits for it outside of the transaction, alone: a slow or unreachable
archive delays nobody else.
"""

from __future__ import annotations

import asyncio
import sqlite3
from collections import deque
from collections.abc import Iterable
from contextlib import suppress

from temoin.errors import Conflict, NotFound, TemoinError, Unavailable
from temoin.proof.append import Appended, CommitCounts, Draft
from temoin.proof.entry import Entry, LoggedEntry, id_bytes
from temoin.storage.archive.archive import Archive, SegmentGone, damaged
from temoin.storage.sqlite.connection import Writer
from temoin.storage.sqlite.rows import ENTRY_COLUMNS, Bodies, select
from temoin.storage.sqlite.schema import INDEX_BITS, subject_key

_MOST_A_BATCH = 1024
_MOST_WAITING = 20_000
_MOST_FETCHES = 5

# One statement for both questions, because a statement costs more than what it finds here: most often nothing.
_EARLIER = """SELECT
    (SELECT key FROM entry WHERE site_no = ? AND id = ?),
    (SELECT max(key) FROM entry WHERE site_no = ? AND subject_key = ?)"""


class _Waiting:
    """A draft and the future of whoever waits for it."""

    __slots__ = ("draft", "fetched", "future")

    def __init__(self, draft: Draft, future: asyncio.Future[Appended]) -> None:
        self.draft = draft
        self.future = future
        self.fetched: list[tuple[str, dict[int, bytes]]] = []


class _Unfetched(Exception):
    """Archived bodies are needed that nobody has read yet."""

    def __init__(self, file: str, places: list[int]) -> None:
        self.file = file
        self.places = places


class _Fetched:
    """The archived bodies that the drafts of one transaction wanted, read before it. See `Bodies`."""

    def __init__(self, batch: list[_Waiting]) -> None:
        self._found: dict[str, dict[int, bytes]] = {}
        for waiting in batch:
            for file, found in waiting.fetched:
                self._found.setdefault(file, {}).update(found)

    def records(self, file: str, places: Iterable[int]) -> dict[int, bytes]:
        wanted = list(places)
        found = self._found.get(file, {})
        if not all(place in found for place in wanted):
            raise _Unfetched(file, wanted)
        return found


Outcome = Appended | TemoinError | _Unfetched


class GroupCommit:
    """Collects drafts and commits them together. One task owns the loop; `close` lets it finish what was queued."""

    def __init__(self, writer: Writer, archive: Archive) -> None:
        self._writer = writer
        self._archive = archive
        self._queue: deque[_Waiting] = deque()
        self.counts = CommitCounts(self._queue)
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closed = False
        self._fetching: set[asyncio.Task[None]] = set()

    async def append(self, draft: Draft) -> Appended:
        """See `temoin.proof.append.Appender`."""
        if self._closed or len(self._queue) >= _MOST_WAITING:
            raise Unavailable(
                "store_busy", "The store cannot take more writes now.", "Try again shortly.", retry_after=1
            )
        if self._task is None:
            self._task = asyncio.create_task(self._run())
        future: asyncio.Future[Appended] = self._task.get_loop().create_future()
        self._queue.append(_Waiting(draft, future))
        self._wake.set()
        return await future

    async def close(self) -> None:
        self._closed = True
        self._wake.set()
        if self._task is not None:
            with suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while self._queue or self._fetching or not self._closed:
            if not self._queue:
                self._wake.clear()
                await self._wake.wait()
                continue
            await self._commit_once()

    async def _commit_once(self) -> None:
        batch: list[_Waiting] = []

        def work(connection: sqlite3.Connection) -> list[Outcome]:
            # Taken only now: what arrived while BEGIN waited for the lock rides along.
            while self._queue and len(batch) < _MOST_A_BATCH:
                batch.append(self._queue.popleft())
            return Batch(connection, _Fetched(batch)).place_all([waiting.draft for waiting in batch])

        try:
            outcomes: list[Outcome] = await self._writer.transact(work)
        except TemoinError as error:
            # A failed BEGIN took nobody from the queue; whoever is first in it must hear of the failure all the same.
            lost = batch or [self._queue.popleft() for _ in range(len(self._queue))]
            outcomes = [error] * len(lost)
            batch = lost
        except Exception as error:  # a defect in a draft must not stop the store for everybody else
            outcomes = [
                Unavailable(
                    "store_failed",
                    f"The store failed: {error}.",
                    "Try again; if it stays so, report it.",
                    retry_after=1,
                )
            ] * len(batch)
        self.counts.sizes.add(len(batch))
        for waiting, outcome in zip(batch, outcomes, strict=True):
            if isinstance(outcome, _Unfetched):
                self._fetch_for(waiting, outcome)
            elif waiting.future.cancelled():
                continue
            elif isinstance(outcome, Appended):
                waiting.future.set_result(outcome)
            else:
                waiting.future.set_exception(outcome)

    def _fetch_for(self, waiting: _Waiting, missing: _Unfetched) -> None:
        """Reads what the draft waits for and queues it again."""

        async def fetch() -> None:
            try:
                if len(waiting.fetched) == _MOST_FETCHES:
                    raise damaged(missing.file, "it does not stay long enough to be read")
                found: dict[int, bytes] = {}
                with suppress(SegmentGone):  # replaced since: the next transaction knows by what
                    found = await asyncio.to_thread(self._archive.records, missing.file, missing.places)
                    found |= {place: b"" for place in missing.places if place not in found}
                waiting.fetched.append((missing.file, found))
                self._queue.append(waiting)
            except TemoinError as error:
                if not waiting.future.cancelled():
                    waiting.future.set_exception(error)

        def ended(task: asyncio.Task[None]) -> None:
            self._fetching.discard(task)
            self._wake.set()

        task = asyncio.create_task(fetch())
        self._fetching.add(task)
        task.add_done_callback(ended)


class Batch:
    """The statements of one transaction of appends."""

    def __init__(self, connection: sqlite3.Connection, archive: Bodies) -> None:
        self._connection = connection
        self._archive = archive
        self._sites: dict[str, tuple[int, int] | None] = {}
        self._next: dict[int, int] = {}
        self._fresh: dict[tuple[int, bytes], tuple[LoggedEntry, bytes]] = {}
        self._heads: dict[tuple[int, str | None], LoggedEntry] = {}
        self._rows: list[tuple[object, ...]] = []

    def apply(self, drafts: list[Draft]) -> list[Appended | TemoinError]:
        """Gives each draft its place, in order; the caller commits. For drafts that follow no archived record."""
        return [outcome for outcome in self.place_all(drafts) if not isinstance(outcome, _Unfetched)]

    def place_all(self, drafts: list[Draft]) -> list[Outcome]:
        """Like `apply`; says of which drafts the archived records were not at hand."""
        outcomes: list[Outcome] = []
        for draft in drafts:
            try:
                outcomes.append(self._place(draft))
            except (TemoinError, _Unfetched) as error:
                outcomes.append(error)
        self._connection.executemany(
            "INSERT INTO entry (key, site_no, id, kind, subject, body, commitment, digest, subject_key)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            self._rows,
        )
        self._connection.executemany(
            "UPDATE site SET appended = ? WHERE no = ?", [(index, no) for no, index in self._next.items()]
        )
        return outcomes

    def _place(self, draft: Draft) -> Appended:
        site_no = self._site(draft.site)
        key_id = id_bytes(draft.id)
        found_by = subject_key(draft.subject)
        known, previous = self._earlier((site_no, key_id), (site_no, draft.subject), found_by)
        if known is not None:
            entry, digest = known
            # An erased entry keeps no digest: whatever comes under its id again finds that it was erased.
            if digest and digest != draft.digest:
                raise Conflict(
                    "id_taken",
                    f"The id {draft.id} already names another decision.",
                    "Make a new UUIDv7 for a new decision; repeat an old one with the very same body.",
                )
            return Appended(entry, repeated=True)
        return Appended(self._insert(site_no, key_id, draft, draft.follow(previous), found_by), repeated=False)

    def _insert(self, site_no: int, key_id: bytes, draft: Draft, entry: Entry, found_by: int | None) -> LoggedEntry:
        index = self._next[site_no]
        commitment = entry.commitment
        placed = LoggedEntry(index, entry.id, entry.kind, entry.subject, entry.body, commitment)
        key = (site_no << INDEX_BITS) | index
        self._rows.append(
            (key, site_no, key_id, entry.kind, entry.subject, entry.body, commitment, draft.digest, found_by)
        )
        self._next[site_no] = index + 1
        self._fresh[(site_no, key_id)] = (placed, draft.digest)
        if entry.subject is not None:
            self._heads[(site_no, entry.subject)] = placed
        return placed

    def _site(self, site: str) -> int:
        if site not in self._sites:
            row = self._connection.execute("SELECT no, appended FROM site WHERE id = ?", (site,)).fetchone()
            self._sites[site] = row
            if row is not None:
                self._next[row[0]] = row[1]
        found = self._sites[site]
        if found is None:
            raise NotFound("unknown_site", f"There is no site {site!r}.", "Check the id in the script tag's address.")
        return found[0]

    def _earlier(
        self, by_id: tuple[int, bytes], by_subject: tuple[int, str | None], found_by: int | None
    ) -> tuple[tuple[LoggedEntry, bytes] | None, LoggedEntry | None]:
        """The entry of that id with its digest, and where there is none, the subject's newest entry."""
        fresh = self._fresh.get(by_id)
        if fresh is not None:
            return fresh, None
        key, head = self._connection.execute(_EARLIER, (*by_id, by_id[0], found_by)).fetchone()
        if key is not None:
            (digest,) = self._connection.execute("SELECT digest FROM entry WHERE key = ?", (key,)).fetchone()
            return (self._entry(key), digest), None
        if by_subject in self._heads:
            return None, self._heads[by_subject]
        return None, self._entry(head) if head is not None else None

    def _entry(self, key: int) -> LoggedEntry:
        query = f"SELECT {ENTRY_COLUMNS} FROM entry WHERE key = ?"  # noqa: S608  # a constant
        return select(self._connection, self._archive, query, (key,))[0]
