"""The page object: what a visitor does and sees, in sentences."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Page as Tab
from playwright.sync_api import expect

from tests.sdk.world import PAGE_HOST, World


class Visit:
    """One tab on the boutique. Locators see through the banner's open shadow root."""

    def __init__(self, world: World, tab: Tab) -> None:
        self.world = world
        self.tab = tab
        self.banner = tab.locator("[data-t=banner]")
        self.preferences = tab.locator("dialog[data-t=preferences]")

    def goto(self, path: str = "/") -> None:
        self.tab.goto(self.world.url(path))

    def press(self, control: str) -> None:
        self.tab.locator(f"#{control}").click()

    def decide(self, control: str) -> None:
        """Presses a control that decides, and waits for the service's answer to this very decision."""
        expect(self.tab.locator(f"#{control}")).to_be_visible()
        before = self.js("() => temoin.receipt()?.id")
        self.press(control)
        self.tab.wait_for_function("(before) => ![undefined, before].includes(temoin.receipt()?.id)", arg=before)

    def accept(self) -> None:
        """Accepts all on the first layer and waits for the service's answer to have taken effect."""
        self.decide("banner-accept")

    def refuse(self) -> None:
        self.decide("banner-refuse")

    def withdraw(self) -> None:
        self.decide("control-withdraw")

    def choose(self, *purposes: str) -> None:
        """Exactly these purposes, through the second layer."""
        either = self.banner.or_(self.tab.locator("#temoin-open"))
        expect(either.filter(visible=True)).to_have_count(1)
        if self.banner.is_visible():
            self.press("banner-choose")
        else:
            self.press("temoin-open")
        for purpose in ("audience", "ads"):
            self.tab.locator(f"#switch-{purpose}").set_checked(purpose in purposes)
        self.decide("preferences-save")

    def acknowledged(self) -> None:
        """The present decision has its receipt: the cookie is no longer a pending one."""
        self.tab.wait_for_function("() => temoin.receipt() !== null")

    def asks(self) -> None:
        expect(self.banner).to_be_visible()

    def asks_nothing(self) -> None:
        """Decided once the floating control shows: it and the banner never show together."""
        expect(self.tab.locator("#temoin-open")).to_be_visible()
        expect(self.banner).to_be_hidden()

    def js(self, script: str, given: object = None) -> Any:
        return self.tab.evaluate(script, given)

    def choices(self) -> dict[str, bool]:
        found: dict[str, bool] = self.js("() => temoin.choices()")
        return found

    def ran(self) -> list[str]:
        """What gated scripts noted when they ran, in order."""
        found: list[str] = self.js("() => window.ran || []")
        return found

    def has_run(self, *names: str) -> None:
        """Waits until exactly these scripts have run, in this order."""
        self.tab.wait_for_function("(count) => (window.ran || []).length >= count", arg=len(names))
        assert self.ran() == list(names)

    def cookies(self) -> dict[str, str]:
        return {each["name"]: each["value"] for each in self.tab.context.cookies()}

    def temoin(self) -> str:
        """The choice cookie's value, empty where there is none."""
        return self.cookies().get("temoin", "")

    def set_cookie(self, name: str, value: str, domain: str = PAGE_HOST, path: str = "/") -> None:
        self.tab.context.add_cookies([{"name": name, "value": value, "domain": domain, "path": path}])

    def settled(self) -> None:
        """All that the page was going to send has been sent: later requests, over new connections, have arrived."""
        self.tab.wait_for_load_state("load")
        for number in range(3):
            address = self.world.url(f"/{number}", "sentinel.test")
            self.js(f"() => fetch({address!r}, {{mode: 'no-cors'}}).then(() => 1)")
