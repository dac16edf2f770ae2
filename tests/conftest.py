"""Fixtures that every plane's tests share: a service process, a site on it, a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import settings
from playwright.sync_api import Browser, BrowserType, sync_playwright

from tests.made import site_config
from tests.redis_servers import one_redis, redis_cluster
from tests.service_process import Service
from tests.storage.places import s3_server

# No deadline: how long an example takes says more about the machine than about the code. The same examples in each run,
# so that a red run is about the change in it; `pytest --hypothesis-profile search` looks for new ones.
settings.register_profile("temoin", deadline=None, derandomize=True, database=None)
settings.register_profile("search", deadline=None)
settings.load_profile("temoin")

CHROMIUM_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture
def own_service(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Service]:
    """A service that a test may kill, stop and start: not started yet."""
    with own_store(request, tmp_path) as store:
        service = Service(tmp_path / "data", store=store)
        yield service
        service.kill()


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Service]:
    """A running service shared by a module's tests, which must not mind each other's decisions."""
    folder = tmp_path_factory.mktemp("service")
    with own_store(request, folder) as store:
        service = Service(folder / "data", store=store).start()
        yield service
        service.kill()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Other engines than Chromium are for `make test-engines`, which names them."""
    if collection_path == Path(__file__).parent / "engines":
        return not any("engines" in argument for argument in config.args) or None
    return None


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--store",
        choices=("embedded", "redis", "cluster"),
        default="embedded",
        help="What services of the tests keep their records in: each a Redis, or a cluster of three, of its own.",
    )


@contextmanager
def own_store(request: pytest.FixtureRequest, folder: Path) -> Iterator[str]:
    """The address of an empty store of the kind that was asked for, gone again afterwards."""
    kind = request.config.getoption("--store")
    if kind == "redis":
        with one_redis(folder / "redis") as server:
            yield server.address
    elif kind == "cluster":
        with redis_cluster(folder / "cluster") as servers:
            yield f"redis+cluster://127.0.0.1:{servers[0].port}"
    else:
        yield ""


@pytest.fixture(scope="module")
def version(service: Service) -> str:
    """The published version of `site_config()` on the shared service."""
    return service.publish(site_config())


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """Debian's Chromium, one a worker; tests open contexts of their own."""
    with sync_playwright() as playwright:
        browser = launched(playwright.chromium)
        yield browser
        browser.close()


def launched(chromium: BrowserType, *more: str) -> Browser:
    """Debian's Chromium with more flags."""
    return chromium.launch(
        executable_path="/usr/bin/chromium",
        args=[*CHROMIUM_FLAGS, "--host-resolver-rules=MAP *.test 127.0.0.1", *more],
    )


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a server that speaks S3."""
    with s3_server(tmp_path_factory.mktemp("s3") / "log") as endpoint:
        yield endpoint


@pytest.fixture
def s3_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"ACCESS_KEY_ID": "test", "SECRET_ACCESS_KEY": "test", "REGION": "eu-west-3"}.items():
        monkeypatch.setenv(f"AWS_{name}", value)
