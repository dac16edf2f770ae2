"""POST …/hits as pages and attackers see it, and what the report says afterwards.

One service takes all hits of this module, each site for one story; the reports are read when it has ended.
"""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyarrow import parquet

from tests.analytics.sending import FIREFOX, IPHONE, cut, measured, send, stats, view
from tests.made import ORIGIN, site_config
from tests.service_process import Service
from tests.web import request

CAMPAIGN = {"source": "lettre", "medium": "email", "name": "printemps"}
BAD: list[tuple[Any, int, str]] = [
    (b"{", 400, "bad_json"),
    (b"\xff\xfe\x00", 400, "bad_json"),
    (b'{"type":"view","page":"/\\ud800"}', 400, "bad_json"),
    (view(time="1601-01-01T00:00:00Z"), 422, "bad_hit"),
    ({"type": "purchase", "page": "/"}, 422, "bad_hit"),
    (view("/" + "a" * 2000), 422, "bad_hit"),
    (view("/a\x00b"), 422, "bad_hit"),
    (view("https://elsewhere.test/"), 422, "bad_hit"),
    (view(referrer="lwn.net/article?id=7"), 422, "bad_hit"),
    ({"type": "leave", "page": "/", "seconds": -1}, 422, "bad_hit"),
    ({"type": "leave", "page": "/", "seconds": 10**9}, 422, "bad_hit"),
    ({"type": "outbound", "page": "/", "value": "https://a.test/?id=7"}, 422, "bad_hit"),
    ({"type": "consent", "page": "/"}, 422, "bad_hit"),
    ({"type": "shown", "page": "/"}, 422, "bad_hit"),
    ({"type": "shown", "page": "/", "config": "0" * 16, "language": "fr", "viewport": "mobile"}, 422, "bad_hit"),
    (view(language="fr"), 422, "bad_hit"),
    (view(value="x" * 5000), 413, "body_too_large"),
    ([view()] * 3, 422, "bad_hit"),
]
LEFT_OUT = [
    ({"User_Agent": "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)"}, "bot"),
    ({"User_Agent": FIREFOX.replace("Firefox", "HeadlessChrome")}, "bot"),
    ({"User_Agent": ""}, "bot"),
    ({"Sec_Purpose": "prefetch;prerender"}, "prefetch"),
    ({"Sec_GPC": "1"}, "gpc"),
    ({"DNT": "1"}, "dnt"),
    ({"X_Real_IP": "192.0.2.55"}, "own_address"),
    ({"X_Real_IP": "2001:db8:1:2::3"}, "own_address"),
]


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A service that believed its proxy, took all that follows, and has ended."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TEMOIN_ADDRESS_HEADER", "X-Real-IP")
        patch.setenv("TEMOIN_OWN_NETWORKS", "192.0.2.0/24 2001:db8:1::/48")
        service = Service(tmp_path_factory.mktemp("hits") / "data")
        service.publish(measured())
        service.publish(measured(events=["signup"], objections=["gpc", "dnt"]) | {"site": "events"})
        service.publish(site_config(site="muette"))
        service.start()
        _visits(service)
        _events(service)
        _refused(service)
        service.stop()
        yield service
        service.kill()


def _visits(service: Service) -> None:
    entry = view("/", entry=True, referrer="www.lwn.net", campaign=CAMPAIGN)
    first = {"X_Real_IP": "10.1.1.1, 193.0.6.1"}
    answer = send(service, entry, Cookie="temoin=1.x.y", **first)
    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["access-control-allow-origin"] == ORIGIN
    assert not {"set-cookie", "etag", "last-modified", "access-control-allow-credentials"} & set(answer.headers)
    send(service, entry, X_Real_IP="193.0.6.200", User_Agent=IPHONE)
    send(service, entry, X_Real_IP="2001:41d0:0:1::5")
    send(service, view("/panier"), X_Real_IP="193.0.6.77")
    send(service, {"type": "leave", "page": "/", "entry": True, "next": True, "seconds": 30}, **first)
    send(service, {"type": "leave", "page": "/panier", "seconds": 12}, **first)
    consent = {"type": "consent", "page": "/panier", "consented": True, "campaign": CAMPAIGN}
    send(service, consent, **first)


def _events(service: Service) -> None:
    for name in ("signup", "signup", "made_up"):
        send(service, {"type": "event", "page": "/", "value": name}, site="events")
    send(service, {"type": "search", "page": "/", "value": "Robe jane@shop.test"}, site="events")
    send(service, {"type": "search", "page": "/", "value": "=1+1"}, site="events")
    send(service, {"type": "download", "page": "/", "value": "/docs/tarif.pdf?token=1"}, site="events")
    send(service, {"type": "outbound", "page": "/", "value": "lwn.net"}, site="events")
    send(service, view("/nulle-part", missing=True), site="events")


