"""Who may read a log: everybody where it is public, else a token of its site that may."""

from __future__ import annotations

from temoin.admin.tokens import LOG_READ, Tokens
from temoin.catalog import Catalog


class LogAccess:
    """Answers the proof plane: is this log public, and does this token open it?"""

    def __init__(self, catalog: Catalog, tokens: Tokens) -> None:
        self._catalog = catalog
        self._tokens = tokens

    async def is_public(self, site: str) -> bool:
        return (await self._catalog.site(site)).current.config.log_access == "public"

    async def allows(self, token: str, scope: str, site: str) -> bool:
        actor = await self._tokens.actor(token)
        return actor is not None and bool({scope, LOG_READ, "read"} & actor.acts_on(site))
