"""Accounts, roles and tokens as somebody changes them: allowed by `rights`, on the record by `journal`, then done.

Pages, API and commands all go through here. `actor` is None for the operator at the command line, who may do anything.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from temoin.admin.account import Account
from temoin.admin.accounts import Accounts, check_password
from temoin.admin.journal import Journal
from temoin.admin.ports import KeyValueStore, SiteStore
from temoin.admin.rights import ALLOWED, EVERY_SITE, Actor, Role, acts_of, checked_role, may, require
from temoin.admin.sessions import Sessions
from temoin.admin.tokens import LOG_READ, Token, Tokens
from temoin.clock import SystemClock
from temoin.errors import Forbidden, NotFound
from temoin.proof.append import Appender

OPERATOR = "cli"


@dataclass(frozen=True, slots=True)
class People:
    """The services around accounts, and the acts on them that are put on the record."""

    sites: SiteStore
    accounts: Accounts
    sessions: Sessions
    tokens: Tokens
    journal: Journal

    async def add(self, actor: Actor | None, name: str, password: str | None, roles: dict[str, Role]) -> Account:
        """A new account, with roles on sites that the actor owns. Its roles are noted once it is known to be new."""
        if not roles:
            self._require(actor, EVERY_SITE)
        for site, role in roles.items():
            await self._may_grant(actor, site, role)
        account = await self.accounts.add(name, password, {})
        for site, role in roles.items():
            account = await self._grant(actor, account, site, role)
        return account

    async def put(self, name: str, password: str | None, site: str, role: str) -> Account:
        """Makes the account, or gives it that password and role: by the operator, who may repeat it after a crash.

        Without a password it signs on elsewhere, and one that it has stays."""
        await self._known(site)
        if await self.accounts.known(name):
            if password is not None:
                await self.set_password(None, name, password)
        else:
            await self.add(None, name, password, {})
        return await self.grant(None, name, site, role)

    async def visible(self, actor: Actor) -> list[Account]:
        """The accounts with a role on a site that the actor owns; all of them for an owner of all sites."""
        every = may(actor, "people", EVERY_SITE)
        accounts = await self.accounts.all()
        return [one for one in accounts if every or any(may(actor, "people", site) for site in one.roles)]

    async def grant(self, actor: Actor | None, name: str, site: str, role: str | None) -> Account:
        """Gives or (None) takes the role on that site, `*` being all of them."""
        await self._may_grant(actor, site, role)
        return await self._grant(actor, await self.accounts.get(name), site, role)

    async def _may_grant(self, actor: Actor | None, site: str, role: str | None) -> None:
        """Nobody gives what they do not have: a token that only administers people makes no owners."""
        self._require(actor, site)
        await self._known(site)
        rights = ALLOWED[checked_role(role)] if role is not None else frozenset[str]()
        if actor is not None and (beyond := rights - actor.acts_on(site)):
            raise Forbidden(
                "not_allowed", f"You cannot give what you do not have: {', '.join(sorted(beyond))}.", "Ask an owner."
            )

    async def _grant(self, actor: Actor | None, account: Account, site: str, role: str | None) -> Account:
        await self.accounts.leaves_an_owner(account, role if site == EVERY_SITE else account.roles.get(EVERY_SITE))
        act = "role_given" if role is not None else "role_taken"
        await self.journal.note(
            site, act, _label(actor), {"account": account.id, "role": role, "every_site": site == EVERY_SITE}
        )
        return await self.accounts.grant(account.name, site, role)

    async def remove(self, actor: Actor | None, name: str) -> None:
        """By an owner of all sites."""
        account = await self._over(actor, name)
        await self.accounts.leaves_an_owner(account, None)
        await self._note_on(account, "account_removed", actor)
        await self.accounts.remove(name)

    async def set_password(self, actor: Actor | None, name: str, password: str) -> None:
        account = await self._over(actor, name)
        check_password(password)
        await self._note_on(account, "password_set", actor)
        await self.accounts.set_password(name, password)

    async def change_password(self, account: Account, old: str, new: str, address: str | None) -> None:
        """By its owner, who is asked for the old one; ends every session of the account."""
        await self.sessions.prove(account, old, address)
        check_password(new)
        await self._note_on(account, "password_set", account)
        await self.accounts.set_password(account.name, new)

    async def add_second_factor(self, account: Account, code: str) -> list[str]:
        """By its owner, with the first code of what `enrol` gave: the recovery codes, to show once."""
        codes = await self.sessions.second_factor.confirm(account.name, code)
        await self._note_on(account, "second_factor_added", account)
        return codes

    async def remove_own_second_factor(self, account: Account, password: str, address: str | None) -> None:
        """By its owner, who is asked for the password."""
        await self.sessions.prove(account, password, address)
        await self._note_on(account, "second_factor_removed", account)
        await self.sessions.second_factor.remove(account.name)

    async def end_own_session(self, account: Account, session_id: str) -> None:
        await self._note_on(account, "sessions_ended", account)
        await self.sessions.end(account, session_id)

    async def places(self, actor: Actor) -> list[str]:
        """Where the actor administers people: sites by id, `*` first for who does so everywhere."""
        known = [row.id for row in await self.sites.sites()]
        return [place for place in (EVERY_SITE, *known) if may(actor, "people", place)]

    async def remove_second_factor(self, actor: Actor | None, name: str) -> None:
        account = await self._over(actor, name)
        await self._note_on(account, "second_factor_removed", actor)
        await self.sessions.second_factor.remove(name)

    async def end_sessions(self, actor: Actor | None, name: str) -> None:
        """All sessions of the account."""
        account = await self._over(actor, name)
        await self._note_on(account, "sessions_ended", actor)
        await self.accounts.end_sessions(account)

    async def make_token(
        self, actor: Actor | None, site: str, scopes: list[str], label: str, days: int | None
    ) -> tuple[Token, str]:
        """A token that may do no more than its maker."""
        self._require(actor, site)
        await self._known(site)
        made, text = self.tokens.new(site, scopes, label, actor.person if actor is not None else OPERATOR, days)
        if actor is not None and (beyond := set(scopes) - actor.acts_on(site) - {LOG_READ}):
            raise Forbidden(
                "not_allowed", f"A token cannot do more than its maker: {', '.join(sorted(beyond))}.", "Leave it out."
            )
        detail = {"token": made.id, "scopes": made.scopes, "expires_at": made.expires_at}
        await self.journal.note(site, "token_made", _label(actor), detail)
        await self.tokens.keep(made)
        return made, text

    async def tokens_of(self, actor: Actor, site: str) -> list[Token]:
        """Those of one site (`*`: those that open all)."""
        require(actor, "people", site)
        return [token for token in await self.tokens.all() if token.site == site]

    async def revoke_token(self, actor: Actor | None, token_id: str) -> Token:
        token = await self.tokens.get(token_id)
        if actor is not None and not may(actor, "people", token.site):
            raise NotFound("unknown_token", f"There is no token {token_id!r}.", "Look it up in the list of tokens.")
        await self.journal.note(token.site, "token_revoked", _label(actor), {"token": token.id})
        return await self.tokens.revoke(token_id)

    def _require(self, actor: Actor | None, site: str) -> None:
        if actor is not None:
            require(actor, "people", site)

    async def _over(self, actor: Actor | None, name: str) -> Account:
        self._require(actor, EVERY_SITE)
        return await self.accounts.get(name)

    async def _known(self, site: str) -> None:
        if site != EVERY_SITE and await self.sites.site(site) is None:
            raise NotFound("unknown_site", f"There is no site {site!r}.", "'temoin site list' shows the sites.")

    async def _note_on(self, account: Account, act: str, actor: Actor | None, **detail: Any) -> None:
        """In the log of every site that the account may see."""
        places = [EVERY_SITE] if acts_of(account.roles, EVERY_SITE) else list(account.roles)
        for site in places:
            await self.journal.note(site, act, _label(actor), {"account": account.id, **detail})


def open_people(keyed: KeyValueStore, sites: SiteStore, appender: Appender, clock: SystemClock) -> People:
    """The services over one store."""
    accounts = Accounts(keyed, clock)
    return People(sites, accounts, Sessions(accounts, clock), Tokens(keyed, clock), Journal(sites, appender, clock))


def _label(actor: Actor | None) -> str:
    return actor.label if actor is not None else OPERATOR
