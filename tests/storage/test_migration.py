"""A file of an older version becomes one of this version, and reads as before."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from temoin.admin.people import open_people
from temoin.clock import SystemClock
from temoin.errors import Unavailable
from temoin.storage.sqlite.migration import migrate
from temoin.storage.sqlite.schema import INDEX_BITS, KEYED, MIGRATIONS, subject_key
from temoin.storage.sqlite.store import FILE, SqliteStore
from tests.aio import run
from tests.made import uuid7
from tests.proof.logs import SITE, new_subject, open_site
from tests.storage.archived import everything, fill

_FIRST_COLUMNS = "key, site_no, id, kind, subject, body, commitment, digest"


def to_first_schema(path: Path) -> None:
    """Copies the store into a file as schema 1 had it."""
    old = path.with_name("old")
    with closing(sqlite3.connect(old, isolation_level=None)) as connection:
        connection.executescript(MIGRATIONS[0])
        connection.execute("PRAGMA user_version = 1")
        connection.execute("ATTACH ? AS new", (str(path),))
        connection.execute(f"INSERT INTO entry SELECT {_FIRST_COLUMNS} FROM new.entry")
        columns = ", ".join(row[1] for row in connection.execute("PRAGMA main.table_info(site)"))
        connection.execute(f"INSERT INTO site SELECT {columns} FROM new.site")
        for table in ("config", "tile", "blob"):
            connection.execute(f"INSERT INTO {table} SELECT * FROM new.{table}")
    for file in path.parent.glob(f"{path.name}*"):
        file.unlink()
    old.rename(path)


def test_a_store_of_the_first_schema_reads_as_before_and_finds_its_subjects(tmp_path: Path) -> None:
    subject = new_subject()

    async def before() -> list[object]:
        async with open_site(tmp_path) as site:
            made = await fill(site, 50, [subject, new_subject(), subject])
            return [await everything(site), [made[0].id, made[6].id]]

    async def after() -> list[object]:
        async with open_site(tmp_path) as site:
            found = [entry.id async for entry in site.log.entries(SITE, 999, subject)]
            entries = await everything(site)
            follower = await site.decide(await site.publish(evidence=False), subject=subject, id=uuid7())
            assert follower.index == len(entries) + 1
            assert f'"previous":"{found[-1]}"'.encode() in (follower.body or b"")
            return [entries, found]

    made = run(before())
    to_first_schema(tmp_path / FILE)
    assert run(after()) == made
    with closing(sqlite3.connect(tmp_path / FILE)) as connection:
        assert connection.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
        assert connection.execute("SELECT min(key) >> ? FROM entry", (INDEX_BITS,)).fetchone() == (1,)


def test_a_store_of_a_newer_version_is_left_alone(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / FILE)) as connection:
        connection.execute(f"PRAGMA user_version = {len(MIGRATIONS) + 1}")
    with pytest.raises(Unavailable, match="schema"):
        SqliteStore(tmp_path, SystemClock())


def test_accounts_and_tokens_of_the_schema_before_roles_by_site_stay_in_force(tmp_path: Path) -> None:
    digest = hashlib.sha256(b"kept by somebody").digest()
    with closing(sqlite3.connect(tmp_path / FILE)) as connection:
        connection.create_function("subject_key", 1, subject_key, deterministic=True)
        for step in MIGRATIONS[: MIGRATIONS.index(KEYED)]:
            connection.executescript(step)
        connection.execute(f"PRAGMA user_version = {MIGRATIONS.index(KEYED)}")
        connection.execute("INSERT INTO account VALUES ('ada', 'its hash', 'officer', '2026-01-01T00:00:00.000Z')")
        connection.execute(
            "INSERT INTO token (id, site, scope, label, created_at, digest)"
            " VALUES ('t1', 'boutique', 'log:read', '', '2026', ?)",
            (digest,),
        )
        connection.commit()

    async def work() -> None:
        store = SqliteStore(tmp_path, SystemClock())
        try:
            people = open_people(store.keyed, store.sites, store, SystemClock())
            ada = await people.accounts.get("ada")
            assert (ada.password, ada.roles) == ("its hash", {"*": "officer"})
            actor = await people.tokens.actor("kept by somebody")
            assert actor is not None
            assert actor.acts_on("boutique") == {"log:read"}
            assert actor.acts_on("journal") == frozenset()
        finally:
            await store.close()

    run(work())


class Overtaken(sqlite3.Connection):
    """A process that is slow: right after it asked for the file's version, another brings the file up to date."""

    path: Path
    overtaken = False

    def execute(self, sql: str, *given: Any) -> sqlite3.Cursor:
        answer = super().execute(sql, *given)
        if sql == "PRAGMA user_version" and not self.overtaken:
            found = answer.fetchall()
            answer = super().execute(f"SELECT {found[0][0]}")
            if not self.in_transaction:
                self.overtaken = True
                with closing(sqlite3.connect(self.path, isolation_level=None)) as other:
                    migrate(other)
        return answer


@pytest.mark.parametrize("version", range(len(MIGRATIONS)))
def test_a_process_overtaken_by_another_while_migrating_leaves_a_whole_file(tmp_path: Path, version: int) -> None:
    path = tmp_path / FILE
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.create_function("subject_key", 1, subject_key, deterministic=True)
        for number in range(version):
            connection.executescript(MIGRATIONS[number])
        connection.execute(f"PRAGMA user_version = {version}")
    with closing(sqlite3.connect(path, isolation_level=None, factory=Overtaken)) as slow:
        slow.path = path
        migrate(slow)
        assert slow.overtaken
        assert slow.execute("PRAGMA user_version").fetchone() == (len(MIGRATIONS),)
    run(SqliteStore(tmp_path, SystemClock()).close())
