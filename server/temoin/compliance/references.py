"""STR, continued: what a tracker names (hosts, cookies, keys) is the tracker's, and not the page's or Témoin's own.

Too wide a pattern blocks the page itself, or deletes on withdrawal the cookie that remembers the refusal.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from temoin.compliance.examples import tracker
from temoin.compliance.rule import Draft, Problem, rule
from temoin.site import Kept

# First-party names that the product itself keeps (CONTRACT section 4).
_OWN = "temoin"
_PAGES = ("/", "/index.html", "/app.js", "/style.css")


def _matches(pattern: str, text: str) -> bool:
    """`*` stands for any characters, none included."""
    return re.fullmatch(".*".join(re.escape(part) for part in re.split(r"\*+", pattern)), text) is not None


def _catches(pattern: str, host: str) -> bool:
    """Whether the pattern catches the pages, scripts and styles of a site on `host`, rather than one path there."""
    if "/" not in pattern and _matches(pattern, host):
        return True
    return any(_matches(pattern, host + page) for page in _PAGES)


@rule(
    "STR-011",
    "error",
    "CNIL Guidelines 2020-091, Article 2: the page works for those who refuse",
    "No pattern of a tracker catches the site's own pages.",
    breaks=tracker(match=["*"]),
    keeps=tracker(match=["*.mesure.example", "www.boutique.example/mesure/*"]),
)
def patterns_spare_the_site(draft: Draft) -> Iterator[Problem]:
    hosts = {urlsplit(origin).hostname or "" for origin in draft.config.origins}
    hosts |= {origin.partition("://")[2] for origin in draft.config.origins}
    for index, item in enumerate(draft.config.trackers):
        for which, pattern in enumerate(item.match):
            caught = sorted(host for host in hosts if _catches(pattern.lower(), host))
            if caught:
                yield Problem(
                    f"$.trackers[{index}].match[{which}]",
                    f"The pattern {pattern!r} catches the pages of {caught[0]}: they would be blocked.",
                    "Name the tracker's own host, or its path on yours.",
                )


@rule(
    "STR-012",
    "error",
    "GDPR, Article 7(1) and 7(3): a refusal must be remembered",
    "No tracker that needs consent claims the cookie or the key in which Témoin remembers the choice.",
    breaks=tracker(cookies=[{"name": "*"}]),
    keeps=tracker(cookies=[{"name": "_mes*"}]),
)
def own_names_are_spared(draft: Draft) -> Iterator[Problem]:
    exempt = {purpose.id for purpose in draft.config.purposes if purpose.basis == "exempt"}
    for index, item in enumerate(draft.config.trackers):
        if exempt.issuperset(item.purposes):
            continue  # never cleaned up: this is how a site lists Témoin's own cookie among what it keeps
        kept: tuple[tuple[str, list[Kept]], ...] = (("cookies", item.cookies), ("storage", item.storage))
        for part, names in kept:
            for which, each in enumerate(names):
                if _matches(each.name, _OWN):
                    yield Problem(
                        f"$.trackers[{index}].{part}[{which}].name",
                        f"{each.name!r} covers {_OWN!r}, which remembers the choice: withdrawing would delete it.",
                        "Name only what this tracker keeps.",
                    )


@rule(
    "STR-013",
    "warning",
    "CNIL Guidelines 2020-091, Article 2: an exact list of trackers",
    "Each tracker can be recognised by a pattern, a cookie or a key.",
    breaks=tracker(match=[], cookies=[]),
    keeps=tracker(match=["cdn.mesure.example/*"]),
)
def trackers_can_be_recognised(draft: Draft) -> Iterator[Problem]:
    for index, item in enumerate(draft.config.trackers):
        if not (item.match or item.cookies or item.storage):
            yield Problem(
                f"$.trackers[{index}]",
                f"Nothing tells the tracker {item.id!r}: it can be neither held back nor cleaned up by itself.",
                "Add the hosts that it is loaded from to match, and what it keeps to cookies and storage.",
            )


@rule(
    "STR-014",
    "error",
    "Configuration format (docs/configuration.md)",
    "A pattern is a host, or a host and a path, that can match.",
    breaks=tracker(match=["https://cdn.mesure.example/*"]),
    keeps=tracker(match=["cdn.mesure.example/*"]),
)
def patterns_can_match(draft: Draft) -> Iterator[Problem]:
    for index, item in enumerate(draft.config.trackers):
        for which, pattern in enumerate(item.match):
            if "://" in pattern or pattern.startswith("/") or re.search(r"[\s?#]", pattern.partition("/")[0]):
                yield Problem(
                    f"$.trackers[{index}].match[{which}]",
                    f"The pattern {pattern!r} matches nothing: it is neither a host nor a host and a path.",
                    "Write it as www.example.com/path*, without a scheme.",
                )


@rule(
    "STR-015",
    "warning",
    "Configuration format (docs/configuration.md)",
    "A pattern belongs to one tracker.",
    breaks={
        "trackers": [
            tracker()["trackers"][0],
            tracker(id="autre", name="Autre")["trackers"][0],
        ]
    },
    keeps=tracker(),
)
def patterns_belong_to_one(draft: Draft) -> Iterator[Problem]:
    owners: dict[str, str] = {}
    for index, item in enumerate(draft.config.trackers):
        for which, pattern in enumerate(item.match):
            owner = owners.setdefault(pattern.lower(), item.id)
            if owner != item.id:
                yield Problem(
                    f"$.trackers[{index}].match[{which}]",
                    f"The pattern {pattern!r} is the tracker {owner!r}'s too: a request could be either.",
                    "Make the patterns differ, or make one tracker with both purposes.",
                )


@rule(
    "STR-016",
    "error",
    "Configuration format (docs/configuration.md)",
    "A category of third parties waits for a purpose that visitors decide on.",
    breaks={"third_parties": {"ad": "ads"}},
    keeps={"third_parties": {"analytics": "audience"}},
)
def categories_wait_for_a_purpose(draft: Draft) -> Iterator[Problem]:
    for category, purpose in draft.config.third_parties.items():
        if purpose not in draft.config.consent_purposes:
            yield Problem(
                f"$.third_parties.{category}",
                f"The category {category!r} waits for {purpose!r}, which is no purpose that visitors decide on.",
                "Name one of the purposes whose basis is consent.",
            )


RULES = (
    patterns_spare_the_site,
    own_names_are_spared,
    trackers_can_be_recognised,
    patterns_can_match,
    patterns_belong_to_one,
    categories_wait_for_a_purpose,
)
