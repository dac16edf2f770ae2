"""The archive, in a folder and in a bucket: exact bytes, and one view of hot and archived records."""

from __future__ import annotations

import asyncio
import base64
import sqlite3
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pytest

from temoin.clock import SystemClock, parse_period
from temoin.consent.subject import history
from temoin.errors import Conflict, Unavailable
from temoin.proof.archiving import archive
from temoin.proof.erasure import erase
from temoin.proof.log import proof_text
from temoin.proof.retention import retain
from temoin.storage.archive import segment
from temoin.storage.archive.archive import Archive
from temoin.storage.archive.bucket import Bucket
from temoin.storage.sqlite.store import FILE
from tests.made import uuid7
from tests.proof.logs import SITE, Site, new_subject
from tests.service_process import free_port
from tests.storage.archived import (
    MADE,
    archived,
    everything,
    fill,
    on_site,
    verified,
)
from tests.storage.places import ArchivePlace, InBucket


def hot_bodies(folder: Path) -> int:
    with closing(sqlite3.connect(folder / FILE)) as connection:
        query = "SELECT count(*) FROM entry WHERE kind = 'consent' AND body IS NOT NULL"
        return int(connection.execute(query).fetchone()[0])


def test_archived_and_hot_records_read_as_one(tmp_path: Path, place: ArchivePlace) -> None:
    async def work(site: Site) -> None:
        subject = new_subject()
        made = await fill(site, 60, [subject, new_subject(), subject])
        before = await everything(site)
        assert await archived(site) == 60
        assert (hot_bodies(tmp_path), len(place.names())) == (0, 1)
        young = await site.decide(await site.publish(evidence=False), subject=subject)
        assert (await everything(site))[: len(before)] == before
        assert await site.log.entry(SITE, made[7].id) == made[7]
        assert [entry.id async for entry in site.log.entries(SITE, 999, subject)] == [made[0].id, made[6].id, young.id]
        told = await history(site.log, SITE, subject, SystemClock().now())
        assert told is not None
        assert [line["id"] for line in told["history"]] == [made[0].id, made[6].id, young.id]
        assert orjson.loads(young.body or b"")["previous"] == made[6].id
        assert await verified(site, tmp_path / "p") == 61
        assert (await proof_text(site.log, SITE, made[3].index)).startswith("c2sp.org/tlog-proof@v1")
        assert await archived(site) == 0  # the one that is left is young

    on_site(tmp_path, work, place.archive())


def test_what_is_not_sealed_or_not_old_enough_stays_in_the_file(tmp_path: Path, place: ArchivePlace) -> None:
    async def work(site: Site) -> None:
        await fill(site, 5)
        frozen = await site.publish(evidence=False)
        await site.decide(frozen)
        await site.seal()
        assert await archived(site) == 5
        assert hot_bodies(tmp_path) == 1

    on_site(tmp_path, work, place.archive())


def test_a_record_that_could_not_be_rebuilt_to_the_byte_stays_in_the_file(tmp_path: Path, place: ArchivePlace) -> None:
    odd = f"{'A' * 21}B"  # its last character says more than 128 bits: base64url would give back another

    async def work(site: Site) -> None:
        await fill(site, 6, [new_subject(), odd])
        before = await everything(site)
        assert await archived(site) == 5
        assert hot_bodies(tmp_path) == 1
        assert await archived(site) == 0
        assert await everything(site) == before
        assert await verified(site, tmp_path / "p") == 6

    on_site(tmp_path, work, place.archive())


def test_the_bytes_are_rebuilt_whatever_the_record_holds(tmp_path: Path, place: ArchivePlace) -> None:
    async def work(site: Site) -> None:
        frozen = await site.publish(evidence=False)
        odd: tuple[dict[str, Any], ...] = (
            {},
            {"signals": {}},
            {"signals": {"gpc": True, "dnt": False}},
            {"page": "https://boutique.test/caf\u00e9/\U0001f36a/%22"},
            {"client_time": "1969-12-31T23:59:59.999Z"},
            {"client_time": "9999-12-31T23:59:59.999Z"},
            {"client_time": "2026-11-21T08:15:30+02:00"},
            {"action": "refuse_all", "choices": {"ads": False, "audience": False}, "layer": 1},
        )
        made = [await site.decide(frozen, **changes) for changes in odd]
        records = [(entry.index, entry.body or b"") for entry in made]
        data, held = segment.encode(SITE, records)
        assert held == [index for index, _ in records]
        opened = segment.open_segment(data)
        assert segment.decode(SITE, segment.read_group(opened, 0)[1]) == dict(records)

    on_site(tmp_path, work, place.archive())


def test_another_engine_reads_a_segment(tmp_path: Path, place: ArchivePlace) -> None:
    async def work(site: Site) -> None:
        made = await fill(site, 40)
        await archived(site)
        (name,) = place.names()
        file = tmp_path / "segment.parquet"
        file.write_bytes(place.read(name))
        rows = (
            duckdb.connect()
            .execute(
                "SELECT hex(id), CAST(epoch_ms(recorded_at) AS BIGINT), json_extract_string(choices, '$.audience')"
                f" FROM '{file}' ORDER BY \"index\""
            )
            .fetchall()
        )
        assert [row[0].lower() for row in rows] == [entry.id.replace("-", "") for entry in made]
        assert {row[2] for row in rows} == {"true"}

    on_site(tmp_path, work, place.archive())