def _refused(service: Service) -> None:
    for body, status, code in BAD:
        answer = send(service, body, site="events")
        assert (answer.status, answer.error) == (status, code), body
    for headers, _ in LEFT_OUT:
        assert send(service, view("/left-out"), site="events", **headers).status == 204
    assert send(service, view(), site="events", origin="https://foreign.test").status == 403
    assert send(service, view(), site="events", origin=None).error == "origin_not_allowed"
    assert send(service, view(), site="muette").error == "not_measured"
    assert send(service, view(), site="nobody").error == "unknown_site"
    assert request("GET", f"{service.url}/v1/sites/boutique/hits", headers={"Origin": ORIGIN}).status == 405


@pytest.fixture(scope="module")
def visits(ended: Service) -> Any:
    return stats(ended)


@pytest.fixture(scope="module")
def events(ended: Service) -> Any:
    return stats(ended, site="events")


def test_visits_views_and_visitors_are_told_apart(visits: Any) -> None:
    totals = visits["totals"]["exempt"]
    assert (totals["views"], totals["visits"], totals["exits"]) == (4, 3, 1)
    assert totals["bounce_percent"] == pytest.approx(66.7)
    assert totals["seconds_a_visit"] == 14.0
    assert sum(day["exempt"]["views"] for day in visits["days"]) == 4
    assert visits["live"]["minutes"] == 30


def test_an_address_of_the_same_network_with_the_same_agent_is_the_same_visitor(visits: Any) -> None:
    assert sum(day["exempt"]["visitors"] for day in visits["days"]) in (3, 4)  # 4 where midnight fell between


def test_pages_are_exact_and_cuts_of_visitors_are_rounded_to_tens(visits: Any) -> None:
    assert cut(visits, "page") == {"/": 3, "/panier": 1}
    assert cut(visits, "page", "exits") == {"/": 0, "/panier": 1}
    assert cut(visits, "referrer") == {"lwn.net": 10}
    assert cut(visits, "device") == {"desktop": 10, "mobile": 10}
    assert cut(visits, "browser") == {"Firefox 145": 10, "Mobile Safari 18": 10}
    assert cut(visits, "language") == {"fr": 10}
    assert cut(visits, "country") == {"NL": 10, "FR": 10}


def test_campaigns_are_counted_with_consent_alone_and_without_a_second_view(visits: Any) -> None:
    assert cut(visits, "campaign") == {}
    assert cut(visits, "campaign", series="consented") == {"lettre / email / printemps": 10}
    assert {name: total["views"] for name, total in visits["totals"].items()} == {"exempt": 4, "consented": 1}


def test_events_of_the_list_searches_links_and_missing_pages_are_counted(events: Any) -> None:
    assert cut(events, "event") == {"signup": 2}
    assert cut(events, "search") == {"robe (email)": 1, "=1+1": 1}
    assert cut(events, "download") == {"/docs/tarif.pdf": 1}
    assert cut(events, "outbound") == {"lwn.net": 1}
    assert cut(events, "missing") == {"/nulle-part": 1}


def test_what_was_refused_or_left_out_is_counted_by_its_reason_and_nowhere_else(events: Any) -> None:
    reasons = ["unknown_event", "origin_not_allowed", "origin_not_allowed"]
    reasons += [code for _, _, code in BAD] + [reason for _, reason in LEFT_OUT]
    assert cut(events, "dropped") == {reason: reasons.count(reason) for reason in set(reasons)}
    assert events["totals"]["exempt"]["views"] == 1
    assert cut(events, "page") == {"/nulle-part": 1}


def test_the_report_is_written_as_csv_parquet_and_text_too(ended: Service, tmp_path: Path) -> None:
    rows = list(csv.DictReader(io.StringIO(ended.must("stats", "events", "--format", "csv"))))
    assert [row["views"] for row in rows if row["table"] == "total"] == ["1", "0"]
    assert {"'=1+1", "robe (email)"} <= {row["value"] for row in rows}
    out = tmp_path / "audience.parquet"
    ended.must("stats", "events", "--format", "parquet", "--out", os.fspath(out))
    table = parquet.read_table(out).to_pylist()
    assert len(table) == len(rows)
    assert "=1+1" in {row["value"] for row in table}
    assert "Not found" in ended.must("stats", "events")


@pytest.mark.parametrize(
    "wrong",
    [
        ["nobody"],
        ["boutique", "--from", "2026-02-30"],
        ["boutique", "--from", "2026-02-02", "--to", "2026-02-01"],
        ["boutique", "--format", "parquet"],
        ["boutique", "--out", "x"],
    ],
)
def test_a_report_that_cannot_be_is_bad_usage(ended: Service, wrong: list[str]) -> None:
    done = ended.run("--json", "stats", *wrong)
    assert done.returncode == 2
    assert set(json.loads(done.stderr)["error"]) == {"code", "message", "hint"}


def test_several_workers_count_a_visitor_once_and_what_was_flushed_survives_a_kill(own_service: Service) -> None:
    own_service.publish(measured())
    own_service.start("--workers", "2")
    for _ in range(30):
        send(own_service, view())
    while stats(own_service)["totals"]["exempt"]["views"] < 30:
        pass
    own_service.kill()
    report = stats(own_service)
    assert report["totals"]["exempt"]["views"] == 30
    assert sum(day["exempt"]["visitors"] for day in report["days"]) in (1, 2)  # 2 where midnight fell between
