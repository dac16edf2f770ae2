"""The whole product as a visitor meets it: the demo shop, its trackers, and a real service."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from temoin.demo.hosts import Names
from temoin.demo.servers import DemoServers
from tests.browser.shop import Shop, World
from tests.conftest import own_store
from tests.service_process import Service


def _world(request: pytest.FixtureRequest, folder: Path, names: Names, service_host: str) -> Iterator[World]:
    with own_store(request, folder) as store, DemoServers(names=names).in_thread() as demo:
        service = Service(folder / "data", host=service_host, store=store)
        service.start()
        version = service.publish(demo.config())
        demo.sdk_url = f"{service.url}/s/boutique.js"
        yield World(demo, service, version)
        service.kill()


@pytest.fixture(scope="module")
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """As `temoin demo` sets it up: shop and service on localhost (a secure context), trackers on 127.0.0.1."""
    yield from _world(request, tmp_path_factory.mktemp("world"), Names(), "localhost")


@pytest.fixture(scope="module")
def subdomain_world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The service on a subdomain of the shop's registrable domain; each tracker on a site of its own."""
    yield from _world(
        request, tmp_path_factory.mktemp("world"), Names(shop="www.shop.test", tracker="{id}.test"), "consent.shop.test"
    )


@pytest.fixture(scope="module")
def foreign_world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The service on another registrable domain than the shop."""
    yield from _world(
        request,
        tmp_path_factory.mktemp("world"),
        Names(shop="www.shop.test", tracker="{id}.test"),
        "consent.provider.test",
    )


@pytest.fixture
def shop(world: World, chromium: Browser) -> Iterator[Shop]:
    """A visitor who has never been anywhere, before their first page."""
    with Shop.entered(chromium, world) as visitor:
        yield visitor
