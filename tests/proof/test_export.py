"""Exports to csv and jsonl."""

from __future__ import annotations

import csv
import hashlib
import json
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from temoin.errors import Malformed
from temoin.proof.export import COLUMNS, FORMATS, export, safe_cell
from temoin.proof.ports import EntryFilter
from tests.aio import run
from tests.proof.logs import SITE, Site, new_subject, open_site


def on_site(folder: Path, work: Callable[[Site], Awaitable[None]]) -> None:
    async def main() -> None:
        async with open_site(folder / "store") as site:
            await work(site)

    run(main())


async def exported(site: Site, out: Path, format_name: str, wanted: EntryFilter | None = None) -> int:
    return await export(site.log, SITE, 10_000, wanted or EntryFilter(), out, format_name)


def test_a_line_of_jsonl_is_the_record_that_was_committed_to(tmp_path: Path) -> None:
    async def work(site: Site) -> None:
        frozen = await site.publish()
        await site.act()
        entries = [await site.decide(frozen) for _ in range(3)]
        assert await exported(site, tmp_path / "out", "jsonl") == 3
        lines = (tmp_path / "out").read_bytes().splitlines()
        assert [hashlib.sha256(line).digest() for line in lines] == [entry.commitment for entry in entries]

    on_site(tmp_path, work)


def test_csv_has_a_row_a_record_and_reads_back(tmp_path: Path) -> None:
    async def work(site: Site) -> None:
        entry = await site.decide(await site.publish())
        assert await exported(site, tmp_path / "out.csv", "csv") == 1
        with (tmp_path / "out.csv").open(newline="", encoding="utf-8") as file:
            (row,) = csv.DictReader(file)
        record = json.loads(entry.body or b"")
        assert tuple(row) == COLUMNS
        assert (row["id"], row["granted"], row["refused"]) == (entry.id, "audience", "ads")
        assert (row["index"], row["commitment"]) == (str(entry.index), entry.commitment.hex())
        assert {name: row[name] for name in ("recorded_at", "expires_at", "page", "subject")} == {
            "recorded_at": record["recorded_at"],
            "expires_at": record["expires_at"],
            "page": record["page"],
            "subject": safe_cell(record["subject"]),
        }

    on_site(tmp_path, work)


def test_a_subject_that_begins_like_a_formula_is_defused_in_csv(tmp_path: Path) -> None:
    async def work(site: Site) -> None:
        await site.decide(await site.publish(), subject="-" + new_subject()[1:])
        await exported(site, tmp_path / "out.csv", "csv")
        assert b",'-" in (tmp_path / "out.csv").read_bytes()

    on_site(tmp_path, work)


@given(st.text(max_size=20))
def test_no_cell_begins_like_a_formula(text: str) -> None:
    cell = safe_cell(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert cell.removeprefix("'") == text or cell == text


@pytest.mark.parametrize("format_name", FORMATS)
def test_filters_apply_to_every_format(tmp_path: Path, format_name: str) -> None:
    async def work(site: Site) -> None:
        frozen, now, subject = await site.publish(), site.clock.now(), new_subject()
        await site.decide(frozen, subject=subject, at=now - timedelta(days=3))
        await site.decide(frozen, choices={"audience": False, "ads": False}, action="refuse_all")
        day = f"{now - timedelta(days=1):%Y-%m-%d}"
        for wanted, count in (
            (EntryFilter(), 2),
            (EntryFilter(since=day), 1),
            (EntryFilter(until=day), 1),
            (EntryFilter(subject=subject), 1),
            (EntryFilter(event="refused"), 1),
            (EntryFilter(event="withdrawn"), 0),
            (EntryFilter(purpose="audience"), 2),
            (EntryFilter(purpose="unknown"), 0),
        ):
            assert await exported(site, tmp_path / "out", format_name, wanted) == count

    on_site(tmp_path, work)


@pytest.mark.parametrize("format_name", FORMATS)
def test_a_failed_export_leaves_the_file_before_it_alone(tmp_path: Path, format_name: str) -> None:
    async def work(site: Site) -> None:
        await site.decide(await site.publish())

        def full_disk(_: int) -> None:
            raise OSError(28, "No space left on device")

        with pytest.raises(OSError, match="No space"):
            await export(site.log, SITE, 10, EntryFilter(), tmp_path / "out", format_name, full_disk)
        with pytest.raises(Malformed, match="is not a time"):
            await exported(site, tmp_path / "out", format_name, EntryFilter(since="tomorrow"))

    (tmp_path / "out").write_text("the one before", "utf-8")
    on_site(tmp_path, work)
    assert (tmp_path / "out").read_text("utf-8") == "the one before"
    assert {path.name for path in tmp_path.iterdir()} == {"out", "store"}
