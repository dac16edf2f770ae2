"""Scripts of the admin that arrive after somebody began to type: what was typed counts."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route, expect

from tests.made import site_config
from tests.service_process import Service


@pytest.mark.browser
def test_a_name_typed_before_the_script_arrived_is_looked_up(page: Page, admin: Service) -> None:
    held = _held(page, admin, "suggest.js", "trackers")
    page.get_by_label("Name, company or host").press_sequentially("hotjar")
    held.continue_()
    expect(page.locator("#known").get_by_role("link", name="Hotjar", exact=True)).to_be_visible()


@pytest.mark.browser
def test_a_look_set_before_the_script_arrived_is_shown(page: Page, admin: Service) -> None:
    held = _held(page, admin, "preview.js", "look")
    page.locator("[id='theme.background']").fill("#fafafa")
    held.continue_()
    drawn = page.frame_locator("figure.mobile iframe").locator("[data-t=banner]")
    expect(drawn).to_have_css("background-color", "rgb(250, 250, 250)")


@pytest.mark.browser
def test_a_look_that_nobody_touched_is_drawn_once(page: Page, admin: Service) -> None:
    drawn: list[str] = []
    page.on("request", lambda request: drawn.append(request.url) if "/preview?" in request.url else None)
    held = _held(page, admin, "preview.js", "look")
    held.continue_()
    page.wait_for_load_state("networkidle")
    assert len(drawn) == 2  # the desktop's and the phone's


def _held(page: Page, admin: Service, script: str, at: str) -> Route:
    """The admin's page `at`, shown while `script` is still on its way."""
    admin.put(site_config(site="slow"))
    held: list[Route] = []
    page.route(f"**/static/{script}", lambda route: held.append(route))
    with page.expect_request(f"**/static/{script}"):
        page.goto(f"{admin.url}/admin/sites/slow/{at}", wait_until="commit")
    page.wait_for_selector("h1")
    return held[0]
