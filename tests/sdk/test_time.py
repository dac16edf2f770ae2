"""A choice lasts as long as its receipt says: no visit moves its end; after it all is closed and asked again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.sdk import configs
from tests.sdk.conftest import Opener
from tests.sdk.world import OWN_SERVICE_HOST, SERVICE_HOST, Answer, World

pytestmark = pytest.mark.browser

GATED = """<script type="text/plain" data-purpose="audience" data-src="http://t.tracker.test:{port}/a.js"></script>"""


def base36(moment: datetime) -> str:
    number, digits = round(moment.timestamp() * 1000), ""
    while number:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits


def cookie(expires: datetime, entries: str = "audience:1a2b3c4d~ads:99aa00ff", recorded: str = "kf12oi") -> str:
    return f"1.0123456789abcdef.{'A' * 22}.{'0' * 12}7{'0' * 3}8{'0' * 15}.{recorded}.{base36(expires)}.{entries}"


def test_an_expired_choice_is_none(visit: Opener, world: World) -> None:
    opened = visit(GATED, path="/first")
    opened.set_cookie("temoin", cookie(datetime.now(UTC) - timedelta(seconds=1)))
    opened = visit(GATED)
    opened.asks()
    assert opened.choices() == {}
    assert world.trackers() == []


def test_a_choice_that_expires_while_the_page_is_open_closes_the_gates(visit: Opener, world: World) -> None:
    opened = visit(GATED, path="/first")
    opened.set_cookie("temoin", cookie(datetime.now(UTC) + timedelta(seconds=4)))
    opened = visit(GATED)
    opened.has_run("/a.js")
    opened.js("() => { document.cookie = '_meter=1'; temoin.on('change', (detail) => { window.seen = detail }) }")
    opened.js("() => { localStorage.m_id = '1'; window.request = indexedDB.open('m_events', 1) }")
    opened.asks()
    opened.tab.wait_for_function("async () => !(await indexedDB.databases()).length && !localStorage.m_id")
    assert opened.js("() => window.seen") == {"choices": {}, "receipt": None}
    assert "_meter" not in opened.cookies()
    refused = "() => fetch(`http://t.tracker.test:${location.port}/x`).catch((error) => error.name)"
    assert opened.js(refused) == "TypeError"


def test_no_visit_and_no_opened_banner_moves_the_end(visit: Opener, world: World) -> None:
    opened = visit(GATED)
    opened.accept()
    first = visit.context.cookies()
    opened.goto("/")
    opened.press("temoin-open")
    opened.press("preferences-close")
    opened.goto("/")
    assert visit.context.cookies() == first
    assert opened.js("() => temoin.receipt().expires_at") == world.expires_at


def test_the_end_comes_from_the_receipt(visit: Opener, world: World) -> None:
    world.expires_at = "2099-02-28T08:00:00.123Z"
    opened = visit()
    opened.accept()
    assert opened.temoin().split(".")[5] == base36(datetime(2099, 2, 28, 8, 0, 0, 123000, UTC))
    assert opened.js("() => temoin.receipt().recorded_at") == world.recorded_at


@pytest.mark.parametrize(
    ("today", "end"),
    [("2027-01-31T10:00:00Z", "2028-02-29T10:00:00Z"), ("2026-11-22T10:00:00Z", "2027-12-22T10:00:00Z")],
)
def test_until_then_the_browser_estimates_by_the_calendar(visit: Opener, world: World, today: str, end: str) -> None:
    world.answer = lambda _decision: (503, {}, b"")
    visit.context.clock.set_fixed_time(today)
    opened = visit()
    opened.press("banner-refuse")
    opened.asks_nothing()
    value = opened.js("() => document.cookie.match(/temoin=([^;]*)/)[1]")
    assert value.split(".")[4:6] == ["0", base36(datetime.fromisoformat(end))]


def test_a_changed_scope_asks_again_only_for_what_changed(visit: Opener, world: World) -> None:
    opened = visit(GATED)
    opened.accept()
    world.config["purposes"][2]["scope"] = "00ff00ff"
    opened.goto("/")
    opened.asks()
    opened.has_run("/a.js")
    assert opened.choices() == {"audience": True}
    opened.press("banner-choose")
    assert opened.tab.locator("#switch-audience").is_checked()
    assert not opened.tab.locator("#switch-ads").is_checked()
    opened.press("preferences-save")
    opened.acknowledged()
    opened.tab.wait_for_function("() => temoin.choices().ads === false")
    assert opened.choices() == {"audience": True, "ads": False}


def test_a_new_purpose_asks_again(visit: Opener, world: World) -> None:
    opened = visit()
    opened.refuse()
    world.config["purposes"].append({"id": "video", "scope": "12345678"})
    opened.goto("/")
    opened.asks()
    assert opened.choices() == {"audience": False, "ads": False}


@pytest.mark.parametrize(
    "value",
    [
        "rubbish",
        "1.2.3",
        "2" + cookie(datetime(2099, 1, 1, tzinfo=UTC))[1:],
        cookie(datetime(2099, 1, 1, tzinfo=UTC), entries="audience:zzzz"),
        cookie(datetime(2099, 1, 1, tzinfo=UTC)).replace(".kf12oi.", ".-1."),
        cookie(datetime(2099, 1, 1, tzinfo=UTC))[:-3],
        # Pending, with nothing on the device to send: its grant can never be proven.
        cookie(datetime(2099, 1, 1, tzinfo=UTC), recorded="0"),
    ],
)
def test_a_cookie_that_cannot_be_relied_on_is_no_choice(visit: Opener, world: World, value: str) -> None:
    opened = visit(GATED, path="/first")
    opened.set_cookie("temoin", value)
    opened = visit(GATED)
    opened.asks()
    assert opened.choices() == {}
    assert world.trackers() == []


def test_a_cookie_that_the_service_has_set_is_not_written_again(visit: Opener, world: World) -> None:
    """Written by script, Safari would keep it for seven days only. The end of the service's own cookie shows it."""
    world.config |= {"base": f"http://{OWN_SERVICE_HOST}:{world.port}", "domain": "boutique.test"}
    recorded = base36(datetime.fromisoformat(world.recorded_at))
    expires = base36(datetime.fromisoformat(world.expires_at))

    def with_cookie(decision: dict[str, Any]) -> Answer:
        status, headers, body = world.record(decision)
        ids = f"{decision['config']}.{decision['subject']}.{decision['id'].replace('-', '')}"
        value = f"1.{ids}.{recorded}.{expires}.-audience:1a2b3c4d~-ads:99aa00ff"
        end = "Sat, 02 Jan 2027 00:00:00 GMT"
        attributes = f"Path=/; Domain=boutique.test; SameSite=Lax; Expires={end}"
        return status, {**headers, "Set-Cookie": f"temoin={value}; {attributes}"}, body

    world.answer = with_cookie
    opened = visit(html=configs.page("").replace(SERVICE_HOST, OWN_SERVICE_HOST))
    opened.refuse()
    [kept] = visit.context.cookies()
    assert kept["domain"] == ".boutique.test"
    assert int(kept["expires"]) == datetime(2027, 1, 2, tzinfo=UTC).timestamp()
    opened.goto("/")
    opened.asks_nothing()
    assert visit.context.cookies() == [kept]
