"""What every page offers: the purposes and trackers of one shop in English, and the shape of a row of the table."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from loadtests.browser.pages import page
from tests.banner.boutique import BOUTIQUE

from temoin.banner.texts import locale

TEXT = locale("en")


@dataclass(frozen=True, slots=True)
class Peer:
    """One row of the table. Selectors are lists: each is looked for in the shadow root of what the one before found."""

    name: str
    head: str
    banner: list[str]
    refuse: str = ""
    choose: str = ""
    gates: bool = True
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def folder(self) -> str:
        return f"/{re.sub(r'[^a-z0-9]+', '-', self.name.lower())}/"

    @property
    def page(self) -> bytes:
        return page(self.head).encode()


def purposes() -> list[tuple[str, str, str, bool]]:
    """Id, title, description, and whether it asks."""
    return [
        (
            each["id"],
            TEXT[f"purpose.{each['id']}.title"],
            TEXT[f"purpose.{each['id']}.description"],
            each.get("basis") != "exempt",
        )
        for each in BOUTIQUE["purposes"]
    ]


def trackers(purpose: str) -> list[dict[str, Any]]:
    """The trackers that stand under a purpose; each stands under its first."""
    return [each for each in BOUTIQUE["trackers"] if each["purposes"][0] == purpose]
