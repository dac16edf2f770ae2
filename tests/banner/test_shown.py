"""The banner as a visitor sees it: equal choices, inside the window, legible."""

from __future__ import annotations

from typing import Any, Literal

import pytest
from playwright.sync_api import Page, ViewportSize

from temoin.banner.palette import contrast
from temoin.site import SiteConfig
from tests.banner.boutique import boutique, in_arabic
from tests.banner.measured import LOOKS, PLACED, ROOT, TEXTS, hexed, inside
from tests.banner.shown import LAYERS, Layer, show

pytestmark = pytest.mark.browser

WINDOWS: list[ViewportSize] = [
    {"width": 320, "height": 480},
    {"width": 390, "height": 844},
    {"width": 1280, "height": 800},
    {"width": 3840, "height": 2160},
]


@pytest.mark.parametrize("window", WINDOWS, ids=lambda window: f"{window['width']}x{window['height']}")
@pytest.mark.parametrize("layer", LAYERS)
def test_the_three_choices_look_the_same(page: Page, layer: Layer, window: ViewportSize) -> None:
    page.set_viewport_size(window)
    show(page, boutique(), layer=layer)
    looks: list[dict[str, Any]] = page.evaluate(LOOKS, f"[data-t={layer}] .row button")
    assert len(looks) == 3
    assert looks[1] == looks[0]
    assert looks[2] == looks[0]
    assert looks[0]["height"] >= 44


def test_the_choices_stay_alike_under_the_pointer_and_the_keyboard(page: Page) -> None:
    show(page, boutique())
    states = []
    for name in ("refuse", "accept", "choose"):
        button = page.locator(f"[data-t=banner] [data-t={name}]")
        button.hover()
        button.focus()
        states.append(button.evaluate("e => [getComputedStyle(e).textDecorationLine, getComputedStyle(e).outline]"))
    assert states[0] == states[1] == states[2]
    assert "3px" in states[0][1]


def test_refusing_comes_before_accepting_and_within_one_buttons_width(page: Page) -> None:
    show(page, boutique())
    names = page.locator("[data-t=banner] button").all_inner_texts()
    assert names == ["Tout refuser", "Tout accepter", "Choisir"]
    refuse, accept = page.evaluate(PLACED, "banner")["buttons"][:2]
    assert 8 <= accept["top"] - refuse["bottom"] <= refuse["right"] - refuse["left"]


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("window", WINDOWS, ids=lambda window: f"{window['width']}x{window['height']}")
@pytest.mark.parametrize("layer", LAYERS)
def test_both_layers_and_all_choices_are_inside_the_window(
    page: Page, layer: Layer, window: ViewportSize, language: str
) -> None:
    page.set_viewport_size(window)
    show(page, boutique(), language, layer, chosen=True)
    page.evaluate(f"() => {{ {ROOT} root.querySelectorAll('details').forEach(e => e.open = true); }}")
    placed = page.evaluate(PLACED, layer)
    assert inside(placed["layer"], window)
    assert all(inside(button, window) for button in placed["buttons"])
    assert placed["wide"] == []
    assert placed["page"] <= 0


@pytest.mark.parametrize("layer", LAYERS)
def test_at_400_percent_every_word_and_choice_can_be_scrolled_to(page: Page, layer: Layer) -> None:
    window: ViewportSize = {"width": 320, "height": 256}
    page.set_viewport_size(window)
    show(page, boutique(), layer=layer)
    placed = page.evaluate(PLACED, layer)
    assert inside(placed["layer"], window)
    assert placed["wide"] == []
    for name in ("refuse", "accept"):
        button = page.locator(f"[data-t={layer}] [data-t={name}]")
        button.scroll_into_view_if_needed()
        box = button.bounding_box()
        assert box is not None
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= window["height"]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("layer", LAYERS)
def test_every_text_is_legible_in_both_modes(page: Page, layer: Layer, scheme: Literal["light", "dark"]) -> None:
    page.emulate_media(color_scheme=scheme)
    show(page, boutique(), layer=layer, chosen=True)
    texts = page.evaluate(TEXTS, layer)
    assert len(texts) > 10
    for text, colour, ground, tag in texts:
        assert contrast(hexed(colour), hexed(ground)) >= (5 if tag == "BUTTON" else 4.5), text
    panel = page.locator(f"[data-t={layer}]").evaluate("e => getComputedStyle(e).backgroundColor")
    assert (contrast(hexed(panel), "#000000") > 10) is (scheme == "light")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_switch_shows_its_state_by_place_and_shape_in_three_to_one(
    page: Page, scheme: Literal["light", "dark"]
) -> None:
    page.emulate_media(color_scheme=scheme)
    show(page, boutique(), layer="preferences")
    switch = page.get_by_role("switch", name="Mesure d’audience")
    panel = page.locator("dialog").evaluate("e => getComputedStyle(e).backgroundColor")
    seen = []
    for _ in range(2):
        edge, tick = switch.evaluate("e => [getComputedStyle(e).borderColor, getComputedStyle(e, '::after').content]")
        assert contrast(hexed(edge), hexed(panel)) >= 3
        seen.append((tick, switch.evaluate("e => getComputedStyle(e, '::before').order")))
        switch.check()
    assert seen == [("none", "0"), ('""', "1")]


