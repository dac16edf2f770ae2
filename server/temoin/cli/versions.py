"""`temoin site versions`, `diff` and `take-back`: what was published, what differs, and an earlier version again."""

from __future__ import annotations

from dataclasses import asdict

import click

from temoin.admin.versions import DRAFT, Comparison, Publication, compare, publications, take_back
from temoin.cli.context import Context
from temoin.errors import NotFound
from temoin.storage.ports import Store


@click.command("versions")
@click.argument("name", metavar="SITE")
@click.pass_obj
def versions(context: Context, name: str) -> None:
    """List what SITE published, newest first: version, time, who, how many screens were kept."""

    async def work(store: Store) -> list[Publication]:
        if await store.sites.site(name) is None:
            raise NotFound("unknown_site", f"There is no site {name!r}.", "'temoin site list' shows the sites.")
        return await publications(store.log, name)

    found = context.with_store(work)
    facts = [
        {"version": each.version, "published_at": each.recorded_at, "actor": each.actor, "log_index": each.index}
        | {"screens": len(each.screens)}
        for each in found
    ]
    lines = [f"{each.version}  {each.recorded_at}  {len(each.screens):>3} screens  {each.actor}" for each in found]
    context.print(facts, "\n".join(lines) or f"{name} has published nothing yet.")


@click.command("diff")
@click.argument("name", metavar="SITE")
@click.argument("old", required=False)
@click.argument("new", required=False)
@click.pass_obj
def diff(context: Context, name: str, old: str | None, new: str | None) -> None:
    """Say what differs from OLD to NEW, versions of SITE or 'draft', and who is asked again.

    Without NEW, from OLD to the draft; without both, from the version that visitors have to the draft.
    """

    async def work(store: Store) -> Comparison:
        row = await store.sites.site(name)
        present = old or (row.version if row else None)
        if row is not None and present is None:
            raise NotFound("unknown_version", f"{name} has published nothing yet.", f"Run: temoin publish {name}")
        return await compare(store.sites, store.log, name, present or DRAFT, new or DRAFT)

    found = context.with_store(work)
    lines = [change.words for change in found.changes] or ["Nothing differs."]
    if found.changes:
        again = f"are asked again about {', '.join(found.asked_again)}" if found.asked_again else "are not asked again"
        lines.append(f"Visitors who have chosen {again}.")
    context.print(asdict(found), "\n".join(lines))


@click.command("take-back")
@click.argument("name", metavar="SITE")
@click.argument("version")
@click.pass_obj
def take_back_command(context: Context, name: str, version: str) -> None:
    """Make an earlier VERSION of SITE its draft, to be published again."""
    will = context.with_store(lambda store: take_back(store.sites, store.log, name, version))
    other = "" if will == version else f" Some default texts are others today: it will be version {will}."
    context.print(
        {"site": name, "version": version, "publishes_as": will},
        f"{name}: {version} is the draft now.{other} Next: temoin publish {name}",
    )
