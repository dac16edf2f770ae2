"""A service with an owner, a browser that is logged in, and accounts over a store without a service."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from temoin.admin.people import open_people
from temoin.admin.ports import Publication
from temoin.storage.sqlite.store import SqliteStore
from tests import aio
from tests.admin.world import OnWorld, SetClock, World
from tests.made import site_config
from tests.service_process import Service
from tests.storage.note import Note

PASSWORD = "correct horse battery"


@pytest.fixture(scope="module")
def admin(service: Service) -> Service:
    done = service.run("user", "add", "ada", "--role", "owner", stdin=f"{PASSWORD}\n")
    assert done.returncode == 0, done.stderr
    service.publish(site_config())
    return service


def log_in(page: Page, service: Service, name: str = "ada") -> None:
    page.goto(f"{service.url}/admin/login")
    page.locator("#name").fill(name)
    page.locator("#password").fill(PASSWORD)
    page.locator("main button").click()
    page.wait_for_url(f"{service.url}/admin/")


@pytest.fixture
def page(admin: Service, chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page of the owner's, in English; whatever it writes to the console fails the test."""
    options: dict[str, Any] = getattr(request, "param", {"locale": "en"})
    context = chromium.new_context(**options)
    page = context.new_page()
    errors: list[str] = []
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    log_in(page, admin)
    yield page
    context.close()
    # An answer of 4xx to a form or an address is no mistake of the page.
    assert [error for error in errors if not re.search(r"status of 4\d\d", error)] == []


@pytest.fixture
def in_world(tmp_path: Path) -> OnWorld:
    def run(work: Callable[[World], Awaitable[None]]) -> None:
        async def main() -> None:
            clock = SetClock()
            store = SqliteStore(tmp_path / "data", clock)
            try:
                for site in ("boutique", "journal", "draft"):
                    await store.sites.put_site(site, b"{}", f"host/{site}", b"k" * 32)
                for site in ("boutique", "journal"):
                    note = Note("published", site=site, subject=None)
                    await store.sites.publish(Publication(site, "v1", b"{}", "2026", note, "cd", {}, {"cd": b""}))
                await work(World(open_people(store.keyed, store.sites, store, clock), store, clock))
            finally:
                await store.close()

        aio.run(main())

    return run
