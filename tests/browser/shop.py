"""The page object: what a visitor does in the shop and on the banner, and what can be seen from outside."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Locator, Page, Response, TimeoutError, expect

from temoin.demo.servers import DemoServers
from tests.demo.deliveries import delivered, events
from tests.service_process import Service

_KEPT_ON_DEVICE = """async () => ({
    local: Object.keys(localStorage),
    session: Object.keys(sessionStorage),
    databases: (await indexedDB.databases()).map(({ name }) => name),
    caches: window.caches ? await caches.keys() : [],
    workers: navigator.serviceWorker ? (await navigator.serviceWorker.getRegistrations()).length : 0,
})"""
NOTHING = {"local": [], "session": [], "databases": [], "caches": [], "workers": 0}


@dataclass(frozen=True, slots=True)
class World:
    """The shop with its trackers, and the service with the shop's site published."""

    demo: DemoServers
    service: Service
    version: str

    def received(self) -> dict[str, int]:
        """Requests by tracker host, of those that received any."""
        hosts = self.demo.ledger.as_dict()["hosts"]
        return {name: tally["requests"] for name, tally in hosts.items() if tally["requests"]}

    def reported(self, hosts: list[str]) -> bool:
        """Waits until each of these trackers was told about the visitor."""
        return self.demo.ledger.wait_for(lambda ledger: delivered(ledger, hosts))

    def visits(self, host: str) -> int:
        return len(events(self.demo.ledger, host))


def _tell(trouble: str) -> None:
    """What a page asked for and did not get: pytest shows it where the test fails."""
    sys.stdout.write(f"not loaded: {trouble}\n")


class Shop:
    """One visitor with a browser profile of their own."""

    def __init__(self, context: BrowserContext, world: World) -> None:
        self.context = context
        self.world = world
        self.page: Page = context.new_page()
        self.errors: list[str] = []
        self.set_cookies: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("requestfailed", lambda request: _tell(f"{request.url}: {request.failure}"))
        self.page.on("response", self._note)
        world.demo.ledger.reset()

    @classmethod
    @contextmanager
    def entered(cls, browser: Browser, world: World, **options: Any) -> Iterator[Shop]:
        context = browser.new_context(**{"locale": "fr-FR", **options})
        try:
            yield cls(context, world)
        finally:
            context.close()

    def _note(self, response: Response) -> None:
        if response.status >= 400:
            _tell(f"{response.url}: {response.status}")
        if header := response.all_headers().get("set-cookie"):
            self.set_cookies.append(header)

    def open(self, path: str = "/") -> Shop:
        """Opens a page of the shop and waits until its network has been quiet for half a second."""
        self.page.goto(self.world.demo.shop_url + path)
        return self.settled()

    def settled(self) -> Shop:
        for _ in range(10):
            try:
                self.page.wait_for_load_state("networkidle", timeout=3_000)
                break
            except TimeoutError:
                # Chromium can miss that the last request has ended, and looks again after the next.
                self.page.evaluate("() => fetch('/boutique.css').then(() => 1)")
        else:
            raise AssertionError(f"{self.page.url} never comes to rest")
        return self

    @property
    def banner(self) -> Locator:
        return self.page.locator("temoin-banner [data-t=banner]")

    @property
    def preferences(self) -> Locator:
        return self.page.locator("temoin-banner dialog[data-t=preferences]")

    @property
    def control(self) -> Locator:
        """The floating button that reopens the preferences."""
        return self.page.locator("temoin-banner button[data-t=open]")

    def accept_all(self) -> None:
        self._recorded(self.banner.locator("[data-t=accept]"))

    def refuse_all(self) -> None:
        self._recorded(self.banner.locator("[data-t=refuse]"))

    def choose(self, *purposes: str) -> None:
        """Opens the second layer from the banner, switches these purposes on, and saves."""
        self.banner.locator("[data-t=choose]").click()
        for purpose in purposes:
            self.switch(purpose).check()
        self._recorded(self.preferences.locator("[data-t=save]"))

    def switch(self, purpose: str) -> Locator:
        return self.preferences.locator(f"input[data-purpose={purpose}]")

    def withdraw(self) -> None:
        """One click, no more than accepting took (rule R23)."""
        self._recorded(self.page.locator("temoin-banner #control-withdraw"))

    def withdraw_in_preferences(self) -> None:
        self.control.click()
        self._recorded(self.preferences.locator("[data-t=withdraw]"))

    def _recorded(self, button: Locator) -> None:
        """Clicks, and waits until the service has acknowledged the decision and the page has taken note."""
        with self.page.expect_response(lambda response: response.url.endswith("/consents")) as answer:
            button.click()
        assert answer.value.status == 201
        self.page.wait_for_function("window.temoin.receipt() !== null")

    def requests_to_trackers(self) -> list[str]:
        """A list that grows with every request to a tracker host that the page starts from now on."""
        asked: list[str] = []
        origins = tuple(f"{origin}/" for origin in self.world.demo.tracker_urls.values())
        self.page.on("request", lambda request: asked.append(request.url) if request.url.startswith(origins) else None)
        return asked

    def choices(self) -> dict[str, bool]:
        return dict(self.page.evaluate("window.temoin.choices()"))

    def receipt(self) -> dict[str, Any]:
        return dict(self.page.evaluate("window.temoin.receipt()"))

    def cookies(self) -> dict[str, Any]:
        """Every cookie of the profile, whichever site set it, by name."""
        return {str(cookie.get("name")): cookie for cookie in self.context.cookies()}

    def device(self) -> dict[str, Any]:
        """What the shop's origin keeps besides cookies."""
        return dict(self.page.evaluate(_KEPT_ON_DEVICE))

    def asks(self) -> None:
        expect(self.banner).to_be_visible()

    def leaves_alone(self) -> None:
        expect(self.control).to_be_visible()
        expect(self.banner).to_be_hidden()
