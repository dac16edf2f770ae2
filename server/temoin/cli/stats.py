"""`temoin stats`: a site's audience as exempt measurement counted it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from temoin.analytics.report import parse_span, report
from temoin.analytics.table import FORMATS, write
from temoin.cli.context import Context
from temoin.clock import SystemClock
from temoin.errors import Malformed, NotFound
from temoin.proof.staged import staged
from temoin.storage.ports import Store

_SHOWN = 10
_TITLES = (
    *(("page", "Pages"), ("missing", "Not found"), ("referrer", "Came from"), ("country", "Countries")),
    *(("device", "Devices"), ("browser", "Browsers"), ("system", "Systems"), ("language", "Languages")),
    *(("event", "Events"), ("outbound", "Links followed to"), ("download", "Downloads"), ("search", "Searches")),
    *(("campaign", "Campaigns (consented)"), ("dropped", "Left out, by reason")),
)


@click.command("stats")
@click.argument("name", metavar="SITE")
@click.option("--from", "since", metavar="D", help="First day. [default: 29 days before the last]")
@click.option("--to", "until", metavar="D", help="Last day, included. [default: today, UTC]")
@click.option("--format", "form", type=click.Choice(FORMATS), help="Write the report in this form.")
@click.option("--out", type=click.Path(path_type=Path), help="File for --format; replaced when complete.")
@click.pass_obj
def stats_command(
    context: Context, /, name: str, since: str | None, until: str | None, form: str | None, out: Path | None
) -> None:
    """Report SITE's audience: days are UTC, and distinct visitors are those of one day."""
    if out is not None and form is None:
        raise Malformed("bad_usage", "--out needs --format.", f"Add --format with one of {', '.join(FORMATS)}.")
    if form == "parquet" and out is None:
        raise Malformed("bad_usage", "Parquet is no text for a terminal.", "Add --out FILE.")

    async def work(store: Store) -> dict[str, Any]:
        if await store.sites.site(name) is None:
            raise NotFound("unknown_site", f"There is no site {name!r}.", "See 'temoin site list'.")
        now = SystemClock().now()
        return await report(store.audience, name, parse_span(since, until, now), now)

    made = context.with_store(work)
    if form is None:
        context.print(made, _text(made))
        return
    data = write(made, form)
    if out is None:
        sys.stdout.buffer.write(data)
        return
    with staged(out) as file:
        file.write(data)
    context.print({"site": name, "out": str(out), "format": form}, f"{out}: the audience of {name} as {form}.")


def _text(made: dict[str, Any]) -> str:
    """The report for a terminal."""
    totals, before = made["totals"], made["before"]["totals"]
    lines = [f"{made['site']}, {made['from']} to {made['to']} (UTC)"]
    lines.append(f"{'':<20}{'all':>12}{'consented':>12}{'before':>12}")
    for label, key in (("Views", "views"), ("Visits", "visits"), ("Bounce, %", "bounce_percent")):
        lines.append(_line(label, totals["exempt"][key], totals["consented"][key], before["exempt"][key]))
    key = "seconds_a_visit"
    lines.append(_line("Seconds a visit", totals["exempt"][key], totals["consented"][key], before["exempt"][key]))
    most = max(made["days"], key=lambda day: day["exempt"]["visitors"])
    if most["exempt"]["visitors"]:
        lines.append(f"Most visitors in a day: {most['exempt']['visitors']} on {most['day']}")
    lines.append(f"Last {made['live']['minutes']} minutes: about {made['live']['views']} views")
    for kind, title in _TITLES:
        rows = [row for row in made["cuts"][kind] if row["series"] == "exempt" or kind == "campaign"]
        if rows:
            lines += ["", f"{title} (views)"]
            lines += [f"  {row['views']:>8}  {row['value']}" for row in rows[:_SHOWN]]
    return "\n".join([*lines, "", *made["notes"]])


def _line(label: str, *figures: float | None) -> str:
    return f"{label:<20}" + "".join(f"{'-' if figure is None else figure:>12}" for figure in figures)
