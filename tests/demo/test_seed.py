"""The seeded configuration: it decodes, and says of each tracker what the shop's markup says."""

from __future__ import annotations

import re
import urllib.request

import orjson
import pytest

from temoin.demo.hosts import TRACKER_HOSTS, Names
from temoin.demo.seed import boutique_config
from temoin.demo.servers import DemoServers
from temoin.demo.shop import PAGES
from temoin.site import SiteConfig, parse_site, site_bytes

_SINKS = {host.id: f"http://{host.id}.test:8000" for host in TRACKER_HOSTS}


def _parsed() -> SiteConfig:
    return parse_site(orjson.dumps(boutique_config("http://shop.test:8000", _SINKS)), "boutique.json")


def test_the_seed_decodes_as_a_site_and_has_a_canonical_form() -> None:
    config = _parsed()
    assert config.site == "boutique"
    assert config.consent_purposes == ["audience", "ads", "personalisation", "video"]
    assert [purpose.exemption for purpose in config.purposes if purpose.basis == "exempt"] == [
        *("choice", "cart", "audience")
    ]
    assert site_bytes(config) == site_bytes(parse_site(site_bytes(config), "again.json"))


def test_every_text_of_the_seed_is_there_in_both_languages() -> None:
    config = _parsed()
    for purpose in config.purposes:
        assert set(purpose.title) == set(purpose.description) == {"fr", "en"}
    assert set(config.controller.policy_url) == {"fr", "en"}


def test_each_tracker_of_the_seed_matches_its_own_host_and_port_only() -> None:
    trackers = {tracker.id: tracker for tracker in _parsed().trackers}
    assert set(trackers) == {host.id for host in TRACKER_HOSTS} | {"temoin", "panier"}
    for host in TRACKER_HOSTS:
        assert trackers[host.id].match == [f"{host.id}.test:8000/*"]
        assert trackers[host.id].purposes == list(host.purposes)


@pytest.mark.parametrize("path", PAGES)
def test_the_markup_of_a_page_names_the_purposes_that_the_seed_gives_its_trackers(
    path: str, gated_demo: DemoServers
) -> None:
    with urllib.request.urlopen(gated_demo.shop_url + path) as answer:
        page = answer.read().decode()
    purposes = {host.id: " ".join(host.purposes) for host in TRACKER_HOSTS}
    named = re.findall(r'data-purpose="([a-z ]+)" data-src="(http://[^/"]+)', page)
    assert len(named) >= 6
    by_origin = {origin: host_id for host_id, origin in gated_demo.tracker_urls.items()}
    assert all(purpose == purposes[by_origin[origin]] for purpose, origin in named)


def test_host_names_can_be_chosen() -> None:
    demo = DemoServers(names=Names(shop="www.boutique.test", tracker="{id}.test"))
    demo.close()
    assert demo.shop_url.startswith("http://www.boutique.test:")
    assert demo.tracker_urls["posthog"].startswith("http://posthog.test:")
    assert demo.config()["origins"] == [demo.shop_url]
