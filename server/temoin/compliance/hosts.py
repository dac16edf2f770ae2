"""Hosts whose owners are known to use what they collect for themselves, or to set terms of their own.

A short list for rules that name these companies: recognising trackers in general is not its work. A pattern of a
tracker's `match` belongs to a host when it ends in it.
"""

from __future__ import annotations

from temoin.site import Tracker

GOOGLE_TAGS = (
    "googletagmanager.com",
    "google-analytics.com",
    "analytics.google.com",
    "doubleclick.net",
    "googleadservices.com",
    "googlesyndication.com",
)
UET = ("bat.bing.com", "bat.bing.net")

# Companies that decide jointly with the site about what their tag collects.
JOINT = {
    "facebook.net": "Meta (CJEU C-40/17, Fashion ID)",
    "facebook.com": "Meta (CJEU C-40/17, Fashion ID)",
    "licdn.com": "LinkedIn (its joint controller addendum)",
    "ads.linkedin.com": "LinkedIn (its joint controller addendum)",
    "analytics.tiktok.com": "TikTok (its joint controller terms)",
}

# Never exempt: used by their owners for their own ends, or for advertising, in their default settings.
REUSING = (
    *GOOGLE_TAGS,
    *UET,
    *JOINT,
    "clarity.ms",
    "ads-twitter.com",
    "pinimg.com",
    "ct.pinterest.com",
    "sc-static.net",
    "criteo.com",
    "criteo.net",
    "taboola.com",
    "outbrain.com",
    "mc.yandex.ru",
    "hotjar.com",
)


def served_by(item: Tracker, hosts: tuple[str, ...]) -> tuple[int, str] | None:
    """Index and text of the first pattern of the tracker that lies on one of `hosts`."""
    for index, pattern in enumerate(item.match):
        host = host_of(pattern)
        if any(host == known or host.endswith(f".{known}") for known in hosts):
            return index, pattern
    return None


def host_of(pattern: str) -> str:
    """The host of a pattern, without scheme, port, or the `*` that it begins with: `*.a.example/x` has a.example."""
    host = pattern.lower().partition("://")[2] or pattern.lower()
    return host.partition("/")[0].partition(":")[0].lstrip("*").lstrip(".")
