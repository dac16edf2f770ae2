"""Which request shows that a tracker did its work on a page, not only that its script was fetched."""

from __future__ import annotations

from temoin.demo.received import Hit, Ledger

_EVENTS = {
    "posthog": ("POST", ("/e/", "/i/v0/e/")),
    "mixpanel": ("POST", ("/track/",)),
    "amplitude": ("POST", ("/2/httpapi",)),
    "segment": ("POST", ("/v1/p",)),
    "gtag": ("POST", ("/g/collect",)),
    "pixel": ("GET", ("/tr",)),
    "reco": ("POST", ("/v1/vues",)),
    "video": ("POST", ("/ping",)),
}
EVERYWHERE = [host for host in _EVENTS if host != "video"]


def trackers_on(path: str) -> list[str]:
    """Ids of the trackers that the shop's page at `path` carries."""
    return [*EVERYWHERE, "video"] if path == "/article" else EVERYWHERE


def events(ledger: Ledger, host: str) -> list[Hit]:
    """The requests by which `host` was told about the visitor."""
    method, paths = _EVENTS[host]
    return [hit for hit in ledger.hits(host) if hit.method == method and hit.path in paths]


def delivered(ledger: Ledger, hosts: list[str]) -> bool:
    """Whether each of `hosts` was told at least once."""
    return all(events(ledger, host) for host in hosts)
