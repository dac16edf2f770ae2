"""Exports to xml and parquet: each read by software that is not ours, each holding the whole of every record."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from temoin.clock import rfc3339
from temoin.proof import records_parquet
from temoin.proof.entry import LoggedEntry
from temoin.proof.records_xml import _element
from tests.made import ORIGIN
from tests.proof.logs import Site, new_subject
from tests.proof.test_export import exported, on_site

XSD = Path(__file__).resolve().parents[2] / "schema/records.xsd"
# Everything that markup, XML's character set and line ends could trip over, within what a page's address may be.
NASTY = f"{ORIGIN}/a\x01b\x00c\\d&amp;<e='\"'>]]>\ufffe\uffff\x7fé😀\\u0041"


async def three(site: Site) -> list[LoggedEntry]:
    """Decisions of two subjects, one of them twice, on a nasty page."""
    frozen, subject = await site.publish(), new_subject()
    first = await site.decide(frozen, subject=subject, at=site.clock.now() - timedelta(days=1), page=NASTY)
    await site.act()
    refused = {"audience": False, "ads": False}
    again = await site.decide(frozen, subject=subject, choices=refused, action="withdraw", signals={})
    other = await site.decide(frozen, page=f"{ORIGIN}/\\u0001", viewport="mobile", layer=1, language="en")
    return [first, again, other]


def commitment_of(record: dict[str, Any]) -> str:
    """RFC 8785 for a record: sorted ASCII keys, no white space, characters as they are."""
    text = json.dumps(record, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def text_of(element: Any) -> str:
    """An element's text, its escapes undone as the schema says."""
    text = str(element.text or "")
    if element.get("escaped") != "true":
        return text
    return re.sub(r"\\(\\|u([0-9a-f]{4}))", lambda found: "\\" if found[1] == "\\" else chr(int(found[2], 16)), text)


def record_of(element: Any) -> dict[str, Any]:
    record: dict[str, Any] = {"previous": None}
    for child in element:
        if child.tag in ("choices", "signals"):
            record[child.tag] = {text_of(each): (each.get("granted") or each.get("value")) == "true" for each in child}
        else:
            record[child.tag] = text_of(child)
    return record | {"layer": int(record["layer"])}


def test_xml_follows_the_published_schema_and_holds_the_whole_record(tmp_path: Path) -> None:
    async def work(site: Site) -> None:
        entries = await three(site)
        assert await exported(site, tmp_path / "out.xml", "xml") == 3
        document = etree.parse(tmp_path / "out.xml")
        etree.XMLSchema(etree.parse(XSD)).assertValid(document)
        found = list(document.getroot())
        assert [int(each.get("index")) for each in found] == [entry.index for entry in entries]
        for element, entry in zip(found, entries, strict=True):
            assert element.get("commitment") == entry.commitment.hex() == commitment_of(record_of(element))
        assert text_of(found[0].find("page")) == NASTY
        assert found[2].find("page").get("escaped") is None

    on_site(tmp_path, work)


def test_the_schema_refuses_what_is_not_an_export(tmp_path: Path) -> None:
    async def work(site: Site) -> None:
        await three(site)
        await exported(site, tmp_path / "out.xml", "xml")

    on_site(tmp_path, work)
    schema = etree.XMLSchema(etree.parse(XSD))
    true = (tmp_path / "out.xml").read_bytes()
    for old, new in (
        (b"<event>given</event>", b"<event>agreed</event>"),
        (b'granted="true"', b'granted="perhaps"'),
        (b"<layer>1</layer>", b""),
        (b"temoin.records/1", b"temoin.records/2"),
    ):
        assert old in true
        assert not schema.validate(etree.fromstring(true.replace(old, new)))


def test_an_empty_xml_export_is_valid_too(tmp_path: Path) -> None:
    async def work(site: Site) -> None:
        await site.publish()
        assert await exported(site, tmp_path / "out.xml", "xml") == 0

    on_site(tmp_path, work)
    etree.XMLSchema(etree.parse(XSD)).assertValid(etree.parse(tmp_path / "out.xml"))


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))
def test_any_text_comes_back_out_of_xml(text: str) -> None:
    assert text_of(etree.fromstring(_element("page", text).encode())) == text


def test_parquet_reads_with_types_in_another_engine_and_holds_the_whole_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records_parquet, "PIECE", 1)
    monkeypatch.setattr(records_parquet, "PIECES", 2)
    path = tmp_path / "out.parquet"

    async def work(site: Site) -> None:
        entries = await three(site)
        assert await exported(site, path, "parquet") == 3
        for row, entry in zip(rows(path), entries, strict=True):
            assert (row.pop("index"), row.pop("commitment")) == (entry.index, entry.commitment)
            for name in ("recorded_at", "expires_at", "client_time"):
                row[name] = rfc3339(datetime.fromtimestamp(row[name] / 1000, UTC))
            assert commitment_of(row) == entry.commitment.hex()

    on_site(tmp_path, work)
    with duckdb.connect() as engine:
        types = dict(engine.sql(f"SELECT column_name, column_type FROM (DESCRIBE FROM '{path}')").fetchall())
        groups = engine.sql(f"SELECT DISTINCT row_group_id, compression FROM parquet_metadata('{path}')").fetchall()
        granted = engine.sql(f"SELECT count(*) FROM '{path}' WHERE choices['audience']").fetchall()
    assert types["recorded_at"] == "TIMESTAMP WITH TIME ZONE"
    assert types["choices"] == "MAP(VARCHAR, BOOLEAN)"
    assert (types["index"], types["layer"], types["commitment"]) == ("BIGINT", "TINYINT", "BLOB")
    assert sorted(groups) == [(0, "ZSTD"), (1, "ZSTD")]
    assert granted == [(2,)]


def rows(path: Path) -> list[dict[str, Any]]:
    """The file's rows by DuckDB, times in milliseconds since 1970."""
    times = ", ".join(f"epoch_ms({name}) AS {name}" for name in ("recorded_at", "expires_at", "client_time"))
    with duckdb.connect() as engine:
        found = engine.execute(f"SELECT * REPLACE ({times}) FROM '{path}' ORDER BY index")
        names = [column[0] for column in found.description or ()]
        return [dict(zip(names, values, strict=True)) for values in found.fetchall()]


def test_an_empty_parquet_export_has_its_columns(tmp_path: Path) -> None:
    async def work(site: Site) -> None:
        await site.publish()
        assert await exported(site, tmp_path / "out.parquet", "parquet") == 0

    on_site(tmp_path, work)
    assert rows(tmp_path / "out.parquet") == []


def test_without_pyarrow_it_says_what_to_install() -> None:
    """In a process of its own, which finds no pyarrow whatever this one has loaded."""
    program = (
        "import sys; sys.modules['pyarrow'] = None\n"
        "from temoin.errors import Unavailable\n"
        "from temoin.proof.export import FORMATS\n"
        "try: FORMATS['parquet']().begin(sys.stdout.buffer)\n"
        "except Unavailable as error: print(error.exit_code, error.hint)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("3 Install it with: pip install 'temoin[parquet]'")
