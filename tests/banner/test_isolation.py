"""Page and banner leave each other alone: styles, layout, print."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page

from temoin.banner.render import ui
from tests.banner.boutique import boutique
from tests.banner.measured import LOOKS
from tests.banner.shown import LAYERS, Layer, add, lay, show

pytestmark = pytest.mark.browser

# A stand-in for a frame, as the SDK writes it into a shadow root of its own.
_STAND_IN = """({css, text}) => {
  const host = document.createElement("temoin-placeholder"), root = host.attachShadow({mode: "open"});
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(css);
  root.adoptedStyleSheets = [sheet];
  const [box, why, button] = ["div", "p", "button"].map((tag) => document.createElement(tag));
  box.dataset.t = "placeholder";
  why.textContent = text.placeholder.replace("{tracker}", "www.youtube-nocookie.com");
  button.textContent = text.placeholder_button;
  box.append(why, button);
  root.append(box);
  host.style.cssText = "display:inline-block;max-width:100%;width:300px;height:150px";
  document.body.append(host);
  return [box.offsetWidth, box.offsetHeight, box.scrollWidth > box.clientWidth, getComputedStyle(why).fontSize];
}"""


@pytest.mark.parametrize("layer", LAYERS)
def test_the_pages_own_styles_do_not_reach_in(page: Page, layer: Layer) -> None:
    def looks(css: str) -> Any:
        show(page, boutique(), layer=layer, css=css)
        return page.evaluate(LOOKS, "*")

    plain = looks("")
    hostile = """
      html { font-size: 40px; --text: red; --panel: red; --font: cursive }
      * { color: red !important; font: italic 40px cursive !important; letter-spacing: 9px !important;
          transform: rotate(3deg) !important; opacity: .2 !important; display: block !important; --text: red !important;
          background: lime !important; text-transform: uppercase !important; zoom: 2 !important }
      body, html { transform: none !important; zoom: 1 !important }
    """
    assert looks(hostile) == plain


def test_our_styles_do_not_reach_the_page(page: Page) -> None:
    lay(page, body="<h2>Titre</h2><button>Page</button><input type=checkbox>")
    seen = "() => [...document.querySelectorAll('h2, button, input')].map(e => JSON.stringify(getComputedStyle(e)))"
    before = page.evaluate(seen)
    add(page, boutique())
    assert page.evaluate(seen) == before


@pytest.mark.parametrize("layer", [*LAYERS, "control"])
def test_showing_the_banner_moves_nothing_on_the_page(page: Page, layer: Layer) -> None:
    body, css = "<h1>Une page</h1><p>Du texte.</p>", "body { display: flex; flex-direction: column; gap: 40px }"
    where = "() => JSON.stringify(document.querySelector('h1, p').getBoundingClientRect()) + document.body.scrollHeight"
    lay(page, css, body)
    before = page.evaluate(where)
    add(page, boutique(), layer=layer)
    assert page.evaluate(where) == before


def test_a_printed_page_has_no_banner(page: Page) -> None:
    show(page, boutique())
    page.emulate_media(media="print")
    assert not page.locator("[data-t=banner]").is_visible()


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_frames_stand_in_fills_its_place_in_the_visitors_own_text_size(page: Page, language: str) -> None:
    lay(page, css="body { font: 30px cursive; letter-spacing: 4px }")
    shown = ui(boutique(), language, css=True)
    assert page.evaluate(_STAND_IN, {"css": shown["css"], "text": shown["text"]}) == [300, 150, False, "16px"]
