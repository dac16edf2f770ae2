"""`temoin stats`: a site's audience as exempt measurement counted it."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from typing import Any

import click
import orjson

from temoin.admin.versions import in_force
from temoin.analytics.assessment import LANGUAGES, Assessment, as_html, as_pdf, assess
from temoin.analytics.report import parse_span, report
from temoin.analytics.table import FORMATS, write
from temoin.cli.context import Context
from temoin.clock import SystemClock
from temoin.errors import Malformed, NotFound
from temoin.proof.staged import staged
from temoin.site import SiteConfig
from temoin.storage.ports import Store

DOCUMENTS = ("html", "pdf")

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
@click.option(
    "--format",
    "form",
    type=click.Choice([*FORMATS, *DOCUMENTS]),
    help="Write the report in this form; html and pdf are of --assessment.",
)
@click.option("--out", type=click.Path(path_type=Path), help="File for --format; replaced when complete.")
@click.option("--assessment", is_flag=True, help="The conditions of the exemption instead, and whether each is met.")
@click.option("--language", type=click.Choice(LANGUAGES), default="en", show_default=True, help="Of --assessment.")
@click.pass_obj
def stats_command(
    context: Context,
    /,
    name: str,
    since: str | None,
    until: str | None,
    form: str | None,
    out: Path | None,
    assessment: bool,
    language: str,
) -> None:
    """Report SITE's audience: days are UTC, and distinct visitors are those of one day."""
    if assessment:
        _assess(context, name, language, form, out)
        return
    if form in DOCUMENTS:
        raise Malformed("bad_usage", f"{form} is for --assessment.", f"Use one of {', '.join(FORMATS)}.")
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
    _write(context, name, write(made, form), form, out, "the audience")


def _write(context: Context, name: str, data: bytes, form: str, out: Path | None, what: str) -> None:
    if out is None:
        sys.stdout.buffer.write(data)
        return
    with staged(out) as file:
        file.write(data)
    context.print({"site": name, "out": str(out), "format": form}, f"{out}: {what} of {name} as {form}.")


def _assess(context: Context, name: str, language: str, form: str | None, out: Path | None) -> None:
    """What visitors have, or the draft where nothing is published."""
    if form in ("csv", "parquet"):
        raise Malformed("bad_usage", f"An assessment is no table for {form}.", "Use json, html or pdf.")
    if form == "pdf" and out is None:
        raise Malformed("bad_usage", "A pdf is no text for a terminal.", "Add --out FILE.")

    async def work(store: Store) -> tuple[SiteConfig, str | None]:
        return await in_force(store.sites, store.log, name)

    made = assess(*context.with_store(work), SystemClock().now(), language)
    if form == "pdf":
        data = asyncio.run(as_pdf(made, context.settings.chromium))
    elif form == "html":
        data = as_html(made).encode()
    elif form == "json":
        data = orjson.dumps(made.as_dict(), option=orjson.OPT_INDENT_2) + b"\n"
    else:
        context.print(made.as_dict(), _criteria(made))
        return
    _write(context, name, data, form, out, "the assessment")


def _criteria(made: Assessment) -> str:
    lines = [f"{made.site}: {made.met} of {len(made.criteria)} criteria met, {made.made_at}."]
    if not made.measured:
        lines.append("Exempt measurement is off: nothing is measured.")
    for number, each in enumerate(made.criteria, 1):
        lines += ["", f"{number:>2} {'met    ' if each.met else 'NOT MET'} {each.text}", f"           {each.answer}"]
        lines += [f"           {finding.rule} {finding.message} {finding.fix}" for finding in each.findings]
        lines += [f"           shown by {test}" for test in each.tests]
    return "\n".join(lines)


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
