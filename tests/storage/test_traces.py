"""Bytes of an erased subject that SQLite itself left lying about are found and removed."""

from __future__ import annotations

import secrets
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

from temoin.clock import SystemClock
from temoin.proof.erasure import erase
from temoin.storage.sqlite.store import FILE
from tests.aio import run
from tests.proof.logs import SITE, new_subject, open_site


def test_thousands_of_erasures_leave_no_copy_of_any_subject(tmp_path: Path) -> None:
    async def work() -> list[str]:
        async with open_site(tmp_path) as site:
            frozen = await site.publish(evidence=False)
            subjects = [new_subject() for _ in range(3000)]
            for subject in subjects:
                await site.decide(frozen, subject=subject)
            gone = secrets.SystemRandom().sample(subjects, 300)
            for subject in gone:
                assert (await erase(site.store.erasure, SITE, subject, "asked for", "test", SystemClock())).traceless
            return gone

    gone = run(work())
    data = (tmp_path / FILE).read_bytes()
    assert not [subject for subject in gone if subject.encode() in data]


def test_a_copy_left_in_a_free_page_is_overwritten(tmp_path: Path) -> None:
    subject = new_subject()

    async def work() -> None:
        async with open_site(tmp_path) as site:
            frozen = await site.publish(evidence=False)
            await site.decide(frozen, subject=subject)
            with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as connection:
                connection.execute("PRAGMA secure_delete = OFF")
                connection.execute("CREATE TABLE stray (text TEXT)")
                connection.execute("INSERT INTO stray VALUES (?)", (subject * 1000,))
                connection.execute("DROP TABLE stray")
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            assert (await erase(site.store.erasure, SITE, subject, "asked for", "test", SystemClock())).traceless

    run(work())
    assert subject.encode() not in (tmp_path / FILE).read_bytes()


def test_another_process_that_closes_the_store_after_an_erasure_takes_nothing_from_it(tmp_path: Path) -> None:
    """SQLite's last connection removes the write-ahead log; no other process may take itself for the last one."""

    async def work() -> None:
        async with open_site(tmp_path) as site:
            frozen = await site.publish(evidence=False)
            subject = new_subject()
            await site.decide(frozen, subject=subject)
            await erase(site.store.erasure, SITE, subject, "asked for", "test", SystemClock())
            assert counted(tmp_path) == 3
            await site.decide(frozen, subject=new_subject())
            assert counted(tmp_path) == 4

    run(work())


def counted(data: Path) -> int:
    """How many entries a process finds that opens the store and closes it again."""
    look = (
        "import sqlite3, sys; store = sqlite3.connect(sys.argv[1]);"
        "print(*store.execute('SELECT count(*) FROM entry').fetchone()); store.close()"
    )
    done = subprocess.run([sys.executable, "-c", look, str(data / FILE)], check=True, capture_output=True, text=True)
    return int(done.stdout)
