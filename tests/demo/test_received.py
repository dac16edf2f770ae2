"""The tracker hosts and their ledger: what is counted, what is never kept, what is answered."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Iterator

import orjson
import pytest

from temoin.demo.hosts import TRACKER_HOSTS, Ports
from temoin.demo.received import KEPT_REQUESTS, Ledger
from temoin.demo.servers import DemoServers
from temoin.errors import Unavailable


@pytest.fixture
def demo() -> Iterator[DemoServers]:
    with DemoServers().in_thread() as demo:
        yield demo


def _received(demo: DemoServers) -> dict[str, dict[str, dict[str, object]]]:
    with urllib.request.urlopen(f"{demo.counter_url}/received") as answer:
        found: dict[str, dict[str, dict[str, object]]] = orjson.loads(answer.read())
        return found


def test_a_request_is_counted_without_the_values_that_it_carried(demo: DemoServers) -> None:
    request = urllib.request.Request(
        f"{demo.tracker_urls['posthog']}/e/?ip=203.0.113.9&v=1", data=b'{"a":1}', headers={"Cookie": "id=secret"}
    )
    with urllib.request.urlopen(request) as answer:
        assert orjson.loads(answer.read()) == {"status": "Ok"}
    host = _received(demo)["hosts"]["posthog"]
    assert (host["requests"], host["bytes"], host["with_cookie"]) == (1, 7, 1)
    [hit] = demo.ledger.hits("posthog")
    assert (hit.method, hit.path, hit.query, hit.size, hit.cookie) == ("POST", "/e/", ("ip", "v"), 7, True)
    assert b"secret" not in orjson.dumps(_received(demo))
    assert b"203.0.113.9" not in orjson.dumps(_received(demo))


def test_every_origin_may_send_with_credentials_and_the_preflight_counts_too(demo: DemoServers) -> None:
    request = urllib.request.Request(
        f"{demo.tracker_urls['amplitude']}/2/httpapi",
        method="OPTIONS",
        headers={"Origin": demo.shop_url, "Access-Control-Request-Headers": "content-type"},
    )
    with urllib.request.urlopen(request) as answer:
        assert answer.headers["access-control-allow-origin"] == demo.shop_url
        assert answer.headers["access-control-allow-credentials"] == "true"
    assert [hit.method for hit in demo.ledger.hits("amplitude")] == ["OPTIONS"]


@pytest.mark.parametrize("host", [host.id for host in TRACKER_HOSTS if host.package])
def test_a_host_serves_its_bundled_sdk(host: str, demo: DemoServers) -> None:
    with urllib.request.urlopen(f"{demo.tracker_urls[host]}/{host}.js") as answer:
        assert len(answer.read()) > 50_000
        assert answer.headers["content-type"].startswith("text/javascript")


def test_a_body_over_eight_mebibytes_is_refused(demo: DemoServers) -> None:
    request = urllib.request.Request(f"{demo.tracker_urls['segment']}/v1/t", data=bytes(8 * 1024 * 1024 + 1))
    with pytest.raises((urllib.error.HTTPError, ConnectionError, urllib.error.URLError)):
        urllib.request.urlopen(request)
    assert demo.ledger.wait_for(lambda ledger: len(ledger.hits("segment")) == 1)


def test_the_ledger_keeps_counting_but_only_the_last_requests() -> None:
    ledger = Ledger(["gtag"])
    for number in range(KEPT_REQUESTS + 50):
        ledger.record("gtag", "GET", f"/{number}", (), 1, False)
    state = ledger.as_dict()
    assert state["total"] == state["hosts"]["gtag"]["bytes"] == KEPT_REQUESTS + 50
    assert [hit["path"] for hit in state["hosts"]["gtag"]["latest"]][::199] == ["/50", f"/{KEPT_REQUESTS + 49}"]
    ledger.reset()
    assert ledger.as_dict()["hosts"]["gtag"] == {"requests": 0, "bytes": 0, "with_cookie": 0, "latest": []}


def test_a_port_that_is_taken_is_named() -> None:
    demo = DemoServers()
    port = int(demo.shop_url.rsplit(":", 1)[1])
    with pytest.raises(Unavailable, match=str(port)):
        DemoServers(ports=Ports(counter=port))
    demo.close()
