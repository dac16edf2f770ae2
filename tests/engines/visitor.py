"""The page object for all three engines: what a visitor does in the shop and on the banner, and what can be seen."""

from __future__ import annotations

from typing import Any

from tests.browser.shop import World
from tests.engines.driver import Driver
from tests.waiting import until

_ROOT = ".querySelector('temoin-banner').shadowRoot"
_SEEN = (
    "(e) => e instanceof HTMLElement && e.getClientRects().length > 0 && getComputedStyle(e).visibility !== 'hidden'"
)


class Visitor:
    """Somebody who has never been in the shop."""

    def __init__(self, driver: Driver, world: World) -> None:
        driver.open()
        world.demo.ledger.reset()
        self.driver = driver
        self.world = world

    def visit(self, path: str = "/") -> Visitor:
        self.driver.goto(self.world.demo.shop_url + path)
        return self

    def ask(self, body: str) -> Any:
        return self.driver.evaluate(body)

    def sees(self, selector: str) -> bool:
        """Whether a part of the banner is there to be seen."""
        return bool(
            self.ask(
                f"const e = document{_ROOT.replace('.shadowRoot', '')}?.shadowRoot?.querySelector({selector!r});"
                f"return !!e && ({_SEEN})(e);"
            )
        )

    def is_asked(self) -> Visitor:
        until(lambda: self.sees("[data-t=banner]"))
        return self

    def is_left_alone(self) -> Visitor:
        until(lambda: self.sees("[data-t=open]") and not self.sees("[data-t=banner]"))
        return self

    def click(self, selector: str) -> None:
        until(lambda: self.sees(selector))
        self.driver.click(f"{_ROOT}.querySelector({selector!r})")

    def decides(self, selector: str) -> Visitor:
        """Clicks, and waits for the receipt of another decision than the one before."""
        before = self.receipt()
        self.click(selector)
        until(lambda: self.receipt() not in (None, before))
        return self

    def receipt(self) -> Any:
        return self.ask("return window.temoin.receipt();")

    def choices(self) -> Any:
        return self.ask("return window.temoin.choices();")

    def focus(self) -> str:
        """What has the focus in the banner, by its `data-t`; empty where the banner has it not."""
        return str(self.ask(f"return document{_ROOT}.activeElement?.dataset.t ?? '';"))

    def device(self) -> Any:
        return self.ask(
            "return { cookies: document.cookie, local: Object.keys(localStorage),"
            " session: Object.keys(sessionStorage) };"
        )

    def quiet(self) -> Visitor:
        """Lets what the page has begun reach the network: a request of its own has come back after it, twice."""
        self.ask(
            "for (let n = 0; n < 2; n++) { await fetch(location.href, { cache: 'no-store' });"
            " await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 50))); }"
        )
        return self
