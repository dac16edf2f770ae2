"""The rules about what is drawn, each broken by a style or an act in a real Chromium, and kept by the banner itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest
from playwright.sync_api import Browser, Page

from temoin.admin.publish import edition, lint_screens
from temoin.banner import script
from temoin.compliance.colour import contrast, difference
from temoin.compliance.rendered import RULES, Screen, broken, probe
from temoin.proof.evidence import VIEWPORTS, capture
from temoin.settings import load_settings
from temoin.site import SiteConfig
from tests.aio import run
from tests.made import site_config

BASE = "https://consent.example.org"
NOW = datetime(2026, 11, 26, tzinfo=UTC)

Screens = dict[tuple[str, int], bytes]


@pytest.fixture(scope="module")
def screens() -> Screens:
    """The banner's own screens in French, as the files that evidence keeps, by viewport and layer."""
    config = msgspec.convert(site_config(languages=["fr"]), SiteConfig)
    made = edition(config, BASE, NOW)
    files = {"fr": script.language_file(made.version, "fr")}
    chromium = load_settings().chromium
    taken = run(capture(made.script, files, BASE, "boutique", config.origins[0], ["fr"], chromium))
    return {(screen.viewport, screen.layer): screen.html for screen in taken}


@pytest.fixture
def page(chromium: Browser) -> Iterator[Page]:
    page = chromium.new_page()
    yield page
    page.close()


def _measured(page: Page, screens: Screens, tmp_path: Path, viewport: str, layer: int, css: str, act: str) -> Screen:
    file = tmp_path / "screen.html"
    file.write_bytes(screens[viewport, layer])
    page.set_viewport_size(VIEWPORTS["mobile" if viewport == "mobile" else "desktop"])
    page.goto(file.as_uri())
    page.evaluate(
        """([css, act]) => {
          const root = document.querySelector('temoin-banner').shadowRoot;
          const sheet = document.createElement('style');
          sheet.textContent = css;
          root.append(sheet);
          // A file keeps no top layer: what was modal is made so again.
          for (const dialog of root.querySelectorAll('dialog[open]')) { dialog.close(); dialog.showModal(); }
          new Function('root', act)(root);
        }""",
        [css, act],
    )
    return Screen("fr", viewport, layer, "light", page.evaluate(probe(), layer))


def _rules(*screens: Screen) -> set[str]:
    return {rule.id for rule, _ in broken(screens)}


# What breaks a rule: the layer, a style, an act (JavaScript with `root`).
BREAKING: dict[str, tuple[int, str, str]] = {
    "REN-001": (1, "[data-t=refuse] { color: #777; background: #999; }", ""),
    "REN-002": (1, "section p { color: #ccc; }", ""),
    "REN-003": (1, "[data-t=refuse] { color: #fff; background: #6a6a6a; }", ""),
    "REN-004": (1, "[data-t=accept] { margin: -8px; min-height: 80px; font-size: 1.3em; }", ""),
    "REN-005": (1, "[data-t=refuse] { border: 2px solid #123; }", ""),
    "REN-006": (1, "[data-t=refuse] { color: #222; background: #eee; }", ""),
    "REN-007": (1, "[data-t=refuse] { opacity: .5; }", ""),
    "REN-008": (1, "[data-t=refuse] { position: fixed; left: 0; top: 0; width: 90px; }", ""),
    "REN-009": (1, ".row { gap: 1px; }", ""),
    "REN-010": (2, "[data-t=refuse] { display: none; }", ""),
    "REN-011": (2, "", "root.querySelector('input[type=checkbox]').checked = true"),
    "REN-012": (1, "", "root.querySelector('[data-t=accept]').focus()"),
    "REN-013": (
        1,
        "[data-t=choose] { min-height: 0; height: 14px; padding: 0; font-size: 9px; align-self: start; }",
        "",
    ),
}


def test_each_rule_has_an_example_that_breaks_it() -> None:
    assert set(BREAKING) == {rule.id for rule in RULES}


@pytest.mark.browser
@pytest.mark.parametrize("identifier", sorted(BREAKING))
def test_a_banner_that_breaks_a_rule_is_found(identifier: str, page: Page, screens: Screens, tmp_path: Path) -> None:
    layer, css, act = BREAKING[identifier]
    assert identifier in _rules(_measured(page, screens, tmp_path, "desktop", layer, css, act))


@pytest.mark.browser
@pytest.mark.parametrize("viewport", ["mobile", "desktop"])
@pytest.mark.parametrize("layer", [1, 2])
def test_the_banner_itself_keeps_every_rule(
    viewport: str, layer: int, page: Page, screens: Screens, tmp_path: Path
) -> None:
    screen = _measured(page, screens, tmp_path, viewport, layer, "", "")
    assert broken([screen]) == []
    assert len(screen.measured["controls"]) == 3
    assert len(screen.measured["texts"]) > 5


@pytest.mark.browser
@pytest.mark.parametrize(
    "css",
    [
        "[data-t=refuse] { transform: translateY(900px); }",
        "[data-t=refuse] { visibility: hidden; }",
        "[data-t=accept]::after { content: ''; position: fixed; inset: 0; }",
        "[data-t=refuse] { pointer-events: none; }",
    ],
)
def test_a_refusal_out_of_reach_is_found(css: str, page: Page, screens: Screens, tmp_path: Path) -> None:
    assert _rules(_measured(page, screens, tmp_path, "mobile", 1, css, "")) & {"REN-007", "REN-010"}


def test_screens_that_break_a_rule_alike_are_told_once() -> None:
    measured: dict[str, Any] = {
        "controls": [],
        "texts": [],
        "targets": [],
        "switches": [],
        "focus": "",
        "scrolled": False,
    }
    alike = [Screen(language, "mobile", 1, "dark", measured) for language in ("fr", "de", "el")]
    ((rule, message),) = broken(alike)
    assert rule.id == "REN-010"
    assert message == "there is no button that refuses everything (fr, mobile, first layer, dark and 2 more)."


@pytest.mark.browser
@pytest.mark.parametrize("layout", ["box", "modal", "centre"])
def test_every_other_layout_keeps_every_rule_too(layout: str) -> None:
    config = msgspec.convert(site_config(languages=["fr"], banner={"template": layout}), SiteConfig)
    assert run(lint_screens(config, BASE, load_settings().chromium, NOW)) == []


@pytest.mark.browser
def test_a_text_that_makes_accepting_larger_is_found_before_it_is_published() -> None:
    label = "Tout accepter, pour soutenir la boutique et recevoir les offres que ses partenaires ont choisies pour vous"
    config = msgspec.convert(
        site_config(languages=["fr"], banner={"texts": {"fr": {"button.accept": label}}}), SiteConfig
    )
    found = run(lint_screens(config, BASE, load_settings().chromium, NOW))
    assert "REN-004" in {finding.rule for finding in found}


def test_colours_are_compared_as_the_standards_say() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert difference("#000000", "#ffffff") == pytest.approx(100, abs=0.1)
    assert difference("#ff0000", "#00ff00") == pytest.approx(170.6, abs=0.5)
    assert difference("#123456", "#123456") == 0
