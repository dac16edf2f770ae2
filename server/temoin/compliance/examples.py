"""The smallest configuration without a finding, and what the rules' examples change in it (RFC 7396 merge patches)."""

from __future__ import annotations

from typing import Any

import msgspec

from temoin.compliance.rule import Patch
from temoin.site import SiteConfig

MINIMAL: Patch = {
    "site": "boutique",
    "origins": ["https://www.boutique.example"],
    "controller": {
        "name": "Boutique SARL",
        "address": "1 rue de la Paix, 75002 Paris, France",
        "contact": "vie-privee@boutique.example",
        "policy_url": {"fr": "https://www.boutique.example/confidentialite"},
    },
    "choice_validity": "P6M",
    "purposes": [{"id": "audience"}],
    "trackers": [
        {
            "id": "mesure",
            "name": "Mesure",
            "controller": "Mesure SAS",
            "role": "processor",
            "agreement": "DPA 2026-03",
            "purposes": ["audience"],
            "match": ["cdn.mesure.example/*"],
            "cookies": [{"name": "_mes", "max_age": "P6M"}],
        }
    ],
}


def example(patch: Patch) -> SiteConfig:
    """`MINIMAL` with `patch` merged into it."""
    return msgspec.convert(merged(MINIMAL, patch), SiteConfig)


def tracker(**changes: Any) -> Patch:
    """A patch that changes the one tracker of `MINIMAL`."""
    return {"trackers": [merged(MINIMAL["trackers"][0], changes)]}


def merged(target: Any, patch: Any) -> Any:
    """`patch` merged into `target` as RFC 7396 has it: objects member by member, null removes, the rest replaces."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merged(result.get(name), value)
    return result
