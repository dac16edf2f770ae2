"""Who takes part in what a visitor decided on: the site's controller and the companies behind its trackers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from temoin.site import Purpose, SiteConfig, Tracker


@dataclass(frozen=True, slots=True)
class Party:
    """`role` is that of a tracker (`processor`, `joint_controller`, `controller`), or `site` for the site's own.

    `address` is known for the site's controller alone; `policy_url` may be missing for the others.
    """

    id: str
    name: str
    role: str
    address: str | None
    contact: str | None
    policy_url: str | None


def site_party(config: SiteConfig, language: str) -> Party:
    """The site's controller (GDPR 4(7))."""
    who = config.controller
    return Party("site", who.name, "site", who.address, who.contact, in_language(who.policy_url, config, language))


def tracker_party(tracker: Tracker, config: SiteConfig, language: str) -> Party:
    """The company behind a tracker; it is the site's own where both have one name."""
    if tracker.controller == config.controller.name:
        return site_party(config, language)
    return Party(
        tracker.id, tracker.controller, tracker.role, None, None, in_language(tracker.policy_url, config, language)
    )


def trackers_of(config: SiteConfig, purpose: Purpose) -> list[Tracker]:
    """The trackers that serve a purpose, in the configuration's order."""
    return [tracker for tracker in config.trackers if purpose.id in tracker.purposes]


def in_language(texts: str | Mapping[str, str] | None, config: SiteConfig, language: str) -> str | None:
    """A text for `language`, else for its main language, the site's default, or any that there is."""
    if texts is None or isinstance(texts, str):
        return texts
    for name in (language, language.partition("-")[0], config.language):
        if name in texts:
            return texts[name]
    return next(iter(texts.values()), None)