def test_a_repeat_of_an_archived_decision_finds_it_and_another_body_is_a_conflict(
    tmp_path: Path, place: ArchivePlace
) -> None:
    async def work(site: Site) -> None:
        frozen = await site.publish(evidence=False)
        body: dict[str, Any] = {"id": uuid7(), "subject": new_subject()}
        first = await site.decide(frozen, at=MADE, **body)
        await site.seal()
        assert await archived(site) == 1
        assert await site.decide(frozen, **body) == first
        with pytest.raises(Conflict):
            await site.decide(frozen, layer=1, **body)
        await erase(site.store.erasure, SITE, body["subject"], "asked for", "test", SystemClock())
        assert (await site.decide(frozen, **body)).body is None

    on_site(tmp_path, work, place.archive())


def test_a_damaged_or_missing_segment_is_an_error_and_never_an_erasure(tmp_path: Path, place: ArchivePlace) -> None:
    async def work(site: Site) -> None:
        made = await fill(site, 30)
        await archived(site)
        ids.extend(entry.id for entry in made)
        (file,) = place.names()
        data = bytearray(place.read(file))
        data[len(data) // 3] ^= 1
        place.put(file, bytes(data))
        with pytest.raises(Unavailable, match=r"archive.s segment"):
            await everything(site)

    async def lost(site: Site) -> None:
        place.remove(*place.names())
        with pytest.raises(Unavailable, match="not there"):
            await site.log.entry(SITE, ids[0])

    ids: list[str] = []
    on_site(tmp_path, work, place.archive())
    on_site(tmp_path, lost, place.archive())


def test_an_erasure_reaches_archived_records_and_leaves_no_bytes(tmp_path: Path, place: ArchivePlace) -> None:
    async def work(site: Site) -> None:
        subject = new_subject()
        made = await fill(site, 30, [subject, new_subject(), subject])
        salts = [orjson.loads(entry.body or b"")["salt"] for entry in (made[0], made[6])]
        await archived(site)
        (old,) = place.names()
        young = await site.decide(await site.publish(evidence=False), subject=subject)
        raw = [base64.urlsafe_b64decode(f"{text}==") for text in (subject, *salts)]
        assert all(trace in place.read(old) for trace in raw)
        done = await erase(site.store.erasure, SITE, subject, "asked for", "test", SystemClock())
        assert (done.ids, done.traceless) == ((made[0].id, made[6].id, young.id), True)
        (new,) = place.names()
        assert new != old
        assert not any(trace in place.read(new) for trace in raw)
        entries = await everything(site)
        assert [entry.id for entry in entries if entry.body is None] == [made[0].id, made[6].id, young.id]
        assert await verified(site, tmp_path / "p") == 28
        assert [entry async for entry in site.log.entries(SITE, 999, subject)] == []

    on_site(tmp_path, work, place.archive())


def test_the_last_records_of_a_segment_take_it_with_them(tmp_path: Path, place: ArchivePlace) -> None:
    async def work(site: Site) -> None:
        subject = new_subject()
        await fill(site, 1, [subject])
        await archived(site)
        await erase(site.store.erasure, SITE, subject, "asked for", "test", SystemClock())
        assert place.names() == []
        assert [entry.kind for entry in await everything(site) if entry.body is None] == ["consent"]

    on_site(tmp_path, work, place.archive())


def test_retention_drops_whole_segments_and_the_log_still_verifies(tmp_path: Path, place: ArchivePlace) -> None:
    async def work(site: Site) -> None:
        await fill(site, 900)  # 37 days: two segments
        await archived(site)
        assert len(place.names()) == 2
        assert await retain(site.store.erasure, SITE, "test", SystemClock()) == 900  # 2016 + 13 months + 5 years
        assert place.names() == []
        assert await retain(site.store.erasure, SITE, "test", SystemClock()) == 0
        assert await verified(site, tmp_path / "p") == 0

    on_site(tmp_path, work, place.archive())


def test_an_archive_that_does_not_answer_holds_up_only_what_needs_it(
    tmp_path: Path, s3: str, s3_credentials: None
) -> None:
    subject = new_subject()
    place = InBucket(s3, tmp_path)

    async def work(site: Site) -> None:
        await fill(site, 3, [subject])
        assert await archived(site) == 3

    async def unreachable(site: Site) -> None:
        frozen = await site.publish(evidence=False)
        returning = asyncio.create_task(site.decide(frozen, subject=subject))
        assert (await site.decide(frozen)).body is not None
        with pytest.raises(Unavailable, match="archive cannot be used") as refused:
            await returning
        assert refused.value.code == "archive_unavailable"
        await site.seal()
        with pytest.raises(Unavailable, match="archive cannot be used"):
            await archive(site.store.archiving, SITE, parse_period("P1D"), SystemClock())

    on_site(tmp_path, work, place.archive())
    nowhere = Bucket(place.url, f"http://127.0.0.1:{free_port()}", place.lock)
    on_site(tmp_path, unreachable, Archive(nowhere))
    on_site(tmp_path, lambda site: _verifies(site, tmp_path / "p", 4), place.archive())


def test_a_place_that_belongs_to_another_store_is_left_alone(tmp_path: Path, place: ArchivePlace) -> None:
    async def work(site: Site) -> None:
        await fill(site, 3)
        assert await archived(site) == 3

    async def other(site: Site) -> None:
        await fill(site, 3)
        with pytest.raises(Unavailable, match="another store"):
            await archived(site)

    on_site(tmp_path, work, place.archive())
    names = place.names()
    with suppress(Unavailable):  # a folder is looked at when the store is opened
        on_site(tmp_path / "other", other, place.archive())
    assert place.names() == names
    on_site(tmp_path, lambda site: _verifies(site, tmp_path / "p", 3), place.archive())


async def _verifies(site: Site, out: Path, records: int) -> None:
    assert await verified(site, out) == records
