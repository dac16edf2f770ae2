"""Administrative acts on the record: each is a `temoin.act/1` entry of the site's log.

An act is appended before it takes effect: a crash between leaves an entry for what was not done, never the reverse. A
site's log begins with its first publication, which nothing can be undone without; what is done to a draft before that
leaves no entry. Entries name accounts and tokens by their random ids.
"""

from __future__ import annotations

from typing import Any

from temoin.admin.ports import SiteStore
from temoin.admin.rights import EVERY_SITE
from temoin.clock import SystemClock
from temoin.proof.append import Appender
from temoin.proof.document import FinishedDraft, act


class Journal:
    """Notes acts; `*` notes in the log of every published site."""

    def __init__(self, sites: SiteStore, appender: Appender, clock: SystemClock) -> None:
        self._sites = sites
        self._appender = appender
        self._clock = clock

    async def note(self, site: str, name: str, actor: str, detail: dict[str, Any]) -> None:
        """Durable when it returns. `detail` is plain JSON that names no person and holds no secret."""
        rows = await self._sites.sites() if site == EVERY_SITE else [await self._sites.site(site)]
        for row in rows:
            if row is not None and row.version is not None:
                entry = act(row.id, name, actor, detail, self._clock.now())
                await self._appender.append(FinishedDraft(row.id, entry))
