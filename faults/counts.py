"""The counts of all runs, as JSON, and as the tables of docs/faults.md."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from statistics import median
from typing import Any

from faults.stage import Outcome

_PAGE = Path(__file__).parents[1] / "docs/faults.md"
_BEGIN, _END = "<!-- counts -->", "<!-- end of counts -->"


def add(file: Path, name: str, outcome: Outcome) -> None:
    """Adds one run to the file."""
    counted: dict[str, Any] = json.loads(file.read_text()) if file.exists() else {}
    before = Outcome(**counted.get(name, {}))
    for kind in ("answers", "notes"):
        old, new = getattr(before, kind), getattr(outcome, kind)
        setattr(before, kind, {key: old.get(key, 0) + new.get(key, 0) for key in sorted({*old, *new})})
    before.faults += outcome.faults
    before.acknowledged += outcome.acknowledged
    before.missing += outcome.missing
    before.twice += outcome.twice
    before.checkpoints += outcome.checkpoints
    before.back_after += outcome.back_after
    before.seconds = round(before.seconds + outcome.seconds, 1)
    counted[name] = asdict(before)
    file.write_text(json.dumps(counted, indent=1, sort_keys=True) + "\n")


def publish(file: Path) -> None:
    """Writes the table between the page's two marks."""
    counted = {name: Outcome(**values) for name, values in json.loads(file.read_text()).items()}
    page = _PAGE.read_text()
    before, _, rest = page.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    _PAGE.write_text(f"{before}{_BEGIN}\n{_table(counted)}\n{_END}{after}")


def _table(counted: dict[str, Outcome]) -> str:
    lines = [
        "| fault | times | acknowledged | of them found by a repeat | refused (503) | cut off | missing | twice "
        "| back after, median | longest |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name, one in sorted(counted.items()):
        cut = one.answers.get("cut off", 0) + one.answers.get("not answered in time", 0)
        cells = [
            one.faults,
            one.acknowledged,
            one.answers.get("found by its repeat", 0),
            one.answers.get("refused with 503", 0),
            cut,
            one.missing,
            one.twice,
        ]
        times = [f"{value:.2f} s" for value in (median(one.back_after), max(one.back_after))]
        lines.append(f"| {name} | {' | '.join([*(f'{cell:,}' for cell in cells), *times])} |")
    kills = sum(one.faults for name, one in counted.items() if name.startswith("kill"))
    total = sum(one.faults for one in counted.values())
    decisions = sum(one.acknowledged for one in counted.values())
    return "\n".join([*lines, "", f"{total:,} faults, {kills:,} of them kills; {decisions:,} acknowledged decisions."])