def test_switches_are_off_named_described_and_worked_by_keyboard(page: Page) -> None:
    show(page, boutique(), layer="preferences")
    switches = page.get_by_role("switch").all()
    assert [switch.is_checked() for switch in switches] == [False] * 4
    assert page.get_by_role("group", name="Avec votre accord").get_by_role("switch").count() == 4
    assert page.get_by_role("dialog", name="Gérer mes cookies").is_visible()
    switches[1].focus()
    page.keyboard.press("Space")
    assert [switch.is_checked() for switch in switches] == [False, True, False, False]


def test_nothing_has_focus_on_the_first_layer(page: Page) -> None:
    show(page, boutique())
    assert page.get_by_role("region", name="Cookies : à vous de choisir").is_visible()
    assert page.evaluate(f"() => {{ {ROOT} return root.activeElement; }}") is None
    assert page.evaluate("document.activeElement === document.body")


def test_the_keyboard_reaches_refusal_before_acceptance(page: Page) -> None:
    show(page, boutique())
    reached = []
    for _ in range(4):
        page.keyboard.press("Tab")
        reached.append(page.evaluate(f"() => {{ {ROOT} return root.activeElement?.id || 'link'; }}"))
    assert reached == ["link", "banner-refuse", "banner-accept", "banner-choose"]


def test_the_preferences_control_is_small_to_see_and_large_to_touch(page: Page) -> None:
    show(page, boutique(), layer="control")
    box = page.get_by_role("button", name="Gérer mes cookies").bounding_box()
    assert box is not None
    assert box["height"] <= 36
    x, middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for y in (middle - 21, middle + 21):
        assert (
            page.evaluate(f"([x, y]) => {{ {ROOT} return root.elementFromPoint(x, y)?.dataset.t; }}", [x, y]) == "open"
        )


@pytest.mark.parametrize("width", [320, 1280])
def test_withdrawing_is_as_large_to_touch_and_as_legible_as_the_preferences(page: Page, width: int) -> None:
    window: ViewportSize = {"width": width, "height": 480}
    page.set_viewport_size(window)
    show(page, boutique(), layer="control", chosen=True)
    looks: list[dict[str, Any]] = page.evaluate(LOOKS, ".control button")
    for name in ("fontSize", "color", "backgroundColor", "height"):
        assert looks[0][name] == looks[1][name], name
    assert page.evaluate(PLACED, "open")["page"] <= 0
    button = page.get_by_role("button", name="Retirer mon consentement")
    box = button.bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= width
    x, middle = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    for y in (middle - 21, middle + 21):
        at = page.evaluate(f"([x, y]) => {{ {ROOT} return root.elementFromPoint(x, y)?.id; }}", [x, y])
        assert at == "control-withdraw"


def test_a_language_from_right_to_left_is_mirrored(page: Page) -> None:
    show(page, in_arabic(), "ar")
    placed = page.evaluate(PLACED, "banner")
    heading = page.locator("#banner-title").bounding_box()
    assert heading is not None
    assert placed["buttons"][0]["right"] < 640 < heading["x"] + heading["width"]
    show(page, in_arabic(), "ar", "control")
    control = page.locator("[data-t=open]").bounding_box()
    assert control is not None
    assert control["x"] > 640


def test_forced_colours_keep_the_outlines_of_everything(page: Page) -> None:
    page.emulate_media(forced_colors="active")
    show(page, boutique(), layer="preferences")
    for selector in ("dialog", "dialog .row button", "input"):
        style = "e => [getComputedStyle(e).borderTopWidth, getComputedStyle(e).borderTopColor]"
        width, colour = page.locator(selector).first.evaluate(style)
        assert width in ("1px", "2px")
        assert not colour.startswith("rgba")


def themed(**theme: Any) -> SiteConfig:
    return boutique(banner={"theme": theme})


def test_a_theme_colours_all_three_choices_alike(page: Page) -> None:
    show(page, themed(button_background="#ffd500", background="#fff8e1", radius=0, font="Georgia, serif"))
    looks = page.evaluate(LOOKS, "[data-t=banner] .row button")
    assert looks[0] == looks[1] == looks[2]
    assert hexed(looks[0]["backgroundColor"]) == "#ffd500"
    assert contrast(hexed(looks[0]["color"]), "#ffd500") >= 5
    assert looks[0]["borderRadius"] == "0px"
    assert looks[0]["fontFamily"] == "Georgia, serif"


def test_a_status_is_shown_only_while_it_says_something(page: Page) -> None:
    show(page, boutique(), layer="control")
    status = page.locator("[data-t=status]")
    assert status.get_attribute("aria-live") == "polite"
    assert status.evaluate("e => e.getBoundingClientRect().height") == 0
    status.evaluate("e => { e.textContent = 'Votre choix est enregistré.'; }")
    assert page.evaluate(PLACED, "status")["layer"]["bottom"] < page.evaluate(PLACED, "open")["layer"]["top"]
    assert inside(page.evaluate(PLACED, "status")["layer"], {"width": 1280, "height": 800})
