"""A report as one flat table, for spreadsheets and data tools: JSON, CSV and Parquet.

Columns: `table` (`total`, `day`, `hour` or the name of a cut), `value` (the day, the hour, the page …), `series`, and
the figures. What is not counted in a table is empty there. The table of insights says in `side` which of the two it is,
`chosen` or `against`, with its days and its version.
"""

from __future__ import annotations

import csv
import io
from typing import Any

import orjson

from temoin.analytics.insights import FIGURES, PERCENTAGES
from temoin.errors import Unavailable

_TEXTS = ("table", "value", "series")
_COUNTS = ("visitors", "views", "visits", "exits")
_RATES = ("bounce_percent", "seconds_a_visit", "seconds_a_view")
COLUMNS = (*_TEXTS, *_COUNTS, *_RATES)
INSIGHT_COLUMNS = (
    *("side", "from", "to", "version", "table", "value"),
    *(*FIGURES, *PERCENTAGES, "granted", "granted_percent"),
)
FORMATS = ("json", "csv", "parquet")


def write(report: dict[str, Any], form: str) -> bytes:
    """The report in one of FORMATS; raises Unavailable where pyarrow is wanted and not installed."""
    if form == "json":
        return orjson.dumps(report, option=orjson.OPT_INDENT_2) + b"\n"
    return _csv(rows(report), COLUMNS) if form == "csv" else _parquet(rows(report))


def insights_csv(report: dict[str, Any]) -> bytes:
    """Both sides of the insights, one below the other."""
    return _csv([*_insight_rows("chosen", report), *_insight_rows("against", report["against"])], INSIGHT_COLUMNS)


def _insight_rows(side: str, found: dict[str, Any]) -> list[dict[str, Any]]:
    of = {"side": side, "from": found["from"], "to": found["to"], "version": found["version"]}
    made = [{"table": "total", **found["totals"]}]
    made += [{"table": "day", "value": day["day"], **day} for day in found["days"]]
    made += [{"table": "purpose", **row} for row in found["purposes"]]
    made += [{"table": kind, **row} for kind, cut in found["cuts"].items() for row in cut]
    return [{name: {**of, **row}.get(name) for name in INSIGHT_COLUMNS} for row in made]


def rows(report: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows, by COLUMNS."""
    found = [{"table": "total", "series": name, **figures} for name, figures in report["totals"].items()]
    for day in report["days"]:
        for name in ("exempt", "consented"):
            found.append({"table": "day", "value": day["day"], "series": name, **day[name]})
    for hour in report["hours"]:
        found.append(
            {"table": "hour", "value": hour["hour"], **{key: hour[key] for key in ("series", "views", "visits")}}
        )
    for kind, cut in report["cuts"].items():
        found += [{"table": kind, **row} for row in cut]
    return [{name: row.get(name) for name in COLUMNS} for row in found]


def _csv(table: list[dict[str, Any]], columns: tuple[str, ...]) -> bytes:
    """RFC 4180 in UTF-8. A value that a spreadsheet would take for a formula gets an apostrophe before it."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns)
    writer.writeheader()
    for row in table:
        value = row["value"]
        writer.writerow({**row, "value": f"'{value}" if value and value[0] in "=+-@\t\r" else value})
    return text.getvalue().encode()


def _parquet(table: list[dict[str, Any]]) -> bytes:
    try:
        import pyarrow
        from pyarrow import parquet
    except ImportError as error:
        raise Unavailable(
            "pyarrow_missing", "Parquet needs pyarrow, which is not installed.", "Install temoin[parquet]."
        ) from error
    types = [
        *((name, pyarrow.string()) for name in _TEXTS),
        *((name, pyarrow.int64()) for name in _COUNTS),
        *((name, pyarrow.float64()) for name in _RATES),
    ]
    out = io.BytesIO()
    parquet.write_table(pyarrow.Table.from_pylist(table, pyarrow.schema(types)), out, compression="zstd")
    return out.getvalue()
