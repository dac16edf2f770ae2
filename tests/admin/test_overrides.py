"""Publishing in spite of an error: who may, what is on the record, and when it stops a publication again."""

from __future__ import annotations

import json
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from temoin.admin.overrides import Overrides
from temoin.banner.texts import text_keys
from temoin.compliance.engine import RULES, Finding, lint
from temoin.compliance.examples import example, tracker
from temoin.compliance.overriding import MAY, may_be_overridden, why_not
from temoin.compliance.rule import Patch
from temoin.errors import Conflict, Invalid
from tests.admin.conftest import PASSWORD, log_in
from tests.admin.world import OnWorld, World
from tests.browser.axe import violations
from tests.compliance.documents import ROOT
from tests.made import site_config
from tests.service_process import Service

REASON = "Judged with our officer; the assessment is file 2026-14 of the legal department."


def kept_for(max_age: str) -> Patch:
    exempt = [{"id": "audience", "basis": "exempt", "exemption": "audience"}]
    return {"purposes": exempt, **tracker(cookies=[{"name": "_mes", "max_age": max_age}])}


def texts(**labels: str) -> Patch:
    return {"banner": {"texts": {"fr": {name.replace("_", "."): text for name, text in labels.items()}}}}


# For each rule that somebody may answer for: two drafts that break it at the same place with other words.
CHANGED: dict[str, tuple[Patch, Patch]] = {
    "CHO-003": (texts(button_refuse="Plus tard"), texts(button_refuse="Pas maintenant")),
    "CHO-004": (texts(button_save="Accepter ce choix"), texts(button_save="Enregistrer et accepter")),
    "CHO-005": (texts(button_refuse="Refuser et payer 2 €"), texts(button_refuse="Refuser et payer 9 €")),
    "CHO-007": (texts(button_refuse="Refuser, dommage"), texts(button_refuse="Refuser, tant pis")),
    "DUR-001": (kept_for("P14M"), kept_for("P24M")),
    "PUR-006": (
        {"purposes": [{"id": "audience", "title": {"fr": "Cookies essentiels"}}]},
        {"purposes": [{"id": "audience", "title": {"fr": "Traceurs essentiels"}}]},
    ),
}


def found(patch: Patch, rule: str) -> Finding:
    [finding] = [each for each in lint(example(patch), text_keys()) if each.rule == rule]
    return finding


def overrides_in(world: World) -> Overrides:
    return Overrides(world.store.keyed, world.people.journal, world.clock)


def test_every_error_can_be_answered_for_or_says_why_not() -> None:
    errors = {rule.id for rule in RULES if rule.severity == "error"}
    assert set(MAY) <= errors
    for rule in errors:
        assert may_be_overridden(rule) != bool(why_not(rule)), rule
    assert {"CHO-001", "DEF-001", "DUR-004", "PUR-002", "ACT-001"} <= errors - set(MAY)


def test_the_documentation_says_which_and_why() -> None:
    section = (ROOT / "docs/rules.md").read_text("utf-8").partition("## Overrides")[2].partition("\n## ")[0]
    for rule, reason in MAY.items():
        assert f"| {rule} | {reason} |" in section
    for family in {rule.id.partition("-")[0] for rule in RULES if rule.severity == "error"} | {"REN"}:
        assert f"| {family} | {why_not(family)} |" in section


@pytest.mark.parametrize("rule", sorted(MAY))
def test_a_finding_that_says_something_else_is_answered_for_anew(rule: str, in_world: OnWorld) -> None:
    before, after = (found(patch, rule) for patch in CHANGED[rule])
    assert before.path == after.path

    async def work(world: World) -> None:
        overrides = overrides_in(world)
        await overrides.add("boutique", before, "account:1", REASON)
        [one, other] = await overrides.applied("boutique", [before, after])
        assert (one.stops, other.stops) == (False, True)
        [elsewhere] = await overrides.applied("journal", [before])
        assert elsewhere.stops

    in_world(work)


def test_an_override_ends_with_its_time(in_world: OnWorld) -> None:
    finding = found(CHANGED["CHO-003"][0], "CHO-003")

    async def work(world: World) -> None:
        overrides = overrides_in(world)
        await overrides.add("boutique", finding, "account:1", REASON, 3)
        world.clock.pass_(days=91)
        assert not (await overrides.applied("boutique", [finding]))[0].stops
        world.clock.pass_(days=2)
        assert (await overrides.applied("boutique", [finding]))[0].stops
        assert await overrides.of("boutique") == []

    in_world(work)


def test_an_override_is_on_the_record_and_so_is_taking_it_back(in_world: OnWorld) -> None:
    finding = found(CHANGED["CHO-003"][0], "CHO-003")

    async def work(world: World) -> None:
        overrides = overrides_in(world)
        await overrides.add("boutique", finding, "account:1", f"  {REASON}\n")
        await overrides.take_back("boutique", finding.id, "account:2")
        made, ended = [json.loads(body) for body in await world.acts("boutique")]
        assert (made["act"], made["actor"]) == ("finding_overridden", "account:1")
        assert made["detail"] == {
            "finding": finding.id,
            "rule": "CHO-003",
            "path": finding.path,
            "message": finding.message,
            "reason": REASON,
            "until": "2026-09-01T12:00:00.000Z",
        }
        assert (ended["act"], ended["actor"]) == ("override_taken_back", "account:2")
        assert (await overrides.applied("boutique", [finding]))[0].stops

    in_world(work)


