"""`temoin search` and `temoin inspect`: finding records, and one of them with its proof, checked."""

from __future__ import annotations

import click

from temoin.cli.context import Context
from temoin.errors import NotFound
from temoin.proof.inspection import Check, Inspected, inspect
from temoin.proof.ports import EntryFilter
from temoin.proof.search import Hit, Results, search
from temoin.proof.wanted import end_of_day
from temoin.storage.ports import Store

_SAID = {
    "commitment": "the record hashes to its commitment",
    "inclusion": "the commitment stands in the log, under its checkpoint",
    "signature": "the checkpoint is signed by the log's key",
    "version": "the version is the one that its publication hashes",
    "screens": "the screens are the ones that its publication hashes",
}
_MARKS = {True: "ok", False: "FAILED", None: "-"}


@click.command("search")
@click.argument("name", metavar="SITE")
@click.option("--from", "since", metavar="D", help="Records from this date or RFC 3339 time on.")
@click.option("--to", "until", metavar="D", help="Records up to the end of this date, or before this RFC 3339 time.")
@click.option("--subject", metavar="S", help="One subject's records only.")
@click.option("--purpose", metavar="P", help="Records that decide on this purpose only.")
@click.option("--event", metavar="E", help="given, refused, changed or withdrawn.")
@click.option("--version", metavar="V", help="Records of decisions on this published version only.")
@click.option("--below", metavar="N", type=click.IntRange(0), help="Records before this place of the log only.")
@click.pass_obj
def search_command(
    context: Context,
    /,
    name: str,
    since: str | None,
    until: str | None,
    subject: str | None,
    purpose: str | None,
    event: str | None,
    version: str | None,
    below: int | None,
) -> None:
    """Show SITE's records that the options ask for, newest first, up to 50 at once."""
    wanted = EntryFilter(since, end_of_day(until), subject, purpose, event)

    async def work(store: Store) -> Results:
        if await store.log.log_state(name) is None:
            raise NotFound("unknown_site", f"There is no site {name!r}.", "'temoin site list' shows the sites.")
        return await search(store.log, name, wanted, version, below)

    found = context.with_store(work)
    facts = {
        "site": name,
        "records": [
            {"index": hit.index, "commitment": hit.commitment.hex(), "record": hit.record} for hit in found.hits
        ],
        "below": found.below,
    }
    lines = [_line(hit) for hit in found.hits] or ["No records."]
    if found.below is not None:
        lines.append(f"There may be more: repeat with --below {found.below}")
    context.print(facts, "\n".join(lines))


def _line(hit: Hit) -> str:
    record = hit.record
    choices = " ".join(f"{'+' if yes else '-'}{purpose}" for purpose, yes in sorted(record["choices"].items()))
    return f"{hit.index:>8}  {record['recorded_at']}  {hit.id}  {record['event']:<9}  {choices}"


@click.command("inspect")
@click.argument("name", metavar="SITE")
@click.argument("record")
@click.pass_obj
def inspect_command(context: Context, name: str, record: str) -> None:
    """Show the record of SITE with the id RECORD, and check it against the log; exit 1 if anything fails."""

    async def work(store: Store) -> Inspected:
        return await inspect(store.log, name, record)

    found = context.with_store(work)
    facts = {
        "site": name,
        "index": found.entry.index,
        "commitment": found.entry.commitment.hex(),
        "record": found.record,
        "log": {"origin": found.origin, "key": found.vkey, "size": found.size},
        "proof": found.proof,
        "published_at": found.publication["recorded_at"] if found.publication else None,
        "checks": [{"name": check.name, "ok": check.ok, "reason": check.reason} for check in found.checks],
    }
    title = f"Entry {found.entry.index} of {found.origin}, recorded {found.record['recorded_at']}"
    context.print(facts, "\n".join([title, *map(_said, found.checks)]))
    if not found.ok:
        raise click.exceptions.Exit(1)


def _said(check: Check) -> str:
    return f"{_MARKS[check.ok]:>6}  {_SAID[check.name]}{f': {check.reason}' if check.reason else ''}"
