"""Records as Apache Parquet (zstd), for people who count: typed columns that any engine reads.

Every field of a record has its column, the salt too, so that the canonical bytes can be made again and their SHA-256
held against `commitment`. Row groups are bounded, so memory does not grow with the number of records. pyarrow is an
optional part of the installation: without it this format alone is missing.
"""

from __future__ import annotations

from contextlib import suppress
from types import ModuleType
from typing import Any, BinaryIO

from temoin.clock import parse_rfc3339
from temoin.errors import Unavailable
from temoin.proof.entry import LoggedEntry

# Rows become columns soon, because as Python objects they take ten times the room; a row group is several such pieces,
# large enough to compress well.
PIECE = 2_048
PIECES = 16
_TIMES = ("recorded_at", "expires_at", "client_time")
_TEXTS = (
    *("schema", "id", "site", "subject", "event", "config", "language", "control", "page", "viewport"),
    *("previous", "salt"),
)
# Few different values: a dictionary and small numbers. The rest is random, where a dictionary only costs.
_REPEATED = ["schema", "site", "event", "config", "language", "layer", "control", "page", "viewport"]
_REPEATED += [f"{name}.key_value.{part}" for name in ("choices", "signals") for part in ("key", "value")]


class ParquetWriter:
    """See `temoin.proof.export.RecordWriter`. Raises Unavailable where pyarrow is not installed."""

    def begin(self, file: BinaryIO) -> None:
        self._arrow, parquet = _pyarrow()
        # Its own pools keep what was freed; the system's gives it back, which is what bounds this process.
        self._pool = self._arrow.system_memory_pool()
        self._schema = _schema(self._arrow)
        self._rows: list[dict[str, Any]] = []
        self._pieces: list[Any] = []
        self._writer = parquet.ParquetWriter(
            file, self._schema, compression="zstd", use_dictionary=_REPEATED, memory_pool=self._pool
        )

    def write(self, entry: LoggedEntry, body: bytes, record: dict[str, Any]) -> None:  # noqa: ARG002  # the shape of RecordWriter
        record["index"] = entry.index
        record["commitment"] = entry.commitment
        self._rows.append(record)
        if len(self._rows) >= PIECE:
            self._convert()
        if len(self._pieces) >= PIECES:
            self._flush()

    def end(self) -> None:
        if self._rows:
            self._convert()
        if self._pieces:
            self._flush()
        self._writer.close()

    def abandon(self) -> None:
        """Ends the writer, which would otherwise finish a file that is gone."""
        if hasattr(self, "_writer"):
            with suppress(OSError):
                self._writer.close()
            self._writer.is_open = False

    def _convert(self) -> None:
        columns = [self._column(field) for field in self._schema]
        self._rows = []
        self._pieces.append(self._arrow.RecordBatch.from_arrays(columns, schema=self._schema))

    def _flush(self) -> None:
        table = self._arrow.Table.from_batches(self._pieces, self._schema)
        self._pieces = []
        self._writer.write_table(table, row_group_size=table.num_rows)

    def _column(self, field: Any) -> Any:
        values = (row[field.name] for row in self._rows)
        if field.name in _TIMES:
            values = (parse_rfc3339(value) for value in values)
        elif field.name in ("choices", "signals"):
            values = (list(value.items()) for value in values)
        return self._arrow.array(list(values), field.type, memory_pool=self._pool)


def _schema(arrow: ModuleType) -> Any:
    """The file's columns. `previous` alone may be null."""
    text, moment = arrow.string(), arrow.timestamp("ms", tz="UTC")
    decisions = arrow.map_(text, arrow.field("value", arrow.bool_(), nullable=False))
    types = {
        "index": arrow.int64(),
        **dict.fromkeys(_TEXTS, text),
        **dict.fromkeys(_TIMES, moment),
        "layer": arrow.int8(),
        "choices": decisions,
        "signals": decisions,
        "commitment": arrow.binary(32),
    }
    order = (
        *("index", "id", "recorded_at", "expires_at", "site", "subject", "event", "choices", "config", "language"),
        *("layer", "control", "page", "viewport", "signals", "client_time", "previous", "salt", "schema", "commitment"),
    )
    return arrow.schema([arrow.field(name, types[name], nullable=name == "previous") for name in order])


def _pyarrow() -> tuple[ModuleType, ModuleType]:
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError as error:
        raise Unavailable(
            "pyarrow_missing",
            "Parquet files are written with pyarrow, which is not installed.",
            "Install it with: pip install 'temoin[parquet]'. The formats csv, jsonl and xml do without.",
        ) from error
    return pyarrow, pyarrow.parquet
