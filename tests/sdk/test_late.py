"""Scripts that run long after the page was read: `DOMContentLoaded` and `load` are told to them, and only to them."""

from __future__ import annotations

import pytest

from tests.sdk.conftest import Opener
from tests.sdk.world import World

pytestmark = pytest.mark.browser

LISTENERS = """
document.addEventListener("DOMContentLoaded", function ({type}) {
  told.push(`NAME ready ${this === document} ${type}`);
});
window.addEventListener("DOMContentLoaded", () => told.push("NAME window"), {once: true});
addEventListener("load", {handleEvent() { told.push("NAME load"); }});
document.addEventListener("load", () => told.push("NAME wrong"));
document.addEventListener("own", () => told.push("NAME own"));
"""
TOLD = ["ready true DOMContentLoaded", "window", "load"]


def page(script: str) -> str:
    own = LISTENERS.replace("NAME", "page") + "onload = () => told.push('page onload');"
    return f"<script>window.told = [];{own}</script>{script}"


def told(*names: str) -> list[str]:
    return [f"{name} {what}" for name in names for what in TOLD]


def test_a_script_that_comes_late_is_told_what_it_missed(visit: Opener, world: World) -> None:
    inline = f'<script type="text/plain" data-purpose="audience">{LISTENERS.replace("NAME", "gated")}</script>'
    module = inline.replace("<script", '<script data-type="module"').replace("gated", "module")
    opened = visit(page(inline + module))
    opened.settled()
    before = [*told("page"), "page onload"]
    assert opened.js("() => told") == before
    opened.accept()
    opened.tab.wait_for_function("(count) => told.length >= count", arg=len(before) + 2 * len(TOLD))
    opened.js("() => document.dispatchEvent(new Event('own'))")
    assert opened.js("() => told") == [*before, *told("gated", "module"), "page own", "gated own", "module own"]


def test_a_handler_of_its_own_is_called_once(visit: Opener, world: World) -> None:
    opened = visit(page('<script type="text/plain" data-purpose="audience">onload = () => told.push("late");</script>'))
    opened.settled()
    opened.accept()
    opened.tab.wait_for_function("() => told.includes('late')")
    assert opened.js("() => told.filter((each) => /late|onload/.test(each))") == ["page onload", "late"]


def test_a_held_script_that_a_script_injected_is_told_too(visit: Opener, world: World) -> None:
    world.files["/late.js"] = ("text/javascript", LISTENERS.replace("NAME", "injected").encode())
    world.config["trackers"][0]["match"] = ["www.boutique.test/late.js"]
    opened = visit(
        page(
            "<script>document.head.append(Object.assign(document.createElement('script'), {src: '/late.js'}))</script>"
        )
    )
    opened.settled()
    opened.accept()
    opened.tab.wait_for_function("() => told.some((each) => each.startsWith('injected load'))")
    assert opened.js("() => told.filter((each) => each.startsWith('injected'))") == told("injected")


def test_the_pages_own_listeners_that_come_too_late_stay_unheard(visit: Opener) -> None:
    opened = visit(page('<script type="text/plain" data-purpose="audience">told.push("ran")</script>'))
    opened.settled()
    opened.accept()
    opened.tab.wait_for_function("() => told.includes('ran')")
    count = opened.js("() => told.length")
    late = LISTENERS.replace("NAME", "own")
    opened.js("(text) => document.body.append(Object.assign(document.createElement('script'), {text}))", late)
    opened.settled()
    assert opened.js("() => told.length") == count


def test_a_script_granted_while_the_page_is_read_hears_each_event_once(visit: Opener, world: World) -> None:
    inline = f'<script type="text/plain" data-purpose="audience">{LISTENERS.replace("NAME", "gated")}</script>'
    opened = visit(page(inline))
    opened.accept()
    opened.goto("/")
    opened.settled()
    assert sorted(opened.js("() => told.filter((each) => each.startsWith('gated'))")) == sorted(told("gated"))
