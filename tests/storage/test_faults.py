"""Each step that makes something durable fails once before and once after it was carried out; then the normal start.

Whoever was told of a failure repeats; nothing acknowledged is missing, nothing is there twice, and the log is dense.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any, Literal

import pytest

from temoin.admin.ports import Publication
from temoin.catalog import PublishedRow
from temoin.clock import SystemClock
from temoin.errors import Unavailable
from temoin.proof.log import proof_text
from temoin.proof.sealer import Sealer
from temoin.storage.sqlite.store import SqliteStore
from tests.aio import run
from tests.storage.note import Note

Moment = Literal["before", "after"]
Step = Literal["begin", "write", "commit"]

STEPS = [(step, moment) for step in ("begin", "write", "commit") for moment in ("before", "after")]


class Failing:
    """A connection whose next `step` fails, without having been carried out or just after it was."""

    def __init__(self, real: sqlite3.Connection, step: Step, moment: Moment) -> None:
        self._real = real
        self._step: Step | None = step
        self._moment = moment

    @property
    def total_changes(self) -> int:
        return self._real.total_changes

    def _do(self, step: Step, action: Any, *given: Any) -> Any:
        if step != self._step:
            return action(*given)
        self._step = None
        if self._moment == "after":
            action(*given)
        raise sqlite3.OperationalError("disk I/O error")

    def execute(self, sql: str, *given: Any) -> Any:
        return self._do("begin" if sql.startswith("BEGIN") else "read", self._real.execute, sql, *given)  # type: ignore[arg-type]  # no step is called read

    def executemany(self, sql: str, *given: Any) -> Any:
        return self._do("write", self._real.executemany, sql, *given)

    def commit(self) -> None:
        self._do("commit", self._real.commit)

    def rollback(self) -> None:
        self._real.rollback()

    def close(self) -> None:
        self._real.close()


def _open(folder: Path) -> SqliteStore:
    return SqliteStore(folder, SystemClock())


def _break(store: SqliteStore, step: Step, moment: Moment) -> None:
    writer = store._writer
    writer._connection = Failing(writer._connection, step, moment)  # type: ignore[assignment]  # all that is used of it


async def _check_log(store: SqliteStore, count: int) -> None:
    """The log has `count` entries without gaps, and each of them is proven after sealing."""
    entries = [entry async for entry in store.log.entries("boutique", 1000)]
    assert [entry.index for entry in entries] == list(range(count))
    assert len({entry.id for entry in entries}) == count
    sealer = Sealer(store.log, store.log, store.log, SystemClock())
    await sealer.seal_all()
    await sealer.stop()
    for index in range(count):
        assert await proof_text(store.log, "boutique", index)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    async def make() -> None:
        store = _open(tmp_path / "data")
        await store.sites.put_site("boutique", b"{}", "host/boutique", b"k" * 32)
        await store.append(Note("first"))
        await store.close()

    run(make())
    return tmp_path / "data"


@pytest.mark.parametrize(("step", "moment"), STEPS)
def test_an_append_that_failed_is_told_so_and_its_repeat_is_stored_once(
    folder: Path, step: Step, moment: Moment
) -> None:
    drafts = [Note(str(number), subject=f"{number:022d}") for number in range(5)]

    async def fail() -> None:
        store = _open(folder)
        _break(store, step, moment)
        with pytest.raises(Unavailable) as told:
            await store.append(drafts[0])
        assert told.value.retry_after is not None
        for draft in drafts[1:]:
            assert not (await store.append(draft)).repeated
        await store.close()

    async def repeat() -> None:
        store = _open(folder)
        stored = (step, moment) == ("commit", "after")
        first = await store.append(drafts[0])
        assert first.repeated == stored
        for draft in drafts[1:]:
            assert (await store.append(draft)).repeated
        await _check_log(store, 6)
        await store.close()

    run(fail())
    run(repeat())


@pytest.mark.parametrize(("step", "moment"), STEPS)
def test_a_publish_that_failed_left_the_old_version_or_the_whole_new_one(
    folder: Path, step: Step, moment: Moment
) -> None:
    note = Note("published", subject=None)
    made = Publication("boutique", "v1", b"{}", "2026", note, "cd", {}, {"cd": b"script"})

    async def fail() -> None:
        store = _open(folder)
        _break(store, step, moment)
        with pytest.raises(Unavailable):
            await store.sites.publish(made)
        await store.close()

    async def look() -> None:
        store = _open(folder)
        done = (step, moment) == ("commit", "after")
        found = await store.sites.published("boutique")
        assert found == (PublishedRow(b"{}", "2026", b"script", {}) if done else None)
        assert (await store.log.blob("cd") is not None) == done
        await store.sites.publish(made)
        assert await store.sites.published("boutique") == PublishedRow(b"{}", "2026", b"script", {})
        await _check_log(store, 2)
        await store.close()

    run(fail())
    run(look())
