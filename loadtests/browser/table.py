"""The figures as Markdown: every row beside ours, and ours beside what they are meant to be."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from typing import Any

PAGE = Path(__file__).parents[2] / "docs/performance.md"
_BEGIN, _END = "<!-- loadtests/browser: begin -->", "<!-- loadtests/browser: end -->"
_OURS = "temoin"
_ALONE = "page alone"

_DEFERRED_PAINT = 500  # ms, the most that the first contentful paint is meant to take with the deferred form

# Figure, heading, whether the page alone is taken off, and the most that ours is meant to take.
_COLUMNS: tuple[tuple[str, str, bool, float | None], ...] = (
    ("bytes", "bytes", False, 9 * 1024),
    ("requests", "requests", False, 2),
    ("requests_again", "requests, next visit", False, 1),
    ("painted", "banner painted, ms", False, 620),
    ("fcp", "first contentful paint, ms", False, 610),
    ("script", "script above the page alone, ms", True, 25),
    ("blocking", "blocking above the page alone, ms", True, 5),
    ("longest", "longest task, ms", False, 85),
    ("inp", "INP of refusing, ms", False, 20),
    ("gone", "banner gone, ms", False, 50),
    ("shift", "layout shift", False, 0),
    ("axe", "axe-core findings", True, 0),
)


def markdown(result: dict[str, Any]) -> str:
    rows = {name: _medians(visits, result["examined"][name]) for name, visits in result["visits"].items()}
    headings = [heading for _, heading, _, _ in _COLUMNS]
    lines = [f"| | {' | '.join(headings)} |", "|---|" + "---:|" * len(headings)]
    for name, figures in rows.items():
        shown = [_above(figures, rows[_ALONE], column, taken and name != _ALONE) for column, _, taken, _ in _COLUMNS]
        lines.append(f"| {name} | {' | '.join(map(_text, shown))} |")
    return "\n".join([_circumstances(result), "", *lines, "", *_goals(rows, result["gating"])])


def write(result: dict[str, Any]) -> None:
    """Replaces what stands between the markers."""
    before, rest = PAGE.read_text(encoding="utf-8").split(_BEGIN)
    after = rest.split(_END)[1]
    PAGE.write_text(f"{before}{_BEGIN}\n{markdown(result)}\n{_END}{after}", encoding="utf-8")


def _medians(visits: list[dict[str, Any]], examined: dict[str, Any]) -> dict[str, float | None]:
    found: dict[str, float | None] = {}
    for column, _, _, _ in _COLUMNS:
        values = [each[column] for each in visits if each.get(column) is not None]
        found[column] = median(values) if values else None
    found["bytes"] = (found["bytes"] or 0) + examined["later"]
    return found | {"axe": examined["axe"]}


def _above(figures: dict[str, Any], alone: dict[str, Any], column: str, taken: bool) -> float | None:
    value: float | None = figures[column]
    return max(0, value - (alone[column] or 0)) if taken and value is not None else value


def _goals(rows: dict[str, dict[str, Any]], gating: list[str]) -> list[str]:
    others = [name for name in gating if not name.startswith(_OURS)]
    ours, deferred = [name for name in rows if name.startswith(_OURS)]
    lines = ["| figure | best of the others that gate | ours | meant to be at most | |", "|---|---:|---:|---:|---|"]
    for column, heading, taken, goal in _COLUMNS:
        value = _above(rows[ours], rows[_ALONE], column, taken)
        best = [_above(rows[name], rows[_ALONE], column, taken) for name in others]
        known = [each for each in best if each is not None]
        said = "" if value is None or goal is None else "yes" if round(value, 3) <= goal else "**no**"
        lines.append(f"| {heading} | {_text(min(known, default=None))} | {_text(value)} | {_text(goal)} | {said} |")
        if column == "fcp":
            apart = rows[deferred][column]
            said = "yes" if apart <= _DEFERRED_PAINT else "**no**"
            lines.append(f"| the same, deferred form | | {_text(apart)} | {_text(_DEFERRED_PAINT)} | {said} |")
    return lines


def _circumstances(result: dict[str, Any]) -> str:
    visits = [each for row in result["visits"].values() for each in row]
    disturbed = sum(bool(each["disturbed"]) for each in visits)
    machine = f"{result['date']}, Chromium {result['chromium']}, {result['cores']} cores"
    others = f"of {len(visits)} visits {disturbed} were disturbed by what else ran on the machine"
    return f"{machine}. Medians of {result['rounds']} rounds; {others}."


def _text(value: float | None) -> str:
    if value is None:
        return "–"
    return f"{value:,.0f}" if value >= 1 or not round(value, 3) else f"{value:.3f}"
