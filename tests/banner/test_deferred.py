"""What the deferred form's inline script waits for: an expression of a site's trackers, tried in Node."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
from datetime import UTC, datetime
from typing import Any

import brotli
import pytest

from temoin.banner import deferred
from temoin.banner.version import freeze, load
from temoin.site import SiteConfig, parse_site
from tests.banner.boutique import boutique
from tests.made import site_config

BASE = "https://consent.shop.test"


def site(*match: str, **changes: Any) -> SiteConfig:
    made = site_config(origins=["https://www.shop.test"], **changes)
    made["trackers"][0] |= {"match": list(match), "cookies": [{"name": "_m*", "max_age": "P6M"}]}
    made["trackers"][1] |= {"match": [], "cookies": [{"name": "pixel", "max_age": "P6M"}]}
    return parse_site(json.dumps(made).encode(), "boutique.json")


def waiting(config: SiteConfig, *texts: str) -> list[str]:
    """Those of the texts that the expression in the inline script matches, in Node."""
    (expression,) = re.findall(r"/\[.*?/i(?=\.test)|/\^.*?/i(?=\.test)", deferred.inline(config, BASE))
    program = f"console.log(JSON.stringify({json.dumps(texts)}.filter((text) => {expression}.test(text))))"
    done = subprocess.run(["node", "-e", program], capture_output=True, text=True, check=True)
    found: list[str] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize(
    ("pattern", "waits", "passes"),
    [
        (
            "t.test",
            ["//t.test", "https://T.test/x", "http://a.t.test:8080/", "https:\\\\t.test"],
            ["//tt.test", "/test"],
        ),
        ("*.t.test/collect*", ["https://x.t.test/other", "<img src='//t.test'>"], ["https://t.test.own", "t.test"]),
        ("www.t.test", ["https://t.test/"], ["https://test/"]),
        ("cdn*.t.test", ["https://cdn7.t.test/"], ["https://t.test/"]),
        ("t.test:8443", ["https://t.test:8443/", "https://t.test/"], []),
    ],
)
def test_an_address_of_a_tracker_waits(pattern: str, waits: list[str], passes: list[str]) -> None:
    assert waiting(site(pattern), *waits, *passes) == waits


def test_a_tracker_behind_the_sites_own_host_is_told_by_its_path() -> None:
    config = site("www.shop.test/stats/*")
    waits = ["/stats/hit", "https://www.shop.test/stats/hit", "//www.shop.test:443/stats/"]
    assert waiting(config, *waits, "/shop", "https://www.shop.test/", "https://www.shop.test/a?b=/stats/") == waits


def test_cookies_and_keys_wait_by_their_names() -> None:
    waits = ["_m=1", "_m_x=1; Path=/", " pixel=1", "pixel"]
    assert waiting(site("t.test"), *waits, "a_m=1", "pixels=1", "own=_m") == waits


def test_what_an_exempt_purpose_keeps_does_not_wait() -> None:
    made = site_config()
    made["trackers"][0] |= {"purposes": ["cart"]}
    config = parse_site(json.dumps(made).encode(), "boutique.json")
    assert waiting(config, "https://stats.test/", "_stats=1", "https://ads.test/") == ["https://ads.test/"]


def test_with_known_third_parties_whatever_is_not_the_sites_own_waits() -> None:
    config = site("t.test", third_parties={"ad": "ads"})
    own = ["https://www.shop.test/a", "//consent.shop.test/s/boutique.js", "/own"]
    assert waiting(config, "https://anything.test/", *own, "https://www.shop.test.evil.test/") == [
        "https://anything.test/",
        "https://www.shop.test.evil.test/",
    ]


def test_nothing_of_a_site_can_end_the_script_element() -> None:
    made = site_config()
    made["trackers"][0]["storage"] = [{"name": "</script><!--\u2028é/[x]", "max_age": "P6M"}]
    config = parse_site(json.dumps(made).encode(), "boutique.json")
    text = deferred.inline(config, BASE)
    assert "</" not in text
    assert "<!--" not in text
    assert text.isascii()
    assert waiting(config, "</script><!--\u2028é/[x]") == ["</script><!--\u2028é/[x]"]


def test_the_hash_for_a_policy_is_that_of_what_stands_between_the_tags() -> None:
    config = site("t.test")
    (inside,) = re.findall("<script>(.*?)</script>", deferred.tags(config, BASE), re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(inside.encode()).digest()).decode()
    assert deferred.csp_hash(config, BASE) == f"'sha256-{digest}'"


def test_it_is_about_one_kilobyte_with_ten_trackers() -> None:
    config = boutique(default_language="en")
    version = load(config.site, freeze(config), datetime(2026, 11, 22, tzinfo=UTC))
    size = len(brotli.compress(deferred.inline(version.config, BASE).encode(), quality=11))
    assert size <= 1_050, f"{size} bytes of brotli"
