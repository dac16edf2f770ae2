"""`temoin site import`: another tool's configuration, carried over into a draft."""

from __future__ import annotations

import asyncio
from pathlib import Path

import click

from temoin.admin import publish as publishing
from temoin.admin.imports.onto import imported
from temoin.cli.context import Context
from temoin.cli.site import read_draft
from temoin.proof.staged import staged
from temoin.site import SiteConfig, site_bytes


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--onto", required=True, metavar="FILE_OR_SITE", help="The site whose purposes and trackers it replaces.")
@click.option("--out", type=click.Path(path_type=Path), help="JSON file to write, instead of the output.")
@click.pass_obj
def import_command(context: Context, file: Path, onto: str, out: Path | None) -> None:
    """Carry over the configuration of Klaro, CookieConsent v3 or tarteaucitron from FILE, and say what is left out."""
    tool, draft, notes = asyncio.run(imported(file, _base(context, onto), context.settings.chromium))
    text = site_bytes(draft)
    if out is not None:
        with staged(out) as made:
            made.write(text)
    elif not context.json:
        click.echo(text)
    said = [f"{tool}: {len(draft.purposes)} purposes, {len(draft.trackers)} trackers. Look at these:"]
    said += [f"- {note}" for note in notes]
    said.append(f"Next: temoin lint {out or 'FILE'}, then temoin site put {out or 'FILE'}")
    if context.json:
        context.print(
            {"tool": tool, "purposes": len(draft.purposes), "trackers": len(draft.trackers), "notes": notes}, ""
        )
    else:
        click.echo("\n".join(said), err=True)


def _base(context: Context, onto: str) -> SiteConfig:
    file = Path(onto)
    if file.is_file() or onto.lower().endswith((".json", ".toml")):
        return read_draft(file)
    _, config = context.with_store(lambda store: publishing.draft_of(store.sites, onto))
    return config
