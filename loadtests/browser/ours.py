"""Our own rows: a real service with the shop published, and a page with its tag on another origin."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from loadtests.browser.offer import Peer
from tests.banner.boutique import BOUTIQUE
from tests.service_process import Service

from temoin import __version__

PLAIN = f"temoin {__version__}"
DEFERRED = f"{PLAIN}, deferred"


@contextmanager
def ours(folder: Path, origin: str) -> Iterator[list[Peer]]:
    """The service runs until the block is left; `origin` is where the pages are."""
    service = Service(folder / "data").start()
    try:
        service.publish(_shop(origin))
        tags = [service.must("site", "tag", "boutique", *form).strip() for form in ((), ("--deferred",))]
        yield [_peer(PLAIN, tags[0]), _peer(DEFERRED, tags[1])]
    finally:
        service.stop()


def _shop(origin: str) -> dict[str, Any]:
    """The shop in English, with what the linter asks for besides: the contracts' names, which no visitor loads."""
    trackers = [{"agreement": f"DPA-{each['id']}", **each} for each in BOUTIQUE["trackers"]]
    controller = {**BOUTIQUE["controller"], "policy_url": {"en": f"{origin}/privacy"}}
    return BOUTIQUE | {"origins": [origin], "languages": ["en"], "controller": controller, "trackers": trackers}


def _peer(name: str, head: str) -> Peer:
    return Peer(
        name,
        head,
        ["temoin-banner", "[data-t=banner]"],
        "temoin-banner [data-t=refuse]",
        "temoin-banner [data-t=banner] [data-t=choose]",
    )
