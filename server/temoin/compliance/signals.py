"""GCM and UET: advertising tags are told of a refusal, and told before they run.

Google's consent mode and EU user consent policy; Microsoft's UET consent mode: contracts of the industry, not law. The
product only knows the basic mode: everything denied first, tags held until a choice, one update for each.
"""

from __future__ import annotations

from collections.abc import Iterator

from temoin.compliance.examples import tracker
from temoin.compliance.hosts import GOOGLE_TAGS, UET, served_by
from temoin.compliance.rule import Draft, Problem, rule


@rule(
    "GCM-003",
    "warning",
    "Google, consent mode (basic) and EU user consent policy",
    "With Google's tags among the trackers, Google is told of each choice.",
    breaks=tracker(match=["www.googletagmanager.com/gtag/js*"]),
    keeps={**tracker(match=["www.googletagmanager.com/gtag/js*"]), "signals": {"google_consent_mode": "basic"}},
)
def google_is_told(draft: Draft) -> Iterator[Problem]:
    if draft.config.signals.google_consent_mode == "off":
        for item in draft.config.trackers:
            if served_by(item, GOOGLE_TAGS):
                yield Problem(
                    "$.signals.google_consent_mode",
                    f"The tracker {item.id!r} is Google's, and Google is not told of choices.",
                    "Set it to basic: all is denied first, and tags are held until a choice.",
                )
                return


@rule(
    "UET-001",
    "warning",
    "Microsoft Advertising, UET consent mode",
    "With Microsoft's UET among the trackers, Microsoft is told of each choice.",
    breaks=tracker(match=["bat.bing.com/*"]),
    keeps={**tracker(match=["bat.bing.com/*"]), "signals": {"uet": True}},
)
def microsoft_is_told(draft: Draft) -> Iterator[Problem]:
    if not draft.config.signals.uet:
        for item in draft.config.trackers:
            if served_by(item, UET):
                yield Problem(
                    "$.signals.uet",
                    f"The tracker {item.id!r} is Microsoft's UET, and Microsoft is not told of choices.",
                    "Set it to true.",
                )
                return


RULES = (google_is_told, microsoft_is_told)
