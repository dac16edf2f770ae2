"""The deferred form of the tag: printed, put into a page, and found out of date when trackers change."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tests.made import site_config
from tests.service_process import Service


@dataclass
class Shop:
    """A page of the site's own, at `origin`; its head is what a test puts there."""

    origin: str = ""
    head: str = ""


@pytest.fixture
def shop() -> Iterator[Shop]:
    made = Shop()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = (
                f"<!doctype html><html lang=fr><head>{made.head}<title>Boutique</title></head><h1>Boutique</h1></html>"
            )
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made.origin = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield made
    server.shutdown()
    server.server_close()


def test_it_is_printed_checked_and_found_out_of_date(own_service: Service, shop: Shop) -> None:
    own_service.start()
    own_service.publish(site_config(origins=[shop.origin]))
    shop.head = own_service.must("site", "tag", "boutique", "--deferred")
    told = json.loads(own_service.must("--json", "site", "tag", "boutique", "--deferred"))
    assert told["tag"] == shop.head.strip()
    assert told["csp_hash"].startswith("'sha256-")
    done = own_service.run("--json", "site", "check", "boutique")
    assert json.loads(done.stdout)["works"], done.stdout

    changed = site_config(origins=[shop.origin])
    changed["trackers"][0]["match"] = ["other.test/*"]
    own_service.publish(changed)
    done = own_service.run("--json", "site", "check", "boutique")
    (wrong,) = [line for line in json.loads(done.stdout)["lines"][:-1] if not line["good"]]
    assert "Put both tags in anew" in wrong["fix"]


def test_the_plain_tag_is_one_script(own_service: Service, shop: Shop) -> None:
    own_service.start()
    own_service.publish(site_config(origins=[shop.origin]))
    assert (
        own_service.must("site", "tag", "boutique").strip()
        == f'<script src="{own_service.url}/s/boutique.js"></script>'
    )


def test_a_script_that_loads_beside_the_page_without_its_inline_half_is_not_first(
    own_service: Service, shop: Shop
) -> None:
    own_service.start()
    own_service.publish(site_config(origins=[shop.origin]))
    shop.head = own_service.must("site", "tag", "boutique", "--deferred").partition("</script>")[2]
    lines = json.loads(own_service.run("--json", "site", "check", "boutique").stdout)["lines"]
    assert [line["fix"] for line in lines[:-1] if not line["good"]] == [
        "Move it before all other scripts: what runs earlier cannot be held back."
    ]
