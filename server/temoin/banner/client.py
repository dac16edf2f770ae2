"""What of a config version the SDK is told: the `ClientConfig` that is written into the script.

Names and texts of trackers are in the banner's tree; the config holds only what gates and deletes.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from publicsuffixlist import PublicSuffixList

from temoin.banner.known import held
from temoin.clock import parse_period
from temoin.site import ConfigVersion, SiteConfig, Tracker


def client_config(
    version: ConfigVersion, base: str, languages: Mapping[str, str], ui: Mapping[str, Any]
) -> dict[str, Any]:
    """The object that replaces the SDK's token.

    `languages` gives the hash of each language's file; `ui` is the banner in the default language.
    """
    config = version.config
    base = service_of(config, base)
    validity = parse_period(config.choice_validity)
    return {
        "site": version.site,
        "version": version.version,
        "base": base,
        "validity": [validity.months, validity.days],
        "domain": cookie_domain(config, base),
        "purposes": [
            {"id": purpose.id, "scope": config.scopes[purpose.id]}
            | ({"exempt": 1} if purpose.basis == "exempt" else {})
            for purpose in config.purposes
        ],
        "trackers": [_tracker(tracker) for tracker in config.trackers] + held(config, base),
        "gpc": config.signals.gpc,
        **_measure(config),
        "language": config.language,
        "languages": dict(languages),
        "ui": ui,
    }


def _measure(config: SiteConfig) -> dict[str, Any]:
    """What the script needs to measure; nothing where the site does not."""
    analytics = config.analytics
    if analytics.mode == "off":
        return {}
    return {
        "measure": {
            "purpose": analytics.consent_purpose,
            "search": analytics.search,
            "objections": analytics.objections,
        }
    }


def signals_of(config: SiteConfig) -> list[str]:
    """Names of the signals that a site has switched on: the files of `dist/signals` in the SDK, in the order told."""
    signals = config.signals
    used = {
        "google": signals.google_consent_mode == "basic",
        "uet": signals.uet,
        "clarity": any("clarity.ms" in pattern for tracker in config.trackers for pattern in tracker.match),
        "meta": signals.meta,
        "tiktok": signals.tiktok,
        "matomo": signals.matomo == "tracking",
        "matomo_cookies": signals.matomo == "cookies",
    }
    return [name for name, on in used.items() if on]


def service_of(config: SiteConfig, base: str) -> str:
    """Where the site's pages reach the service: at a host of the site's own if it names one, else at `base`."""
    return config.service_url or base


def plain_tag(config: SiteConfig, base: str) -> str:
    """The script tag as it is put first into the head."""
    return f'<script src="{script_address(config, base)}"></script>'


def script_address(config: SiteConfig, base: str) -> str:
    """Where the site's pages load its script from."""
    return f"{service_of(config, base)}/s/{config.site}.js"


def cookie_domain(config: SiteConfig, base: str) -> str | None:
    """The registrable domain that the service and one of the site's origins share, where their hosts differ.

    None for the same host (no Domain attribute is needed), for addresses and single-label names, for public suffixes,
    and where service and site share nothing: the browser would refuse such a cookie.
    """
    service = urlsplit(service_of(config, base)).hostname or ""
    domain = registrable_domain(service)
    hosts = [urlsplit(origin).hostname or "" for origin in config.origins]
    shared = any(host != service and registrable_domain(host) == domain for host in hosts)
    return domain if domain is not None and shared else None


def registrable_domain(host: str) -> str | None:
    """The public suffix of `host` and one label more (publicsuffix.org, private section too); None if it has none."""
    try:
        ip_address(host)
    except ValueError:
        domain: str | None = _suffixes().privatesuffix(host)
        return domain
    return None


def _tracker(tracker: Tracker) -> dict[str, Any]:
    return {
        "id": tracker.id,
        "purposes": tracker.purposes,
        "match": tracker.match,
        "cookies": [kept.name for kept in tracker.cookies],
        "storage": [kept.name for kept in tracker.storage],
    }


@cache
def _suffixes() -> PublicSuffixList:
    """The list that comes with the package; nothing is fetched."""
    return PublicSuffixList()
