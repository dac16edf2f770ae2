"""`temoin site check`: whether the tag works on a page, and how long Safari keeps what is chosen there."""

from __future__ import annotations

from dataclasses import asdict

import click

from temoin.admin import publish as publishing
from temoin.admin.cookie_check import Line
from temoin.admin.tag_check import Result, check_tag
from temoin.cli.context import Context
from temoin.cli.site import effective
from temoin.storage.ports import Store


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
