"""Group commit: all drafts that arrive while a commit is under way go into the next one, one round trip in all.

Each draft is first placed as if its subject had no entry yet; where it has, Redis answers with the one to follow, and
the draft goes into the next commit. A crash before Redis flushed the batch loses only what nobody was told of; a crash
after it leaves entries that the callers' repeats find by their ids.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict, deque
from contextlib import suppress
from typing import Any

from temoin.errors import Conflict, NotFound, TemoinError, Unavailable
from temoin.proof.append import Appended, CommitCounts, Draft
from temoin.proof.entry import Entry, LoggedEntry
from temoin.storage.archive.archive import Archive, SegmentGone, damaged
from temoin.storage.redis.layout import commitment_of, pack_draft, read_row, service_key, site_keys
from temoin.storage.redis.link import Link
from temoin.storage.redis.rows import with_bodies
from temoin.storage.redis.scripts import APPEND

_MOST_A_BATCH = 512
_MOST_WAITING = 20_000
_MOST_ATTEMPTS = 50


class _Waiting:
    """A draft, the entry that it follows as far as is known, and the future of whoever waits for it."""

    __slots__ = ("attempts", "draft", "entry", "future", "packed", "previous")

    def __init__(self, draft: Draft, future: asyncio.Future[Appended]) -> None:
        self.draft = draft
        self.future = future
        self.previous: LoggedEntry | None = None
        self.entry: Entry | None = None
        self.packed = b""
        self.attempts = 0

    def pack(self) -> bytes:
        self.entry = self.draft.follow(self.previous)
        self.packed = pack_draft(self.draft, self.entry, self.previous)
        return self.packed

    def resolve(self, outcome: Appended | TemoinError) -> None:
        if self.future.done():
            return
        if isinstance(outcome, Appended):
            self.future.set_result(outcome)
        else:
            self.future.set_exception(outcome)


def placed(index: int, entry: Entry, packed: bytes = b"") -> LoggedEntry:
    """The entry at its place; `packed`, where it is at hand, has the hash that need not be taken again."""
    commitment = commitment_of(packed) if packed else entry.commitment
    return LoggedEntry(index, entry.id, entry.kind, entry.subject, entry.body, commitment)


def unknown_site(site: str) -> TemoinError:
    return NotFound("unknown_site", f"There is no site {site!r}.", "Check the id in the script tag's address.")


def id_taken(draft: Draft) -> TemoinError:
    return Conflict(
        "id_taken",
        f"The id {draft.id} already names another decision.",
        "Make a new UUIDv7 for a new decision; repeat an old one with the very same body.",
    )


class GroupCommit:
    """Collects drafts and commits them together. One task owns the loop; `close` lets it finish what was queued."""

    def __init__(self, link: Link, archive: Archive) -> None:
        self._link = link
        self._archive = archive
        self._queue: deque[_Waiting] = deque()
        self.counts = CommitCounts(self._queue)
        self._wake = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closed = False
        self._beside: set[asyncio.Task[None]] = set()

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
        while self._queue or self._beside or not self._closed:
            if not self._queue:
                self._wake.clear()
                await self._wake.wait()
                continue
            batch = self._take()
            self.counts.sizes.add(len(batch))
            try:
                await self._commit(batch)
            except Exception as error:  # a defect in a draft must not stop the store for everybody else
                failed = Unavailable(
                    "store_failed",
                    f"The store failed: {error}.",
                    "Try again; if it stays so, report it.",
                    retry_after=1,
                )
                for waiting in batch:
                    waiting.resolve(error if isinstance(error, TemoinError) else failed)

    def _take(self) -> list[_Waiting]:
        """The next batch: no two drafts of one id or one subject, so that none follows another of the same commit."""
        batch: list[_Waiting] = []
        later: list[_Waiting] = []
        names: set[tuple[str, str]] = set()
        while self._queue and len(batch) < _MOST_A_BATCH:
            waiting = self._queue.popleft()
            draft = waiting.draft
            by_id, by_subject = (draft.site, draft.id), (draft.site, draft.subject or draft.id)
            (later if by_id in names or by_subject in names else batch).append(waiting)
            names.add(by_id)
            names.add(by_subject)
        self._queue.extendleft(reversed(later))
        return batch

    async def _commit(self, batch: list[_Waiting]) -> None:
        by_site: dict[str, list[_Waiting]] = defaultdict(list)
        for waiting in batch:
            by_site[waiting.draft.site].append(waiting)
        calls = [(site_keys(site), [waiting.pack() for waiting in theirs]) for site, theirs in by_site.items()]
        # Only a hint for the sealer: where it gets lost, a look at every site finds the entries.
        answers = await self._link.calls(APPEND, calls, ("SADD", service_key("dirty"), *by_site))
        for (site, theirs), answer in zip(by_site.items(), answers, strict=True):
            self._settle(site, theirs, answer)

    def _settle(self, site: str, theirs: list[_Waiting], answer: Any) -> None:
        if answer is None or isinstance(answer, TemoinError):
            for waiting in theirs:
                waiting.resolve(answer or unknown_site(site))
            return
        for waiting, place in zip(theirs, answer, strict=True):
            if isinstance(place, int) and waiting.entry is not None:
                waiting.resolve(Appended(placed(place, waiting.entry, waiting.packed), repeated=False))
            else:
                self._answer_beside(waiting, place)

    def _answer_beside(self, waiting: _Waiting, place: list[Any]) -> None:
        """What is not placed yet: its body may have to come from the archive, and nobody else waits for that."""

        async def answer() -> None:
            try:
                outcome = await self._second(waiting, place)
                if outcome is not None:
                    waiting.resolve(outcome)
                else:
                    self._queue.append(waiting)
            except TemoinError as error:
                waiting.resolve(error)

        def ended(task: asyncio.Task[None]) -> None:
            self._beside.discard(task)
            self._wake.set()

        task = asyncio.create_task(answer())
        self._beside.add(task)
        task.add_done_callback(ended)

    async def _second(self, waiting: _Waiting, place: list[Any]) -> Appended | TemoinError | None:
        """The outcome of a draft whose id is there; None for one that is to be placed again after another entry."""
        waiting.attempts += 1
        if waiting.attempts > _MOST_ATTEMPTS:
            return Unavailable("store_busy", "Too many decisions of one visitor at once.", "Try again.", retry_after=1)
        what, answer = place[0], place[1] if len(place) > 1 else None
        row = read_row(answer) if answer else None
        if row is not None and what == 1 and not row.destroyed and row.digest != waiting.draft.digest:
            # A destroyed entry keeps no digest: whatever comes under its id again finds that it was destroyed.
            return id_taken(waiting.draft)
        try:
            found = (await with_bodies(self._archive, [row]))[0] if row else None
        except SegmentGone as gone:  # replaced since: the next commit knows by what
            if waiting.attempts > 5:
                raise damaged(str(gone), "the file is not there") from gone
            return None
        if what == 1 and found is not None:
            return Appended(found, repeated=True)
        waiting.previous = found
        return None
