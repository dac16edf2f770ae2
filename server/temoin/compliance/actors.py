"""ACT: each company behind a tracker has a role, and the contract that goes with it.

GDPR Articles 26 and 28; CNIL Guidelines 2020-091, Article 3; CJEU C-40/17 (Fashion ID).
"""

from __future__ import annotations

from collections.abc import Iterator

from temoin.compliance.examples import tracker
from temoin.compliance.hosts import JOINT, host_of, served_by
from temoin.compliance.rule import Draft, Problem, rule
from temoin.compliance.wording import plain, says_nothing


@rule(
    "ACT-001",
    "error",
    "GDPR, Articles 26(1) and 28(3); CNIL Guidelines 2020-091, Article 3",
    "A processor has a contract, a joint controller an arrangement, and its reference is given.",
    breaks=tracker(agreement=""),
    keeps=tracker(agreement="DPA 2026-03"),
)
def roles_have_agreements(draft: Draft) -> Iterator[Problem]:
    own = plain(draft.config.controller.name)
    for index, item in enumerate(draft.config.trackers):
        if item.role == "controller" or plain(item.controller) == own:
            continue
        if says_nothing(item.agreement):
            article = "28" if item.role == "processor" else "26"
            yield Problem(
                f"$.trackers[{index}].agreement",
                f"{item.controller!r} is a {item.role.replace('_', ' ')} and no agreement is named.",
                f"Give the reference of the contract that Article {article} of the GDPR asks for.",
            )


@rule(
    "ACT-002",
    "warning",
    "CJEU C-40/17 (Fashion ID), paragraphs 74 to 85; GDPR, Article 26",
    "A company that decides jointly with the site is declared a joint controller.",
    breaks=tracker(match=["connect.facebook.net/*"]),
    keeps=tracker(match=["connect.facebook.net/*"], role="joint_controller", policy_url="https://mesure.example/p"),
)
def joint_controllers_are_declared(draft: Draft) -> Iterator[Problem]:
    for index, item in enumerate(draft.config.trackers):
        found = served_by(item, tuple(JOINT))
        if found and item.role != "joint_controller":
            host = host_of(found[1])
            company = next(name for known, name in JOINT.items() if host == known or host.endswith(f".{known}"))
            yield Problem(
                f"$.trackers[{index}].role",
                f"The tracker {item.id!r} is served by {company}, which decides jointly with you.",
                "Set role to joint_controller and name the arrangement, or note why it is not one.",
            )


RULES = (roles_have_agreements, joint_controllers_are_declared)
