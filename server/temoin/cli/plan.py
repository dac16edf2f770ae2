"""`temoin site plan`: what is to be published at a set time, and what became of it."""

from __future__ import annotations

import getpass

import click

from temoin.admin.publish import draft_of
from temoin.admin.schedule import Plan
from temoin.cli.context import Context
from temoin.cli.site import schedule_of
from temoin.storage.ports import Store

_FIELDS = ("id", "site", "at", "state", "actor", "made_at", "without_evidence", "version", "why", "findings")


@click.command("plan")
@click.argument("name", metavar="SITE")
@click.option("--cancel", is_flag=True, help="Cancel it, or dismiss one that is over.")
@click.pass_obj
def plan_command(context: Context, name: str, cancel: bool) -> None:
    """Show what of SITE is planned by `temoin publish --at`, or what became of it."""

    async def work(store: Store) -> Plan | None:
        await draft_of(store.sites, name)
        schedule = schedule_of(store)
        return await schedule.cancel(name, f"cli:{getpass.getuser()}") if cancel else await schedule.of(name)

    plan = context.with_store(work)
    if plan is None:
        context.print(None, f"{name}: nothing is planned.")
        return
    facts = {field: getattr(plan, field) for field in _FIELDS}
    context.print(facts | ({"state": "cancelled"} if cancel else {}), _text(plan, cancel))


def _text(plan: Plan, cancel: bool) -> str:
    if cancel:
        return f"{plan.site}: the plan for {plan.at} is {'cancelled' if plan.state == 'waiting' else 'dismissed'}."
    told = {
        "waiting": f"planned for {plan.at} by {plan.actor}",
        "publishing": f"planned for {plan.at}, being published",
        "done": f"planned for {plan.at}, published as version {plan.version}",
        "refused": f"planned for {plan.at}, not published. {plan.why}",
        "cancelled": "cancelled",
    }
    errors = [f"  {each['rule']} {each['path']} {each['message']}" for each in plan.findings if _stopped(each)]
    return "\n".join([f"{plan.site}: {told[plan.state]}", *errors])


def _stopped(finding: dict[str, object]) -> bool:
    return finding["severity"] == "error" and not finding["override"]
