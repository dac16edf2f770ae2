"""PRF: proofs are kept as long as they serve, for a reason that is written down, and no longer.

GDPR Articles 5(1)(e), 7(1) and 17(3); EDPB Guidelines 05/2020, paragraphs 107 and 108. That a version is published with
its evidence, and that records hold no address and no full user agent, is the product's doing.
"""

from __future__ import annotations

from collections.abc import Iterator

from temoin.clock import at_most_months, parse_period
from temoin.compliance.rule import Draft, Problem, rule
from temoin.compliance.wording import says_nothing
from temoin.site import Retention

_FIVE_YEARS = 60
_TEN_YEARS = 120


@rule(
    "PRF-002",
    "error",
    "GDPR, Articles 5(1)(e) and 17(3)(e); EDPB Guidelines 05/2020, paragraph 107",
    "The retention of proofs has a reason, and the reason carries the period.",
    breaks={"proof_retention": {"period": "P8Y"}},
    keeps={"proof_retention": {"period": "P8Y", "reason": "Procédure en cours devant le tribunal de commerce."}},
)
def retention_has_a_reason(draft: Draft) -> Iterator[Problem]:
    retention = draft.config.proof_retention
    if says_nothing(retention.reason):
        yield Problem(
            "$.proof_retention.reason",
            "The reason for keeping proofs is blank or a placeholder.",
            "Name the claim or the legal duty that needs them.",
        )
    elif retention.reason == Retention().reason and not at_most_months(parse_period(retention.period), _FIVE_YEARS):
        yield Problem(
            "$.proof_retention.period",
            f"Proofs are kept {retention.period}; the reason given, civil limitation, carries five years.",
            "Set it to P5Y, or write the reason that carries more.",
        )


@rule(
    "PRF-004",
    "warning",
    "GDPR, Articles 5(1)(e) and 7(1); EDPB Guidelines 05/2020, paragraphs 106 and 107",
    "Proofs are kept between one year and ten years after the choice has ended.",
    breaks={"proof_retention": {"period": "P1M"}},
    keeps={"proof_retention": {"period": "P5Y"}},
)
def retention_is_reasonable(draft: Draft) -> Iterator[Problem]:
    period = parse_period(draft.config.proof_retention.period)
    if period.months * 30 + period.days < 360:
        yield Problem(
            "$.proof_retention.period",
            "Proofs are gone before most complaints arrive: consent could no longer be shown.",
            "Set it to P5Y, the limitation period of civil claims, or P1Y at least.",
        )
    elif not at_most_months(period, _TEN_YEARS):
        yield Problem(
            "$.proof_retention.period",
            "Proofs are kept longer than ten years.",
            "Shorten it to what the claim or the duty in the reason needs.",
        )


RULES = (retention_has_a_reason, retention_is_reasonable)
