"""Pictures of every page of the admin, to be looked at: desktop and phone, light and dark, French and English.

`.venv/bin/python scripts/admin_pictures.py FOLDER` after `make install`. The demo runs in a data folder of its own; a
visitor refuses, saves and accepts in its shop before, so that there is something to see. Nothing but the loopback
address is spoken to.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from screenshots import FLAGS, demo

from temoin.settings import load_settings

SITE = "/admin/sites/boutique"
PAGES = {
    "sites": "/admin/",
    "new-site": "/admin/sites/new",
    "site": SITE,
    "purposes": f"{SITE}/purposes",
    "purpose": f"{SITE}/purposes/0",
    "new-purpose": f"{SITE}/purposes/new",
    "trackers": f"{SITE}/trackers",
    "trackers-known": f"{SITE}/trackers?q=goog",
    "tracker": f"{SITE}/trackers/0",
    "new-tracker": f"{SITE}/trackers/new",
    "texts": f"{SITE}/texts",
    "look": f"{SITE}/look",
    "settings": f"{SITE}/settings",
    "publish": f"{SITE}/publish",
    "versions": f"{SITE}/versions",
    "install": f"{SITE}/install",
    "records": f"{SITE}/records",
    "audience": f"{SITE}/audience",
    "assessment": f"{SITE}/audience/assessment",
    "insights": f"{SITE}/insights",
    "exports": f"{SITE}/exports",
    "erasure": f"{SITE}/erasure",
    "records-none": f"{SITE}/records?event=changed&since=2020-01-01&until=2020-01-02",
    "people": "/admin/people",
    "tokens": "/admin/tokens",
    "account": "/admin/account",
    "unknown": "/admin/sites/nowhere",
}
VIEWS = {
    "desktop-light-fr": {"viewport": {"width": 1280, "height": 800}, "locale": "fr", "color_scheme": "light"},
    "desktop-dark-en": {"viewport": {"width": 1280, "height": 800}, "locale": "en", "color_scheme": "dark"},
    "phone-light-en": {"viewport": {"width": 390, "height": 844}, "locale": "en", "color_scheme": "light"},
    "phone-dark-fr": {"viewport": {"width": 390, "height": 844}, "locale": "fr", "color_scheme": "dark"},
}


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, demo(data) as urls, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=load_settings().chromium, args=FLAGS)
        for control in ("refuse", "accept", "refuse"):
            decide(browser, urls["shop"], control)
        for name, options in VIEWS.items():
            context = browser.new_context(reduced_motion="reduce", timezone_id="Europe/Paris", **options)  # type: ignore[arg-type]  # Playwright's own dictionaries
            shoot_all(context, urls, folder, name)
            context.close()
        browser.close()


def decide(browser: Browser, shop: str, control: str) -> None:
    """One visitor's choice on the first layer."""
    page = browser.new_page(locale="fr")
    page.goto(shop)
    with page.expect_response(lambda response: response.url.endswith("/consents")):
        page.locator(f"temoin-banner [data-t=banner] [data-t={control}]").click()
    page.close()


def shoot_all(context: BrowserContext, urls: dict[str, str], folder: Path, view: str) -> None:
    page = context.new_page()
    base = urls["admin"].partition("/admin")[0]
    page.goto(f"{base}/admin/login")
    shoot(page, folder, f"login.{view}")
    page.locator("[name=name]").fill(urls["account"])
    page.locator("[name=password]").fill(urls["password"])
    page.locator("main button").click()
    page.wait_for_url(f"{base}/admin/")
    for name, path in PAGES.items():
        page.goto(base + path)
        page.wait_for_load_state("networkidle")
        shoot(page, folder, f"{name}.{view}")
    page.goto(f"{base}{SITE}/records")
    page.locator("table.data tbody th a").first.click()
    page.wait_for_load_state("networkidle")
    shoot(page, folder, f"record.{view}")


def shoot(page: Page, folder: Path, name: str) -> None:
    page.screenshot(path=folder / f"{name}.png", full_page=True, animations="disabled")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
