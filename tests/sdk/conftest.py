"""Fixtures: one world of servers and one browser profile per test, in the Chromium that all tests of a worker share."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext
from playwright.sync_api import Page as Tab

from tests.sdk import configs
from tests.sdk.visit import Visit
from tests.sdk.world import SCRIPT, Page, World


@pytest.fixture(scope="session")
def bundle() -> None:
    if not SCRIPT.exists():
        pytest.fail("sdk/dist/temoin.js is not built: run 'make install' (or 'npm run build' in sdk/).", pytrace=False)


@pytest.fixture
def world(bundle: None) -> Iterator[World]:
    servers = World()
    servers.config = configs.config(servers.port)
    yield servers
    servers.close()


@dataclass(slots=True)
class Opener:
    """Opens pages in one browser profile; every exception of the page is collected and must stay empty."""

    world: World
    context: BrowserContext
    errors: list[str]

    def __call__(self, body: str = "", path: str = "/", **page: Any) -> Visit:
        headers = page.pop("headers", {})
        self.world.pages[path] = Page(page.pop("html", None) or configs.page(body, **page), headers)
        visit = Visit(self.world, self.tab())
        visit.goto(path)
        return visit

    def tab(self) -> Tab:
        tab = self.context.new_page()
        tab.on("pageerror", lambda error: self.errors.append(str(error)))
        return tab


@pytest.fixture
def visit(chromium: Browser, world: World) -> Iterator[Opener]:
    """A visitor with an empty profile. Fails the test if anything was ever thrown into a page."""
    context = chromium.new_context(locale="fr-FR", viewport={"width": 1280, "height": 800})
    context.set_default_timeout(10_000)
    opener = Opener(world, context, [])
    yield opener
    context.close()
    assert opener.errors == []
