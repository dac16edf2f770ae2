"""Third parties known of the web, held by category where a site asks for it: data of third-party-web (npm, MIT).

The data is that of this release. What the site lists among its trackers goes before (sdk/src/match.ts), and a host that
is the site's own, or the service's, is never held.
"""

from __future__ import annotations

from functools import cache
from typing import Any
from urllib.parse import urlsplit

import orjson

from temoin.assets import folder
from temoin.site import SiteConfig


def held(config: SiteConfig, base: str) -> list[dict[str, Any]]:
    """One tracker for each category that `config` holds, in the SDK's shape. `*` begins no id of a site's own."""
    own = [urlsplit(origin).hostname or "" for origin in (*config.origins, base)]
    return [
        {
            "id": f"*{category}",
            "purposes": [purpose],
            "match": [host for host in _hosts()[category] if not any(_covers(host, each) for each in own)],
            "cookies": [],
            "storage": [],
            "known": 1,
        }
        for category, purpose in sorted(config.third_parties.items())
    ]


def _covers(pattern: str, host: str) -> bool:
    """Whether `*.example.com`, or `example.com`, stands for `host`."""
    return f".{host}".endswith(f".{pattern.removeprefix('*.')}") if pattern.startswith("*.") else host == pattern


@cache
def _hosts() -> dict[str, list[str]]:
    """Host patterns by category, in the order of the data: the busiest first."""
    hosts: dict[str, list[str]] = {}
    for entry in orjson.loads((folder("third_parties") / "third_parties.json").read_bytes()):
        hosts.setdefault(str(entry.get("category")), []).extend(entry.get("domains") or [])
    return hosts
