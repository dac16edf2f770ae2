"""Exports for people and their tools: csv, jsonl, xml and parquet. The verifiable export is `bundle.py`.

Each format is a writer in the table FORMATS. Entries are streamed, so memory does not grow with their number, and the
file appears under its name only when it is complete. Erased records have nothing to show and are left out.
"""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import orjson

from temoin.proof.entry import LoggedEntry
from temoin.proof.ports import EntryFilter, EntryReader
from temoin.proof.records_parquet import ParquetWriter
from temoin.proof.records_xml import XmlWriter
from temoin.proof.staged import staged
from temoin.proof.wanted import matches, normalised

COLUMNS = (
    *("index", "id", "recorded_at", "expires_at", "site", "subject", "event", "granted", "refused", "config"),
    *("language", "layer", "control", "page", "viewport", "signals", "client_time", "previous", "commitment"),
)
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

Progress = Callable[[int], None]


class RecordWriter(Protocol):
    """Writes records to a file, one after the other, in index order. Ends with `end`, or with `abandon` at an error."""

    def begin(self, file: BinaryIO) -> None: ...

    def write(self, entry: LoggedEntry, body: bytes, record: dict[str, Any]) -> None:
        """`body` is the record's canonical bytes, `record` what they say."""
        ...

    def end(self) -> None: ...

    def abandon(self) -> None: ...


class CsvWriter:
    """RFC 4180 in UTF-8. `granted` and `refused` list purposes, separated by spaces.

    A cell that a spreadsheet would run as a formula begins with an apostrophe instead (OWASP, CSV injection).
    """

    def begin(self, file: BinaryIO) -> None:
        self._text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=False)
        self._csv = csv.writer(self._text)
        self._csv.writerow(COLUMNS)

    def write(self, entry: LoggedEntry, body: bytes, record: dict[str, Any]) -> None:  # noqa: ARG002  # the shape of RecordWriter
        cells = {
            **record,
            "index": entry.index,
            "granted": " ".join(purpose for purpose, yes in record["choices"].items() if yes),
            "refused": " ".join(purpose for purpose, yes in record["choices"].items() if not yes),
            "signals": orjson.dumps(record.get("signals") or {}, option=orjson.OPT_SORT_KEYS).decode(),
            "commitment": entry.commitment.hex(),
        }
        self._csv.writerow([safe_cell(cells.get(column)) for column in COLUMNS])

    def end(self) -> None:
        self._text.flush()
        self._text.detach()

    def abandon(self) -> None:
        """Nothing to let go of: the file is closed and removed by who opened it."""


class JsonLinesWriter:
    """One record a line, as the very bytes that were hashed: SHA-256 of a line without its end is the commitment."""

    def begin(self, file: BinaryIO) -> None:
        self._file = file

    def write(self, entry: LoggedEntry, body: bytes, record: dict[str, Any]) -> None:  # noqa: ARG002  # the shape of RecordWriter
        self._file.write(body + b"\n")

    def end(self) -> None:
        self._file.flush()

    def abandon(self) -> None:
        """Nothing is held back."""


FORMATS: dict[str, Callable[[], RecordWriter]] = {
    "csv": CsvWriter,
    "jsonl": JsonLinesWriter,
    "xml": XmlWriter,
    "parquet": ParquetWriter,
}


async def export(
    reader: EntryReader,
    site: str,
    below: int,
    wanted: EntryFilter,
    out: Path,
    format_name: str,
    progress: Progress | None = None,
) -> int:
    """Writes the wanted records with an index under `below` to `out` and returns how many they are.

    `progress` is told after each entry how many were read. Raises Malformed for a bad filter or an unusable `out`,
    Unavailable for a format whose library is not installed.
    """
    writer = FORMATS[format_name]()
    count = 0
    with staged(out) as file:
        try:
            writer.begin(file)
            async for entry, body, record in wanted_records(reader, site, below, normalised(wanted), progress):
                writer.write(entry, body, record)
                count += 1
            writer.end()
        except BaseException:
            writer.abandon()
            raise
    return count


async def wanted_records(
    reader: EntryReader, site: str, below: int, wanted: EntryFilter, progress: Progress | None = None
) -> AsyncIterator[tuple[LoggedEntry, bytes, dict[str, Any]]]:
    """The consent records that a normalised filter asks for, each with its bytes and what they say."""
    read = 0
    async for entry in reader.entries(site, below, wanted.subject):
        read += 1
        if entry.kind == "consent" and entry.body is not None:
            record = orjson.loads(entry.body)
            if matches(wanted, record):
                yield entry, entry.body, record
        if progress is not None:
            progress(read)


def safe_cell(value: object) -> str:
    """A cell's text; with an apostrophe in front where a spreadsheet would take it for a formula."""
    text = "" if value is None else str(value)
    return "'" + text if text.startswith(_FORMULA) else text
