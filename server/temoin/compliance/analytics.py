"""ANA: audience measurement without consent keeps every condition of its exemption.

CNIL, "Cookies: solutions for audience measurement tools", 4 July 2025; CNIL Guidelines 2020-091, Article 5; CNIL
Recommendation 2020-092, Article 5. City-level geolocation, discarded addresses and an opt-out that stops every read and
write are properties of what runs: they are tested on the product and cannot be seen in a configuration.
"""

from __future__ import annotations

from collections.abc import Iterator

from temoin.compliance.duration import exempt_audience
from temoin.compliance.examples import tracker
from temoin.compliance.hosts import REUSING, served_by
from temoin.compliance.rule import Draft, Patch, Problem, rule
from temoin.compliance.wording import plain
from temoin.site import SiteConfig, Tracker

_GUIDE = "CNIL, audience measurement, 4 July 2025"
_EXEMPT = {"id": "audience", "basis": "exempt", "exemption": "audience"}


def _exempt(*more: Patch, **changes: object) -> Patch:
    return {"purposes": [_EXEMPT, *more], **tracker(**changes)}


def _exempt_trackers(config: SiteConfig) -> Iterator[tuple[int, Tracker]]:
    exempt = exempt_audience(config)
    return ((index, item) for index, item in enumerate(config.trackers) if exempt & set(item.purposes))


@rule(
    "ANA-001",
    "error",
    f"{_GUIDE} (sole purpose); CNIL Guidelines 2020-091, Article 5",
    "A tracker of exempt measurement serves audience measurement and nothing else.",
    breaks=_exempt({"id": "ads"}, purposes=["audience", "ads"]),
    keeps=_exempt(),
)
def measurement_is_the_sole_purpose(draft: Draft) -> Iterator[Problem]:
    exempt = exempt_audience(draft.config)
    for index, item in _exempt_trackers(draft.config):
        others = [purpose for purpose in item.purposes if purpose not in exempt]
        if others:
            yield Problem(
                f"$.trackers[{index}].purposes",
                f"The tracker {item.id!r} serves {', '.join(others)} as well as exempt measurement.",
                "Ask for consent to all of it, or use a tracker that only measures audience.",
            )


@rule(
    "ANA-002",
    "error",
    f"{_GUIDE} (no transmission to third parties); LINC developer guide, sheet 17",
    "Exempt measurement gives what it collects to nobody.",
    breaks=_exempt(recipients=["Regie SA"]),
    keeps=_exempt(recipients=[]),
)
def measurement_stays_in_the_house(draft: Draft) -> Iterator[Problem]:
    for index, item in _exempt_trackers(draft.config):
        if item.recipients:
            yield Problem(
                f"$.trackers[{index}].recipients",
                f"The tracker {item.id!r} of exempt measurement passes data on to {', '.join(item.recipients)}.",
                "Stop passing it on, or ask for consent.",
            )


@rule(
    "ANA-003",
    "error",
    f"{_GUIDE} (no cross-site following, no reuse by the provider); GDPR, Article 28",
    "Who measures audience without consent is the site itself or its processor.",
    breaks=_exempt(role="controller", policy_url="https://mesure.example/p"),
    keeps=_exempt(role="processor"),
)
def measurement_is_on_behalf_of_the_site(draft: Draft) -> Iterator[Problem]:
    own = plain(draft.config.controller.name)
    for index, item in _exempt_trackers(draft.config):
        if item.role != "processor" and plain(item.controller) != own:
            yield Problem(
                f"$.trackers[{index}].role",
                f"{item.controller!r} uses the measurement of {item.id!r} for itself: that is not exempt.",
                "Have it measure as your processor only, or ask for consent.",
            )


@rule(
    "ANA-004",
    "warning",
    f"{_GUIDE} (information of visitors); CNIL Recommendation 2020-092, Article 5",
    "Visitors are told of exempt measurement, in the list of purposes.",
    breaks={"analytics": {"mode": "exempt"}},
    keeps={
        "analytics": {"mode": "exempt"},
        "purposes": [{"id": "audience"}, {"id": "statistics", "basis": "exempt", "exemption": "audience"}],
    },
)
def measurement_is_told(draft: Draft) -> Iterator[Problem]:
    if draft.config.analytics.mode == "exempt" and not exempt_audience(draft.config):
        yield Problem(
            "$.analytics.mode",
            "Exempt measurement is on, and no purpose tells visitors of it.",
            'Add the purpose {"id": "statistics", "basis": "exempt", "exemption": "audience"}.',
        )


@rule(
    "ANA-007",
    "error",
    f"{_GUIDE} (no reuse by the provider); LINC developer guide, sheet 17",
    "A service whose owner uses the data for itself is never exempt.",
    breaks=_exempt(match=["www.googletagmanager.com/gtag/js*"]),
    keeps=_exempt(match=["cdn.mesure.example/*"]),
)
def reusing_services_are_not_exempt(draft: Draft) -> Iterator[Problem]:
    exempt = {purpose.id for purpose in draft.config.purposes if purpose.basis == "exempt"}
    for index, item in enumerate(draft.config.trackers):
        found = served_by(item, REUSING)
        if found and exempt.issuperset(item.purposes):
            yield Problem(
                f"$.trackers[{index}].match[{found[0]}]",
                f"{found[1]!r} belongs to a service whose owner uses the data for itself: it needs consent.",
                "Put the tracker under a purpose that asks for consent.",
            )


@rule(
    "ANA-008",
    "error",
    f"{_GUIDE} (sole purpose: no measurement of campaigns without consent)",
    "Campaigns are measured under a purpose that asks for consent.",
    breaks={
        "analytics": {"mode": "exempt", "consent_purpose": "statistics"},
        "purposes": [{"id": "audience"}, {"id": "statistics", "basis": "exempt", "exemption": "audience"}],
    },
    keeps={
        "analytics": {"mode": "exempt", "consent_purpose": "audience"},
        "purposes": [{"id": "audience"}, {"id": "statistics", "basis": "exempt", "exemption": "audience"}],
    },
)
def campaigns_wait_for_consent(draft: Draft) -> Iterator[Problem]:
    purpose = draft.config.analytics.consent_purpose
    if purpose and purpose not in draft.config.consent_purposes:
        yield Problem(
            "$.analytics.consent_purpose",
            f"{purpose!r} is no purpose of this site that asks for consent.",
            "Name one that does, or leave it empty and measure no campaigns.",
        )


RULES = (
    measurement_is_the_sole_purpose,
    measurement_stays_in_the_house,
    measurement_is_on_behalf_of_the_site,
    measurement_is_told,
    reusing_services_are_not_exempt,
    campaigns_wait_for_consent,
)
