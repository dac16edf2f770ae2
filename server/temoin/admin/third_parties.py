"""What is known of third parties on the web: the data of the npm package third-party-web (MIT), from the build.

It names companies, what their products are for and the hosts that they answer at. It knows no legal role, no contract
and no cookie: those are for the site's owner to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import orjson

from temoin.assets import folder

# What a category of the data usually serves, by the ids of the usual purposes.
_PURPOSES = {
    "ad": "ads",
    "analytics": "audience",
    "marketing": "ads",
    "social": "social",
    "video": "video",
    "customer-success": "support",
}
_MOST_MATCHES = 30


@dataclass(frozen=True, slots=True)
class ThirdParty:
    """A product as known: `match` is for a tracker's field of that name, `purpose` the id of a usual one or empty."""

    name: str
    company: str
    homepage: str
    category: str
    match: tuple[str, ...]
    purpose: str


def found(words: str, limit: int = 12) -> list[ThirdParty]:
    """Those whose name, company or host holds `words`; names that begin with it first. Empty for under two letters."""
    wanted = words.strip().lower().removeprefix("https://").removeprefix("http://").partition("/")[0]
    if len(wanted) < 2:
        return []
    ranked = [(rank, index) for index, party in enumerate(_all()) if (rank := _rank(party, wanted)) is not None]
    return [_all()[index] for _, index in sorted(ranked)[:limit]]


def named(name: str) -> ThirdParty | None:
    """The third party of exactly that name."""
    return next((party for party in _all() if party.name == name), None)


def _rank(party: ThirdParty, wanted: str) -> int | None:
    name = party.name.lower()
    if name.startswith(wanted):
        return 0
    if wanted in name or wanted in party.company.lower():
        return 1
    if any(wanted in pattern or _covers(pattern, wanted) for pattern in party.match):
        return 2
    return None


def _covers(pattern: str, host: str) -> bool:
    """Whether `*.example.com/*` is about the host `cdn.example.com`."""
    bare = pattern.removesuffix("/*")
    return bare.startswith("*.") and host.endswith(bare[1:])


@cache
def _all() -> tuple[ThirdParty, ...]:
    path = folder("third_parties") / "third_parties.json"
    return tuple(_party(entry) for entry in orjson.loads(path.read_bytes()))


def _party(entry: dict[str, object]) -> ThirdParty:
    domains = entry.get("domains")
    hosts = [str(host) for host in domains] if isinstance(domains, list) else []
    category = str(entry.get("category") or "")
    return ThirdParty(
        name=str(entry["name"]),
        company=str(entry.get("company") or entry["name"]),
        homepage=str(entry.get("homepage") or ""),
        category=category,
        match=tuple(f"{host}/*" for host in hosts[:_MOST_MATCHES]),
        purpose=_PURPOSES.get(category, ""),
    )
