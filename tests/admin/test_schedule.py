"""Publishing at a set time: the draft as it was, checked again, once, whatever dies meanwhile."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from temoin.admin.journal import Journal
from temoin.admin.overrides import Overrides
from temoin.admin.publish import Published, Refused, publish
from temoin.admin.schedule import Plan, Schedule, Scheduler
from temoin.admin.versions import publications
from temoin.compliance.engine import lint
from temoin.errors import Conflict, Invalid, NotFound, Unavailable
from temoin.site import parse_site, site_bytes
from temoin.storage.sqlite.store import SqliteStore
from tests import aio
from tests.admin.world import SetClock
from tests.browser.axe import violations
from tests.made import site_config
from tests.service_process import Service
from tests.waiting import until

BASE = "http://consent.test"
HOUR = timedelta(hours=1)
Publish = Callable[[Plan], Awaitable[Published]]


@dataclass
class Desk:
    """A store with the site `boutique`, a clock that stands still, and schedulers as several processes have them."""

    store: SqliteStore
    clock: SetClock

    def __post_init__(self) -> None:
        self.journal = Journal(self.store.sites, self.store, self.clock)
        self.overrides = Overrides(self.store.keyed, self.journal, self.clock)
        self.schedule = Schedule(self.store.keyed, self.store.sites, self.overrides, self.journal, self.clock)

    async def put(self, **changes: Any) -> None:
        config = parse_site(json.dumps(site_config(**changes)).encode(), "boutique.json")
        await self.store.sites.put_site("boutique", site_bytes(config), "consent.test/boutique", b"k" * 32)

    async def publish(self, plan: Plan) -> Published:
        return await publish(
            *(self.store.sites, plan.site, self.overrides),
            base=BASE,
            actor=plan.actor,
            chromium=None,
            clock=self.clock,
            draft=plan.draft.encode(),
        )

    def process(self, how: Publish | None = None) -> Scheduler:
        return Scheduler(self.schedule, self.store.sites, how or self.publish, self.clock)

    async def plan(self, actor: str = "account:1") -> Plan:
        return await self.schedule.plan("boutique", self.clock.now() + HOUR, actor, without_evidence=True)

    async def state(self) -> str:
        plan = await self.schedule.of("boutique")
        return plan.state if plan else "none"

    async def published(self) -> list[str]:
        return [each.version for each in await publications(self.store.log, "boutique")]

    async def acts(self) -> list[str]:
        entries = [entry async for entry in self.store.log.entries("boutique", 1000) if entry.kind == "act"]
        return [json.loads(entry.body)["act"] for entry in entries if entry.body]


def at_desk(folder: Path, work: Callable[[Desk], Awaitable[None]]) -> None:
    async def main() -> None:
        clock = SetClock()
        store = SqliteStore(folder / "data", clock)
        try:
            desk = Desk(store, clock)
            await desk.put()
            await desk.publish(Plan("0", "boutique", "", (await _draft(desk)).decode(), "cli:test", ""))
            await work(desk)
        finally:
            await store.close()

    aio.run(main())


async def _draft(desk: Desk) -> bytes:
    row = await desk.store.sites.site("boutique")
    assert row is not None
    return row.draft


def test_many_processes_publish_once_the_draft_as_it_was_when_it_was_planned(tmp_path: Path) -> None:
    async def work(desk: Desk) -> None:
        await desk.put(choice_validity="P6M")
        await desk.plan()
        await desk.put(choice_validity="P3M")  # for later
        await desk.process().run_once()
        assert (await desk.state(), len(await desk.published())) == ("waiting", 1)
        desk.clock.pass_(hours=1)
        await asyncio.gather(*(desk.process().run_once() for _ in range(8)))
        assert (await desk.state(), len(await desk.published())) == ("done", 2)
        served = await desk.store.sites.published("boutique")
        assert served is not None
        assert json.loads(served.body)["choice_validity"] == "P6M"
        assert json.loads(await _draft(desk))["choice_validity"] == "P3M"
        assert await desk.acts() == ["publication_planned"]

    at_desk(tmp_path, work)


def test_what_the_rules_refuse_when_its_time_has_come_is_told_and_not_published(tmp_path: Path) -> None:
    async def work(desk: Desk) -> None:
        await desk.put(banner={"texts": {"fr": {"button.refuse": "Plus tard"}}})
        with pytest.raises(Refused):
            await desk.plan()
        [found] = [each for each in lint(parse_site(await _draft(desk), "boutique.json")) if each.rule == "CHO-003"]
        await desk.overrides.add("boutique", found, "account:1", "Judged with our officer; file 2026-14.", 1)
        await desk.schedule.plan("boutique", desk.clock.now() + timedelta(days=60), "account:1", without_evidence=True)
        desk.clock.pass_(days=61)
        await desk.process().run_once()
        plan = await desk.schedule.of("boutique")
        assert plan is not None
        assert (plan.state, len(await desk.published())) == ("refused", 1)
        assert "CHO-003" in [each["rule"] for each in plan.findings]
        assert await desk.acts() == ["finding_overridden", "publication_planned", "planned_publication_refused"]
        await desk.process().run_once()
        assert len(await desk.acts()) == 3, "it is told once"

    at_desk(tmp_path, work)


@pytest.mark.parametrize("died", ["before publishing", "after publishing"])
def test_a_process_that_dies_leaves_one_publication(tmp_path: Path, died: str) -> None:
    class Killed(BaseException):
        pass

    async def work(desk: Desk) -> None:
        await desk.put(choice_validity="P6M")
        await desk.plan()
        desk.clock.pass_(hours=1)

        async def dies(plan: Plan) -> Published:
            if died == "after publishing":
                await desk.publish(plan)
            raise Killed

        with pytest.raises(Killed):
            await desk.process(dies).run_once()
        desk.clock.pass_(minutes=14)
        await desk.process().run_once()
        assert await desk.state() == "publishing", "whoever has it may still be alive"
        with pytest.raises(Conflict):
            await desk.schedule.cancel("boutique", "account:1")
        desk.clock.pass_(minutes=2)
        await asyncio.gather(*(desk.process().run_once() for _ in range(3)))
        assert (await desk.state(), len(await desk.published())) == ("done", 2)

    at_desk(tmp_path, work)


def test_a_browser_that_is_away_is_waited_for_and_then_given_up(tmp_path: Path) -> None:
    async def away(_: Plan) -> Published:
        raise Unavailable("browser_missing", "There is no browser.", "Install Chromium.")

    async def work(desk: Desk) -> None:
        await desk.put(choice_validity="P6M")
        await desk.plan()
        desk.clock.pass_(hours=1)
        await desk.process(away).run_once()
        desk.clock.pass_(minutes=16)
        await desk.process(away).run_once()
        assert await desk.state() == "publishing"
        desk.clock.pass_(hours=6)
        await desk.process(away).run_once()
        plan = await desk.schedule.of("boutique")
        assert plan is not None
        assert (plan.state, plan.why) == ("refused", "There is no browser. Install Chromium.")

    at_desk(tmp_path, work)


def test_what_is_cancelled_is_never_published(tmp_path: Path) -> None:
    async def work(desk: Desk) -> None:
        await desk.plan()
        with pytest.raises(Conflict, match="already"):
            await desk.plan()
        await desk.schedule.cancel("boutique", "account:2")
        desk.clock.pass_(hours=2)
        await desk.process().run_once()
        assert (await desk.state(), len(await desk.published())) == ("none", 1)
        assert await desk.acts() == ["publication_planned", "plan_cancelled"]
        with pytest.raises(NotFound):
            await desk.schedule.cancel("boutique", "account:2")
        for moment in (desk.clock.now(), desk.clock.now() - HOUR, desk.clock.now() + timedelta(days=400)):
            with pytest.raises(Invalid):
                await desk.schedule.plan("boutique", moment, "account:1")

    at_desk(tmp_path, work)


def test_a_plan_survives_a_restart_and_two_workers_publish_it_once(own_service: Service) -> None:
    own_service.publish(site_config())
    own_service.put(site_config(choice_validity="P6M"))
    at = datetime.now(UTC) + timedelta(seconds=10)  # the command has to be there before
    planned = json.loads(
        own_service.must("--json", "publish", "boutique", "--without-evidence", "--at", at.isoformat())
    )
    assert planned["site"] == "boutique"
    own_service.start("--workers", "2")
    until(lambda: json.loads(own_service.must("--json", "site", "plan", "boutique"))["state"] == "done")
    versions = json.loads(own_service.must("--json", "site", "versions", "boutique"))
    assert len(versions) == 2
    assert versions[0]["actor"].startswith("cli:")
    assert "published as version" in own_service.must("site", "plan", "boutique")
    assert own_service.run("publish", "boutique", "--at", "tomorrow").returncode == 2
    assert own_service.run("publish", "boutique", "--at", "2020-01-01T00:00:00Z").returncode == 2


@pytest.mark.browser
def test_a_marketer_plans_and_cancels_in_the_admin(admin: Service, page: Page) -> None:
    admin.put(site_config(site="planned"))
    page.goto(f"{admin.url}/admin/sites/planned/publish")
    page.get_by_text("At a set time").click()
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    page.get_by_label("Date and time, UTC").fill(f"{tomorrow:%Y-%m-%dT09:30}")
    assert violations(page) == []
    page.get_by_role("button", name="Plan it").click()
    expect(page.get_by_role("status")).to_contain_text("Planned.")
    expect(page.locator("#planned")).to_contain_text("09:30 UTC")
    expect(page.get_by_text("At a set time")).to_have_count(0)
    assert violations(page) == []
    page.get_by_role("button", name="Cancel it").click()
    expect(page.get_by_role("status")).to_contain_text("Cancelled.")
    expect(page.locator("#planned")).to_have_count(0)
