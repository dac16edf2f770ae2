"""The medians as the tables of docs/throughput.md, and as a chart."""

from __future__ import annotations

import json
from html import escape
from math import ceil
from pathlib import Path
from statistics import median

from loadtests.service.machine import Row

_ROOT = Path(__file__).parents[2]
_PAGE = _ROOT / "docs/throughput.md"
_DEPLOYMENT = _ROOT / "docs/deployment.md"
_CHART = _ROOT / "docs/charts/throughput.svg"
_BEGIN, _END = "<!-- measured -->", "<!-- end of measured -->"

Medians = dict[str, dict[str, float]]

_SAME, _HELLO, _XADD = "bare uvicorn, the script's bytes", "bare uvicorn, hello", "bare ASGI, coalesced XADD"
_ONE, _TWO = "POST consents, one worker on two cores", "POST consents, two workers on two cores"
_GOALS = (
    ("GET script, brotli", _SAME, 0.85),
    ("GET script, 304", _SAME, 0.85),
    ("POST consents, SQLite", _HELLO, 0.40),
    ("POST consents, SQLite", "c15t 2.2.1, POST subjects, SQLite", 30),
    ("POST consents, Redis", _XADD, 0.85),
    ("POST hits", _HELLO, 0.50),
)
_PEAK, _BUSY = 3, 0.6
_SHARES = (("POST hits", 2.0), ("GET script, brotli", 0.3), ("POST consents, Redis", 0.03))


def read(file: Path) -> tuple[str, dict[str, list[Row]]]:
    """The Python that measured, and its rounds by target."""
    found = json.loads(file.read_text())
    return found["python"], found["rows"]


def publish(file: Path) -> None:
    python, rows = read(file)
    medians = {
        name: {key: median(row[key] for row in tries) for key in tries[0]} for name, tries in rows.items() if tries
    }
    _between(_PAGE, f"{_rates(medians)}\n\n{_goals(medians)}\n\nPython {python}.\n")
    _between(_DEPLOYMENT, _sizes(medians))
    _CHART.write_text(_chart(medians))


def _between(file: Path, text: str) -> None:
    """Puts the text between the page's two marks."""
    before, _, rest = file.read_text().partition(_BEGIN)
    _, _, after = rest.partition(_END)
    file.write_text(f"{before}{_BEGIN}\n{text}{_END}{after}")


def _sizes(medians: Medians) -> str:
    """Cores of the service by page views a day; see the page for what is assumed."""
    lines = [
        "| page views a day | a second at the peak | hits | scripts | decisions | cores |",
        "|---:|---:|---:|---:|---:|---:|",
    ]
    for views in (1_000_000, 10_000_000, 100_000_000, 1_000_000_000):
        peak = _PEAK * views / 86_400
        rates = [peak * share for _, share in _SHARES]
        busy = sum(rate * medians[name]["cpu_ms"] / 1000 for rate, (name, _) in zip(rates, _SHARES, strict=True))
        cells = [f"{views:,}", *(f"{rate:,.0f}" for rate in (peak, *rates)), f"{ceil(busy / _BUSY)}"]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def _rates(medians: Medians) -> str:
    lines = [
        "| work | a second | CPU ms each | p50 ms | p99 ms | stolen % | other processes % | acknowledged, missing |",
        "|---|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for name, row in medians.items():
        proven = f"{row['acknowledged']:,.0f}, {row['missing']:.0f}" if "acknowledged" in row else ""
        cells = [
            f"{row['per_s']:,.0f}",
            *(f"{row[key]:.{2 if key != 'cpu_ms' else 3}f}" for key in ("cpu_ms", "p50", "p99")),
        ]
        lines.append(f"| {name} | {' | '.join(cells)} | {row['steal']:.0f} | {row['others']:.0f} | {proven} |")
    return "\n".join(lines)


def _goals(medians: Medians) -> str:
    lines = ["| goal | wanted | by rate | by CPU | reached |", "|---|---:|---:|---:|---|"]
    for name, beside, wanted in _GOALS:
        if name in medians and beside in medians:
            rate = medians[name]["per_s"] / medians[beside]["per_s"]
            cpu = medians[beside]["cpu_ms"] / medians[name]["cpu_ms"]
            lines.append(f"| {name} ÷ {beside} | {wanted:.2f} | {rate:.2f} | {cpu:.2f} | {_said(rate >= wanted)} |")
    for name, key, most, said in (
        ("POST consents, SQLite", "p99", 12, "closed loop, p99"),
        ("POST consents, open loop at half the peak", "p99", 10, "open loop at half the peak, p99"),
    ):
        if name in medians:
            value = medians[name][key]
            lines.append(f"| {said} | ≤ {most} ms | {value:.1f} ms | | {_said(value <= most)} |")
    if _ONE in medians and _TWO in medians:
        ratio = medians[_TWO]["cpu_ms"] / medians[_ONE]["cpu_ms"]
        lines.append(f"| CPU a decision, two workers ÷ one | ≤ 1.10 | | {ratio:.2f} | {_said(ratio <= 1.1)} |")
    return "\n".join(lines)


def _said(reached: bool) -> str:
    return "yes" if reached else "**no**"


def _chart(medians: Medians) -> str:
    """Bars of requests a second, whatever is not ours in grey."""
    most = max(row["per_s"] for row in medians.values())
    height = 26 * len(medians) + 16
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 860 {height}" font-family="sans-serif" font-size="13">',
        "<title>Requests a second on one core</title>",
        f'<rect width="860" height="{height}" fill="#fff"/>',
    ]
    for number, (name, row) in enumerate(medians.items()):
        top, width = 8 + 26 * number, 420 * row["per_s"] / most
        colour = "#9aa3ad" if name.startswith(("bare", "c15t")) else "#1f5f8b"
        parts += [
            f'<text x="330" y="{top + 16}" text-anchor="end" fill="#1b1f23">{escape(name)}</text>',
            f'<rect x="340" y="{top + 3}" width="{width:.1f}" height="18" fill="{colour}"/>',
            f'<text x="{346 + width:.1f}" y="{top + 16}" fill="#1b1f23">{row["per_s"]:,.0f}</text>',
        ]
    return "\n".join([*parts, "</svg>\n"])
