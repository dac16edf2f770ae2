"""Every layout: equal choices inside every window, all of the first layer at once on a phone, nothing for axe-core."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, ViewportSize

from temoin.banner.texts import shipped_languages
from temoin.site import SiteConfig
from tests.banner.boutique import boutique
from tests.banner.measured import LOOKS, PLACED, ROOT, inside
from tests.banner.shown import LAYERS, Layer, lay, show
from tests.browser.axe import violations

pytestmark = pytest.mark.browser

LAYOUTS = ["bar", "box", "modal", "centre"]
WINDOWS: list[ViewportSize] = [
    {"width": 320, "height": 568},
    {"width": 390, "height": 844},
    {"width": 1280, "height": 800},
    {"width": 3840, "height": 2160},
]
PHONE: ViewportSize = {"width": 390, "height": 844}


def laid_out(layout: str, *languages: str) -> SiteConfig:
    return boutique(banner={"template": layout}, **({"languages": list(languages)} if languages else {}))


@pytest.mark.parametrize("layout", ["box", "modal", "centre"])
def test_the_choices_are_alike_and_inside_every_window(page: Page, layout: str) -> None:
    for window in WINDOWS:
        for layer in LAYERS:
            page.set_viewport_size(window)
            show(page, laid_out(layout), layer=layer, chosen=True)
            looks: list[dict[str, Any]] = page.evaluate(LOOKS, f"[data-t~={layer}] .row button")
            assert looks[0] == looks[1] == looks[2]
            assert looks[0]["height"] >= 44
            placed = page.evaluate(PLACED, layer)
            assert inside(placed["layer"], window)
            assert all(inside(button, window) for button in placed["buttons"])
            assert placed["wide"] == []
            assert placed["page"] <= 0


@pytest.mark.parametrize("layout", ["bar", "modal"])
def test_on_a_phone_all_of_the_first_layer_is_seen_at_once_in_every_language(page: Page, layout: str) -> None:
    """`box` is as wide on a phone as `modal`."""
    page.set_viewport_size(PHONE)
    for language in shipped_languages():
        show(page, laid_out(layout, language), language)
        hidden = page.locator(".words").evaluate("each => each.scrollHeight - each.clientHeight")
        assert hidden <= 0, language
        assert inside(page.evaluate(PLACED, "banner")["layer"], PHONE)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_axe_finds_nothing_in_any_layer_or_direction(
    chromium: Browser, layout: str, scheme: Literal["light", "dark"]
) -> None:
    page = chromium.new_page(color_scheme=scheme, reduced_motion="reduce", viewport=PHONE)
    for language in ("fr", "ar"):
        for layer in LAYERS:
            lay(page)
            show(page, laid_out(layout, language), language, layer, chosen=True)
            page.evaluate(f"() => {{ {ROOT} root.querySelectorAll('details').forEach(each => each.open = true); }}")
            assert violations(page, "temoin-banner") == [], (language, layer)
    page.close()


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("layer", LAYERS)
def test_at_400_percent_every_choice_can_be_scrolled_to(page: Page, layout: str, layer: Layer) -> None:
    page.set_viewport_size({"width": 320, "height": 256})
    show(page, laid_out(layout), layer=layer)
    for name in ("refuse", "accept"):
        button = page.locator(f"[data-t~={layer}] [data-t={name}]")
        button.scroll_into_view_if_needed()
        box = button.bounding_box()
        assert box is not None
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 256


@pytest.mark.parametrize("layout", ["modal", "centre"])
def test_a_dialog_begins_at_its_heading_and_at_none_of_its_choices(page: Page, layout: str) -> None:
    show(page, laid_out(layout))
    assert page.evaluate(f"() => {{ {ROOT} return root.activeElement.tagName; }}") == "H2"
    reached = []
    for _ in range(20):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(f"() => {{ {ROOT} return root.activeElement?.dataset.t; }}"))
    assert reached.index("refuse") < reached.index("accept")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_no_layout_is_printed(page: Page, layout: str) -> None:
    show(page, laid_out(layout))
    page.emulate_media(media="print")
    assert not page.locator("temoin-banner h2").first.is_visible()