def test_what_leaves_no_room_and_what_is_not_said_properly_is_refused(in_world: OnWorld) -> None:
    blank = found(texts(button_refuse=" "), "CHO-001")
    label = found(CHANGED["CHO-003"][0], "CHO-003")

    async def work(world: World) -> None:
        overrides = overrides_in(world)
        with pytest.raises(Conflict, match="Article 82"):
            await overrides.add("boutique", blank, "account:1", REASON)
        for reason, months in (("because", 6), (" " * 40, 6), ("x" * 2001, 6), (REASON, 0), (REASON, 13)):
            with pytest.raises(Invalid):
                await overrides.add("boutique", label, "account:1", reason, months)
        assert await overrides.of("boutique") == []
        assert await world.acts("boutique") == []

    in_world(work)


def unclear(**changes: Any) -> dict[str, Any]:
    return site_config(site="plus-tard", banner={"texts": {"fr": {"button.refuse": "Plus tard"}}}, **changes)


def test_the_command_publishes_in_spite_of_a_finding_that_an_owner_answers_for(service: Service) -> None:
    for name, role in (("otto", "owner"), ("mia", "marketer")):
        assert service.run("user", "add", name, "--role", role, stdin=f"{PASSWORD}\n").returncode == 0
    service.put(unclear())
    publish = ("publish", "plus-tard", "--without-evidence")
    assert service.run(*publish).returncode == 1
    options = ("--reason", REASON, "--months", "2")
    refused = service.run("--json", "site", "override", "plus-tard", "CHO-003", "--owner", "mia", *options)
    assert json.loads(refused.stderr)["error"]["code"] == "not_allowed"
    assert service.run("site", "override", "plus-tard", "CHO-003", "--owner", "otto").returncode == 2
    service.must("site", "override", "plus-tard", "CHO-003", "--owner", "otto", *options)

    lint = service.must("lint", "plus-tard")
    assert f"until {json.loads(service.must('--json', 'site', 'override', 'plus-tard'))[0]['until'][:10]}" in lint
    sarif = json.loads(service.must("lint", "plus-tard", "--format", "sarif"))
    [held] = [each for each in sarif["runs"][0]["results"] if each["ruleId"] == "CHO-003"]
    assert held["suppressions"] == [{"kind": "external", "status": "accepted", "justification": REASON}]
    done = json.loads(service.must("--json", *publish))
    [warned] = [each for each in done["warnings"] if each["rule"] == "CHO-003"]
    assert warned["override"]["reason"] == REASON
    assert warned["override"]["owner"].startswith("account:")

    service.must("site", "override", "plus-tard", "CHO-003", "--owner", "otto", "--take-back")
    assert service.run(*publish).returncode == 1


@pytest.mark.browser
def test_an_owner_answers_for_a_finding_where_it_stands(admin: Service, page: Page) -> None:
    labels = {"button.refuse": "Plus tard", "button.choose": " "}
    admin.put(site_config(site="assume", banner={"texts": {"fr": labels}}))
    page.goto(f"{admin.url}/admin/sites/assume/publish")
    blank = page.locator(".finding", has_text="CHO-002")
    expect(blank).to_contain_text("Nobody can answer for this one.")
    label = page.locator(".finding", has_text="CHO-003")
    label.locator("summary").click()
    label.get_by_label("Why this is lawful here").fill("a" * 19 + " ")
    label.get_by_role("button", name="Answer for it").click()
    expect(page.get_by_role("alert")).to_contain_text("characters")
    label.get_by_label("Why this is lawful here").fill(REASON)
    assert violations(page) == []
    label.get_by_role("button", name="Answer for it").click()
    expect(page.get_by_role("status")).to_contain_text("You answer for this finding now.")
    expect(label).to_contain_text(REASON)
    expect(page.locator(".states")).to_contain_text("1 error")
    assert violations(page) == []
    label.get_by_role("button", name="Take the override back").click()
    expect(page.get_by_role("status")).to_contain_text("taken back")
    expect(page.locator(".states")).to_contain_text("2 errors")


@pytest.mark.browser
def test_a_marketer_reads_the_finding_and_cannot_answer_for_it(admin: Service, chromium: Browser) -> None:
    admin.put(unclear(languages=["fr"]))
    assert admin.run("user", "add", "max", "--role", "marketer", stdin=f"{PASSWORD}\n").returncode == 0
    context = chromium.new_context(locale="en")
    page = context.new_page()
    log_in(page, admin, "max")
    page.goto(f"{admin.url}/admin/sites/plus-tard/publish")
    finding = page.locator(".finding", has_text="CHO-003")
    expect(finding).to_be_visible()
    expect(finding.locator("summary")).to_have_count(0)
    status = page.evaluate(
        "fetch('/admin/sites/plus-tard/overrides', {method: 'POST', body: new URLSearchParams({finding: 'x'})})"
        ".then((answer) => answer.status)"
    )
    assert status == 403
    context.close()
