"""`temoin insights`: what visitors of a site answered, beside another period or version."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from temoin.analytics.insights import ANSWERS, Wanted, insights
from temoin.analytics.table import insights_csv
from temoin.cli.context import Context
from temoin.clock import SystemClock
from temoin.errors import Malformed, NotFound
from temoin.proof.staged import staged
from temoin.storage.ports import Store

_LABELS = (
    *(("shown", "Banners shown"), ("asked", "Visits asked")),
    *(("accepted", "Accepted"), ("refused", "Refused"), ("partial", "In part"), ("no_choice", "No choice")),
    *(("changed", "Changed later"), ("withdrawn", "Withdrawn")),
)


@click.command("insights")
@click.argument("name", metavar="SITE")
@click.option("--from", "since", metavar="D", help="First day. [default: 29 days before the last]")
@click.option("--to", "until", metavar="D", help="Last day, included. [default: today, UTC]")
@click.option("--version", metavar="V", help="Only this version of the configuration.")
@click.option(
    "--against-from", "against_since", metavar="D", help="First day to compare with. [default: the days before]"
)
@click.option("--against-to", "against_until", metavar="D", help="Last day to compare with.")
@click.option("--against-version", metavar="V", help="Version to compare with; alone, in the same days.")
@click.option("--format", "form", type=click.Choice(["csv"]), help="Write one flat table of both sides.")
@click.option("--out", type=click.Path(path_type=Path), help="File for --format; replaced when complete.")
@click.pass_obj
def insights_command(context: Context, /, name: str, form: str | None, out: Path | None, **wanted: str | None) -> None:
    """Report what visitors of SITE answered, from counts that follow nobody. Days are UTC."""
    if out is not None and form is None:
        raise Malformed("bad_usage", "--out needs --format.", "Add --format csv.")

    async def work(store: Store) -> dict[str, Any]:
        if await store.sites.site(name) is None:
            raise NotFound("unknown_site", f"There is no site {name!r}.", "See 'temoin site list'.")
        return await insights(store.audience, name, *Wanted(**wanted).sides(SystemClock().now()))

    made = context.with_store(work)
    if form is None:
        context.print(made, _text(made))
    elif out is None:
        sys.stdout.buffer.write(insights_csv(made))
    else:
        with staged(out) as file:
            file.write(insights_csv(made))
        context.print({"site": name, "out": str(out), "format": form}, f"{out}: the insights of {name} as {form}.")


def _text(made: dict[str, Any]) -> str:
    """Both sides for a terminal."""
    other = made["against"]
    lines = [f"{made['site']}, {_named(made)}; beside it {_named(other)} (UTC)"]
    for key, label in _LABELS:
        lines.append(f"{label:<16}{_told(made['totals'], key)}{_told(other['totals'], key)}")
    for title, rows in (("Granted, by purpose", made["purposes"]), *_cuts(made)):
        if rows:
            lines += ["", title, *(f"  {row['value']:<18}{_answers(row)}" for row in rows)]
    return "\n".join([*lines, "", *made["notes"]])


def _named(side: dict[str, Any]) -> str:
    return f"{side['from']} to {side['to']}" + (f", version {side['version']}" if side["version"] else "")


def _cuts(made: dict[str, Any]) -> list[tuple[str, list[dict[str, Any]]]]:
    return [(f"Answers, by {kind} (accepted, refused, in part)", rows) for kind, rows in made["cuts"].items()]


def _told(totals: dict[str, Any], key: str) -> str:
    count, percent = totals[key], totals.get(f"{key}_percent")
    return f"{'-' if count is None else count:>10}{'' if percent is None else f'{percent} %':>9}"


def _answers(row: dict[str, Any]) -> str:
    if "granted" in row:
        return f"{row['granted']:>8} of {row['granted'] + row['refused']}  ({row['granted_percent']} %)"
    return "".join(f"{row[name]:>8} ({row[f'{name}_percent']} %)" for name in ANSWERS)
