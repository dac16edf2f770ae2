"""`temoin site override`: publishing in spite of a finding that somebody answers for."""

from __future__ import annotations

import click

from temoin.admin.accounts import Accounts
from temoin.admin.overrides import DEFAULT_MONTHS, MOST_MONTHS, Overrides, Stored
from temoin.admin.publish import draft_of
from temoin.admin.rights import require
from temoin.banner.texts import text_keys
from temoin.cli.context import Context
from temoin.cli.site import overrides_of
from temoin.clock import SystemClock
from temoin.compliance.engine import Finding, lint
from temoin.errors import Malformed, NotFound
from temoin.storage.ports import Store

_FIELDS = ("finding", "rule", "path", "owner", "reason", "at", "until")


@click.command("override")
@click.argument("name", metavar="SITE")
@click.argument("rule", required=False)
@click.argument("path", required=False)
@click.option("--owner", metavar="ACCOUNT", help="The account that answers for it; needs the role owner on the site.")
@click.option("--reason", metavar="TEXT", help="Why this is lawful here; goes into the log. Name no person.")
@click.option(
    "--months",
    type=click.IntRange(1, MOST_MONTHS),
    default=DEFAULT_MONTHS,
    show_default=True,
    help="How long it holds.",
)
@click.option("--take-back", is_flag=True, help="Let the finding stop a publication again.")
@click.pass_obj
def override_command(  # one option a column of docs/commands.md
    context: Context,
    /,
    name: str,
    rule: str | None,
    path: str | None,
    owner: str | None,
    reason: str | None,
    months: int,
    take_back: bool,
) -> None:
    """Publish SITE in spite of what RULE finds at PATH, with an owner and a reason; without RULE, list what is held."""
    if rule is not None and (owner is None or (reason is None and not take_back)):
        raise Malformed("bad_usage", "An override needs --owner and --reason.", "Say who answers for it, and why.")

    async def work(store: Store) -> list[Stored]:
        overrides = overrides_of(store)
        _, config = await draft_of(store.sites, name)
        if rule is None or owner is None:
            return await overrides.of(name)
        account = await Accounts(store.keyed, SystemClock()).get(owner)
        require(account, "override", name)
        if take_back:
            return [await overrides.take_back(name, await _held(overrides, name, rule, path), account.label)]
        found = _one([each for each in lint(config, text_keys()) if each.rule == rule], rule, path)
        return [await overrides.add(name, found, account.label, reason or "", months)]

    done = context.with_store(work)
    facts = [{field: getattr(one, field) for field in _FIELDS} for one in done]
    lines = [f"{one.rule} {one.path} until {one.until[:10]}, {one.owner}: {one.reason}" for one in done]
    if take_back:
        lines = [f"{one.rule} {one.path} stops a publication again." for one in done]
    context.print(facts, "\n".join(lines) or f"{name}: nobody answers for any finding.")


def _one(found: list[Finding], rule: str, path: str | None) -> Finding:
    matching = [each for each in found if path in (None, each.path)]
    if len(matching) != 1:
        places = ", ".join(each.path for each in found) or "nowhere"
        raise NotFound("unknown_finding", f"{rule} finds something {places}.", "Name the one place as PATH.")
    return matching[0]


async def _held(overrides: Overrides, site: str, rule: str, path: str | None) -> str:
    held = [one for one in await overrides.of(site) if one.rule == rule and path in (None, one.path)]
    if len(held) != 1:
        raise NotFound("unknown_override", f"There are {len(held)} overrides of {rule}.", "Name the one place as PATH.")
    return held[0].finding
