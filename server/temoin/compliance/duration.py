"""DUR: how long a tracker stays, and how long a choice holds, in calendar months.

CNIL Recommendation 2020-092, paragraphs 38 and 39 (choices) and Article 5 (exempt measurement); GDPR Article 5(1)(e).
That no visit moves an expiry date and that accepting and refusing last alike is the product's doing.
"""

from __future__ import annotations

from collections.abc import Iterator

from temoin.clock import at_most_months, parse_period
from temoin.compliance.examples import tracker
from temoin.compliance.rule import Draft, Problem, rule
from temoin.site import SiteConfig, Tracker

MAXIMUM_MONTHS = 13
RECOMMENDED_MONTHS = 6
_LEAST_DAYS = 180


def exempt_audience(config: SiteConfig) -> frozenset[str]:
    """Ids of the purposes that are exempt as audience measurement."""
    return frozenset(
        purpose.id for purpose in config.purposes if purpose.basis == "exempt" and purpose.exemption == "audience"
    )


def lifetimes(item: Tracker) -> Iterator[tuple[str, str, str]]:
    """Path under the tracker, name and `max_age` of all that it keeps."""
    for part, kept in (("cookies", item.cookies), ("storage", item.storage)):
        for index, each in enumerate(kept):
            yield f"{part}[{index}].max_age", each.name, each.max_age


def _lasts_at_most(max_age: str, months: int) -> bool:
    return max_age == "session" or at_most_months(parse_period(max_age), months)


@rule(
    "DUR-001",
    "error",
    "CNIL Recommendation 2020-092, Article 5",
    "A tracker of exempt audience measurement lasts at most thirteen months.",
    breaks={
        "purposes": [{"id": "audience", "basis": "exempt", "exemption": "audience"}],
        **tracker(cookies=[{"name": "_mes", "max_age": "P14M"}]),
    },
    keeps={
        "purposes": [{"id": "audience", "basis": "exempt", "exemption": "audience"}],
        **tracker(cookies=[{"name": "_mes", "max_age": "P13M"}]),
    },
)
def exempt_trackers_are_short(draft: Draft) -> Iterator[Problem]:
    exempt = exempt_audience(draft.config)
    for index, item in enumerate(draft.config.trackers):
        for path, name, max_age in lifetimes(item) if exempt & set(item.purposes) else ():
            if not _lasts_at_most(max_age, MAXIMUM_MONTHS):
                yield Problem(
                    f"$.trackers[{index}].{path}",
                    f"{name!r} of exempt measurement lasts {max_age}, longer than thirteen months.",
                    "Set it to P13M or less, in the tracker too, and never extend it on a visit.",
                )


@rule(
    "DUR-004",
    "error",
    "CNIL deliberation 2013-378, Article 2; CNIL Recommendation 2020-092, paragraph 39",
    "A choice is asked again after thirteen calendar months at most.",
    breaks={"choice_validity": "P14M"},
    keeps={"choice_validity": "P6M"},
)
def choice_ends_in_thirteen_months(draft: Draft) -> Iterator[Problem]:
    if not _lasts_at_most(draft.config.choice_validity, MAXIMUM_MONTHS):
        yield Problem(
            "$.choice_validity",
            f"A choice holds {draft.config.choice_validity}, longer than thirteen calendar months.",
            "Set it to P13M or less; the CNIL recommends P6M.",
        )


@rule(
    "DUR-005",
    "warning",
    "CNIL Recommendation 2020-092, paragraph 39",
    "A choice, acceptance and refusal alike, is kept six months, as the CNIL recommends.",
    breaks={"choice_validity": "P13M"},
    keeps={"choice_validity": "P6M"},
)
def choice_ends_in_six_months(draft: Draft) -> Iterator[Problem]:
    validity = draft.config.choice_validity
    if _lasts_at_most(validity, MAXIMUM_MONTHS) and not _lasts_at_most(validity, RECOMMENDED_MONTHS):
        yield Problem(
            "$.choice_validity",
            f"A choice holds {validity}; the CNIL recommends six months.",
            "Set it to P6M, or note why your visitors expect longer.",
        )


@rule(
    "DUR-006",
    "warning",
    "GDPR, Article 5(1)(e); CJEU C-673/17 (Planet49), paragraph 81; CNIL Recommendation 2020-092, Article 5",
    "What a tracker keeps does not outlast the longest consent, thirteen months.",
    breaks=tracker(cookies=[{"name": "_mes", "max_age": "P2Y"}]),
    keeps=tracker(cookies=[{"name": "_mes", "max_age": "P13M"}]),
)
def trackers_do_not_outlast_consent(draft: Draft) -> Iterator[Problem]:
    exempt = exempt_audience(draft.config)
    for index, item in enumerate(draft.config.trackers):
        for path, name, max_age in lifetimes(item) if not exempt & set(item.purposes) else ():
            if not _lasts_at_most(max_age, MAXIMUM_MONTHS):
                yield Problem(
                    f"$.trackers[{index}].{path}",
                    f"{name!r} stays {max_age}, longer than any consent to it holds.",
                    "Shorten it in the tracker's own settings and here, where they allow.",
                )


@rule(
    "DUR-007",
    "warning",
    "CNIL Recommendation 2020-092, paragraphs 38 and 39; EDPB Guidelines 03/2022 (continuous prompting)",
    "Visitors who refused are left alone for about six months.",
    breaks={"choice_validity": "P1M"},
    keeps={"choice_validity": "P180D"},
)
def refusals_are_left_alone(draft: Draft) -> Iterator[Problem]:
    period = parse_period(draft.config.choice_validity)
    if period.months * 30 + period.days < _LEAST_DAYS:
        yield Problem(
            "$.choice_validity",
            f"A choice holds {draft.config.choice_validity} only: those who refused are soon asked again.",
            "Set it to P6M.",
        )


RULES = (
    exempt_trackers_are_short,
    choice_ends_in_thirteen_months,
    choice_ends_in_six_months,
    trackers_do_not_outlast_consent,
    refusals_are_left_alone,
)
