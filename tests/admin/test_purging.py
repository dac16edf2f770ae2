"""A CDN is told of each publication: once, until it takes it, whoever published."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.made import site_config
from tests.service_process import Service
from tests.waiting import until
from tests.web import get


class Cdn:
    """Keeps what it was told; refuses the first `busy` times."""

    def __init__(self, busy: int = 0) -> None:
        self.busy = busy
        self.address = ""
        self.told: list[tuple[dict[str, str], dict[str, object]]] = []

    def keys(self) -> list[str]:
        return [headers["surrogate-key"] for headers, _ in self.told]


@contextmanager
def cdn(busy: int = 0) -> Iterator[Cdn]:
    running = Cdn(busy)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            running.busy -= 1
            if running.busy < 0:
                running.told.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(503 if running.busy >= 0 else 200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    running.address = f"http://127.0.0.1:{server.server_port}/purge"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield running
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_a_cdn_is_told_once_by_several_workers_of_a_site_that_a_command_published(own_service: Service) -> None:
    with cdn() as told:
        own_service.extra = {"TEMOIN_PURGE_URL": told.address, "TEMOIN_PURGE_TOKEN": "cdn-token"}
        own_service.start("--workers", "2")
        own_service.publish(site_config())
        own_service.publish(site_config(site="journal"))
        until(lambda: len(told.told) == 2)
        own_service.publish(site_config(choice_validity="P5M"))
        until(lambda: len(told.told) == 3)
        own_service.stop()
    assert sorted(told.keys()) == ["temoin-boutique", "temoin-boutique", "temoin-journal"]
    headers, body = told.told[0]
    assert headers["authorization"] == "Bearer cdn-token"
    assert body == {"tags": [headers["surrogate-key"]]}


def test_a_cdn_that_is_busy_is_told_again_and_a_publication_waits_for_nothing(own_service: Service) -> None:
    with cdn(busy=2) as told:
        own_service.extra = {"TEMOIN_PURGE_URL": told.address}
        own_service.start()
        version = own_service.publish(site_config())
        until(lambda: version in get(f"{own_service.url}/s/boutique.js").body.decode())
        until(lambda: told.keys() == ["temoin-boutique"])
    assert "was not told of boutique yet" in own_service.log()


def test_a_purge_is_for_the_key_that_the_files_carry(own_service: Service) -> None:
    own_service.start()
    own_service.publish(site_config())
    answer = get(f"{own_service.url}/s/boutique.js")
    assert answer.headers["surrogate-key"] == answer.headers["cache-tag"] == "temoin-boutique"


@pytest.mark.parametrize("address", ["cdn.example.org", "ftp://cdn.example.org/"])
def test_an_address_that_takes_no_purges_stops_the_start(own_service: Service, address: str) -> None:
    own_service.extra = {"TEMOIN_PURGE_URL": address}
    done = own_service.run("serve", "--port", str(own_service.port))
    assert done.returncode != 0
    assert "TEMOIN_PURGE_URL" in done.stderr
