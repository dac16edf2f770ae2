"""Each test once an engine, over one shop and one service."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from temoin.demo.hosts import Names
from temoin.demo.servers import DemoServers
from tests.browser.shop import World
from tests.engines.driver import ENGINES, Driver
from tests.engines.visitor import Visitor
from tests.service_process import Service


@pytest.fixture(scope="session", params=list(ENGINES))
def driver(request: pytest.FixtureRequest) -> Iterator[Driver]:
    with ENGINES[request.param]() as running:
        yield running


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """As `temoin demo` sets it up: shop and service on localhost, trackers on 127.0.0.1."""
    service = Service(tmp_path_factory.mktemp("engines") / "data", host="localhost")
    with DemoServers(names=Names()).in_thread() as demo:
        service.start()
        version = service.publish(demo.config())
        demo.sdk_url = f"{service.url}/s/boutique.js"
        yield World(demo, service, version)
        service.kill()


@pytest.fixture
def visitor(driver: Driver, world: World) -> Visitor:
    if world.service.process is None:
        world.service.start()
    return Visitor(driver, world)
