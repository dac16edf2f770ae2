"""The demo's own servers, on free ports, without a service: with gated markup and without."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext

from temoin.demo.servers import DemoServers


@pytest.fixture(scope="module")
def gated_demo() -> Iterator[DemoServers]:
    """Gated markup, and no script of Témoin that could open it."""
    with DemoServers().in_thread() as demo:
        yield demo


@pytest.fixture(scope="module")
def bare_demo() -> Iterator[DemoServers]:
    """The same pages with plain tags."""
    with DemoServers(gated=False).in_thread() as demo:
        yield demo


@pytest.fixture
def visitor(chromium: Browser) -> Iterator[BrowserContext]:
    """A browser profile that has never been anywhere."""
    context = chromium.new_context()
    yield context
    context.close()
