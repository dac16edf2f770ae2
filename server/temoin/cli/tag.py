"""`temoin site tag` and `temoin site check`: the tag, whether it works on a page, and how long Safari keeps choices."""

from __future__ import annotations

from dataclasses import asdict

import click

from temoin.admin import publish as publishing
from temoin.admin.cookie_check import Line
from temoin.admin.tag_check import Result, check_tag
from temoin.banner import deferred
from temoin.banner.client import plain_tag
from temoin.cli.context import Context
from temoin.cli.site import effective
from temoin.site import SiteConfig
from temoin.storage.ports import Store


@click.command("tag")
@click.argument("name", metavar="SITE")
@click.option("--deferred", "apart", is_flag=True, help="The form that lets pages paint before the script is there.")
@click.pass_obj
def tag(context: Context, name: str, apart: bool) -> None:
    """Print what goes first into the head of every page of SITE."""

    async def work(store: Store) -> tuple[SiteConfig, str]:
        settings = await effective(context.settings, store)
        _, config = await publishing.draft_of(store.sites, name)
        return config, settings.service_url

    config, base = context.with_store(work)
    text = deferred.tags(config, base) if apart else plain_tag(config, base)
    context.print({"tag": text} | ({"csp_hash": deferred.csp_hash(config, base)} if apart else {}), text)


@click.command("check")
@click.argument("name", metavar="SITE")
@click.argument("url", metavar="[URL]", required=False)
@click.pass_obj
def check(context: Context, name: str, url: str | None) -> int:
    """Open a page of SITE and tell whether its tag works; exit 1 if not, or if Safari will forget choices."""

    async def work(store: Store) -> tuple[str, Result]:
        settings = await effective(context.settings, store)
        _, config = await publishing.draft_of(store.sites, name)
        page = url or f"{config.origins[0]}/"
        return page, await check_tag(page, config, settings.service_url, settings.chromium)

    page, result = context.with_store(work)
    lines = [*result.lines, result.cookie]
    facts = {"page": page, "works": result.works, "safari_keeps": result.cookie.good}
    context.print(facts | {"lines": [asdict(line) for line in lines]}, "\n".join(map(_line, lines)))
    return 0 if result.works and result.cookie.good else 1


def _line(line: Line) -> str:
    mark = click.style("ok   " if line.good else "wrong", fg="green" if line.good else "red")
    return f"{mark} {line.text}" + ("" if line.good else f"\n      {line.fix}")
