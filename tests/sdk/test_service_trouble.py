"""No proof, no tracker: what the service has not acknowledged does not run, is kept on the device and sent again."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.sdk.conftest import Opener
from tests.sdk.world import Answer, World

pytestmark = pytest.mark.browser

GATED = """<script type="text/plain" data-purpose="audience" data-src="http://t.tracker.test:{port}/a.js"></script>"""
DOWN: Answer = (0, {}, b"")
JSON = {"Content-Type": "application/json"}
OFFLINE = "Votre choix est gardé sur cet appareil."


def answering(answer: Answer) -> Any:
    return lambda _decision: answer


def pending(opened: Any) -> list[dict[str, Any]]:
    """What waits on the device."""
    found: list[dict[str, Any]] = json.loads(opened.js("() => localStorage.getItem('temoin') || '[]'"))
    return found


@pytest.mark.parametrize(
    "answer",
    [
        DOWN,
        (500, JSON, b'{"error": {}}'),
        (503, JSON, b"busy"),
        (429, JSON, b"{}"),
        (200, JSON, b"<!doctype html>not the service"),
        (201, JSON, b'{"id": "another"}'),
        (201, JSON, b"null"),
    ],
    ids=["down", "500", "503", "429", "html", "another-receipt", "null"],
)
def test_without_a_receipt_nothing_runs_until_a_later_page_gets_one(
    visit: Opener, world: World, answer: Answer
) -> None:
    world.answer = answering(answer)
    opened = visit(GATED)
    opened.press("banner-accept")
    expect(opened.banner).to_be_hidden()
    expect(opened.tab.locator("[data-t=status]")).to_have_text(OFFLINE)
    opened.settled()
    assert world.trackers() == []
    assert opened.choices() == {}
    assert opened.temoin().split(".")[4] == "0"
    assert [each["id"] for each in pending(opened)] == [world.decisions()[0]["id"]]

    world.answer = world.record
    opened.goto("/")
    opened.has_run("/a.js")
    opened.asks_nothing()
    assert opened.choices() == {"audience": True, "ads": True}
    bodies = world.decisions()
    assert all(body == bodies[0] for body in bodies)
    assert len(world.records) == 1
    assert opened.js("() => localStorage.getItem('temoin')") is None
    assert opened.temoin().split(".")[4] != "0"


def test_two_pages_that_keep_decisions_in_turn_lose_none(visit: Opener, world: World) -> None:
    world.answer = answering(DOWN)
    first, second = visit(GATED), visit(GATED, "/other")
    for page, decide in ((first, "refuseAll"), (second, "acceptAll"), (first, "withdraw")):
        page.js(f"() => {{ temoin.{decide}().catch(() => 0) }}")
        page.settled()
    kept = pending(second)
    assert [each["action"] for each in kept] == ["refuse_all", "accept_all", "withdraw"]

    world.answer = world.record
    first.goto("/")
    first.asks_nothing()
    first.settled()
    assert list(world.records) == [each["id"] for each in kept]
    assert pending(first) == []


def test_it_is_sent_again_while_the_page_lives(visit: Opener, world: World) -> None:
    world.answer = answering(DOWN)
    opened = visit(GATED)
    opened.press("banner-accept")
    expect(opened.tab.locator("[data-t=status]")).to_have_text(OFFLINE)
    world.answer = world.record
    opened.js("() => dispatchEvent(new Event('online'))")
    opened.has_run("/a.js")
    assert len({body["id"] for body in world.decisions()}) == 1


def test_it_is_sent_again_by_itself(visit: Opener, world: World) -> None:
    calls: list[int] = []

    def second_time(decision: dict[str, Any]) -> Answer:
        calls.append(1)
        return DOWN if len(calls) == 1 else world.record(decision)

    world.answer = second_time
    opened = visit(GATED)
    opened.press("banner-accept")
    opened.has_run("/a.js")
    assert len(calls) == 2
    assert len({body["id"] for body in world.decisions()}) == 1


def test_a_slow_service_holds_grants_but_no_refusal(visit: Opener, world: World) -> None:
    go = threading.Event()

    def slowly(decision: dict[str, Any]) -> Answer:
        go.wait(30)
        return world.record(decision)

    opened = visit(GATED + '<script>addEventListener("load", () => window.worked = true)</script>')
    opened.accept()
    opened.has_run("/a.js")
    world.answer = slowly
    opened.press("temoin-open")
    opened.press("preferences-withdraw")
    assert opened.choices() == {"audience": False, "ads": False}
    assert opened.js("() => temoin.receipt()") is None
    assert opened.js("() => window.worked")
    go.set()
    opened.acknowledged()


def test_a_pending_change_takes_away_at_once_and_gives_later(visit: Opener, world: World) -> None:
    opened = visit(GATED)
    opened.choose("audience")
    world.answer = answering(DOWN)
    opened.press("temoin-open")
    opened.tab.locator("#switch-ads").check()
    opened.press("preferences-save")
    expect(opened.tab.locator("[data-t=status]")).to_have_text(OFFLINE)
    assert opened.choices() == {"audience": True}
    assert opened.js("() => [temoin.has('audience'), temoin.has('ads')]") == [True, False]


def test_a_refusal_holds_with_the_service_down(visit: Opener, world: World) -> None:
    world.answer = answering(DOWN)
    opened = visit(GATED)
    opened.press("banner-refuse")
    opened.asks_nothing()
    opened.goto("/")
    opened.asks_nothing()
    assert opened.choices() == {"audience": False, "ads": False}
    assert world.trackers() == []


@pytest.mark.parametrize("status", [409, 422])
def test_a_choice_that_is_not_valid_any_more_is_asked_again(visit: Opener, world: World, status: int) -> None:
    world.answer = answering((status, JSON, b'{"error": {"code": "x", "message": "x", "hint": "x"}}'))
    opened = visit(GATED)
    opened.press("banner-accept")
    expect(opened.tab.locator("[data-t=status]")).to_have_text("Votre choix n'a pas pu être enregistré.")
    opened.asks()
    assert opened.temoin() == ""
    assert pending(opened) == []
    assert world.trackers() == []


@pytest.mark.parametrize("status", [400, 403, 404, 413])
def test_a_final_refusal_by_the_service_is_not_repeated_and_grants_nothing(
    visit: Opener, world: World, status: int
) -> None:
    world.answer = answering((status, JSON, b"{}"))
    opened = visit(GATED)
    opened.press("banner-accept")
    expect(opened.tab.locator("[data-t=status]")).not_to_be_empty()
    assert pending(opened) == []
    assert opened.choices() == {}
    opened.goto("/")
    opened.asks()
    assert len(world.decisions()) == 1
    assert world.trackers() == []


def test_a_configuration_that_cannot_be_used_leaves_the_page_working(visit: Opener, world: World) -> None:
    world.config = {}  # Nothing in it that the script needs.
    opened = visit(GATED + "<script>window.worked = true</script>", path="/broken")
    assert opened.js("() => window.worked")
    assert world.trackers() == []


def test_the_body_is_what_the_contract_says(visit: Opener, world: World) -> None:
    opened = visit()
    opened.choose("audience")
    [body] = world.decisions()
    assert body.keys() == {
        *("id", "subject", "config", "action", "choices", "language", "layer"),
        *("control", "page", "viewport", "client_time", "signals"),
    }
    assert body["id"][14] == "7"
    assert body["id"][19] in "89ab"
    assert len(body["subject"]) == 22
    assert body["config"] == world.config["version"]
    assert body["action"] == "save"
    assert body["choices"] == {"audience": True, "ads": False}
    assert (body["layer"], body["control"], body["language"], body["viewport"]) == (
        2,
        "preferences-save",
        "fr",
        "desktop",
    )
    assert body["signals"] == {}


def test_a_choice_is_kept_by_a_page_that_is_left_within_the_click(visit: Opener) -> None:
    opened = visit()
    opened.asks()
    kept = opened.js("""async () => {
      document.querySelector("temoin-banner").shadowRoot.getElementById("banner-refuse").click();
      dispatchEvent(new PageTransitionEvent("pagehide"));
      await null;
      return [document.cookie, localStorage.temoin ?? ""];
    }""")
    assert kept[0].startswith("temoin=1.")
    assert '"refuse_all"' in kept[1]
