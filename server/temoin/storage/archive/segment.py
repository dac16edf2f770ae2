"""One segment: consent records as Parquet, compact, and such that the exact bytes of each can be rebuilt.

The columns are those of the record (CONTRACT section 6) but for what is the same for all: `schema` and `site` stand in
the file's metadata. `index` is the record's place in the log; the commitments are not here, the log's tiles hold them.
Ids, subjects and salts are raw bytes, times are milliseconds UTC, `choices` and `signals` canonical JSON, so any engine
that reads Parquet reads years of proofs where they lie.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pyarrow as pa
import pyarrow.parquet as pq

from temoin.canonical import canonical_trusted
from temoin.clock import parse_rfc3339, rfc3339

_CONSENT = "temoin.consent/1"
_ROW_GROUP = 8192
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)

_RANDOM = ("id", "subject", "salt", "previous")
_TIMES = ("recorded_at", "expires_at", "client_time")
_WORDS = ("event", "choices", "config", "language", "control", "page", "viewport", "signals")

SCHEMA = pa.schema(
    [
        pa.field("index", pa.int64(), nullable=False),
        *(pa.field(name, pa.binary(16), nullable=name == "previous") for name in _RANDOM),
        *(pa.field(name, pa.timestamp("ms", tz="UTC"), nullable=False) for name in _TIMES),
        *(pa.field(name, pa.string(), nullable=False) for name in _WORDS),
        pa.field("layer", pa.int8(), nullable=False),
    ]
)

Record = tuple[int, bytes]
"""A record's place in the log and its canonical bytes."""


def encode(site: str, records: Sequence[Record]) -> tuple[bytes, list[int]]:
    """The file's bytes, and the places of the records that it holds, in order.

    A record whose bytes the columns could not give back exactly is left out; none at all makes an empty file.
    """
    rows = []
    for index, body in records:
        row = _row(index, body)
        if row is not None and _body(site, row) == body:
            rows.append(row)
    columns = {name: [row[name] for row in rows] for name in SCHEMA.names}
    arrays = [pa.array(columns[field.name], _plain(field.type)).cast(field.type) for field in SCHEMA]
    metadata = {"temoin.schema": _CONSENT, "temoin.site": site}
    sink = pa.BufferOutputStream()
    pq.write_table(
        pa.table(arrays, schema=SCHEMA.with_metadata(metadata)),
        sink,
        row_group_size=_ROW_GROUP,
        compression={name: "none" if name in ("subject", "salt") else "zstd" for name in SCHEMA.names},
        compression_level={name: 9 for name in SCHEMA.names if name not in ("subject", "salt")},
        use_dictionary=[*_WORDS, "layer"],
        column_encoding=dict.fromkeys(("index", *_TIMES), "DELTA_BINARY_PACKED"),
        write_statistics=["index"],
        store_schema=False,
    )
    return sink.getvalue().to_pybytes(), [row["index"] for row in rows]


def decode(site: str, table: pa.Table) -> dict[int, bytes]:
    """The records of (a part of) a segment: their bytes by their place; no bytes for a row that makes no record."""
    columns = {field.name: table.column(field.name).cast(_plain(field.type)).to_pylist() for field in SCHEMA}
    rows = (dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True))
    return {row["index"]: _body(site, row) or b"" for row in rows}


def open_segment(data: bytes) -> pq.ParquetFile:
    """A segment from its file's bytes. Raises OSError or ValueError where they are none."""
    return pq.ParquetFile(pa.BufferReader(data))


def group_ranges(file: pq.ParquetFile) -> list[tuple[int, int]]:
    """The first and last place of each row group."""
    groups = (file.metadata.row_group(number).column(0).statistics for number in range(file.num_row_groups))
    return [(statistics.min, statistics.max) for statistics in groups]


def read_group(file: pq.ParquetFile, number: int) -> tuple[list[int], pa.Table]:
    """The places of a row group's records, in order, and its columns."""
    table = file.read_row_group(number, use_threads=False)
    return table.column("index").to_pylist(), table


def _plain(kind: pa.DataType) -> pa.DataType:
    """Times travel to and from Python as integers: a datetime would cost ten times as much."""
    return pa.int64() if pa.types.is_timestamp(kind) else kind


def _row(index: int, body: bytes) -> dict[str, Any] | None:
    try:
        record = orjson.loads(body)
        return {
            "index": index,
            "id": _uuid_bytes(record["id"]),
            "previous": _uuid_bytes(record["previous"]) if record["previous"] is not None else None,
            **{name: base64.urlsafe_b64decode(f"{record[name]}==") for name in ("subject", "salt")},
            **{name: (parse_rfc3339(record[name]) - _EPOCH) // _MILLISECOND for name in _TIMES},
            **{name: canonical_trusted(record[name]).decode() for name in ("choices", "signals")},
            **{name: record[name] for name in ("event", "config", "language", "control", "page", "viewport", "layer")},
        }
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


def _body(site: str, row: dict[str, Any]) -> bytes | None:
    try:
        return canonical_trusted(
            {
                "schema": _CONSENT,
                "site": site,
                "id": _uuid_text(row["id"]),
                "previous": _uuid_text(row["previous"]) if row["previous"] is not None else None,
                **{name: base64.urlsafe_b64encode(row[name])[:22].decode() for name in ("subject", "salt")},
                **{name: rfc3339(_EPOCH + row[name] * _MILLISECOND) for name in _TIMES},
                **{name: orjson.Fragment(row[name]) for name in ("choices", "signals")},
                **{name: row[name] for name in ("event", "config", "language", "control", "page", "viewport", "layer")},
            }
        )
    except (ValueError, TypeError, OverflowError):
        return None


def _uuid_bytes(text: str) -> bytes:
    return bytes.fromhex(text.replace("-", ""))


def _uuid_text(data: bytes) -> str:
    digits = data.hex()
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"
