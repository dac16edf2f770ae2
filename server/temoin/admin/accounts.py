"""Administrators: argon2id passwords (argon2-cffi's defaults follow RFC 9106), and roles by site."""

from __future__ import annotations

import asyncio
import re
import secrets
from functools import cache

import msgspec
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from temoin.admin.account import Account, Session, found, read, replace
from temoin.admin.ports import KeyValueStore
from temoin.admin.rights import EVERY_SITE, Role, checked_role
from temoin.clock import SystemClock, rfc3339
from temoin.errors import Conflict, Invalid, NotFound

ACCOUNT = "account"
SESSION = "session"
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 200
_NAME = re.compile(r"[^\x00-\x1f\x7f]{1,120}")

_hasher = PasswordHasher()


@cache
def _nobody() -> str:
    """Verified against when the name is unknown, so that both answers take the same time."""
    return _hasher.hash(secrets.token_urlsafe(16))


class Accounts:
    """Makes, lists, changes and removes accounts. Whoever loses an account or gets a new password is logged out."""

    def __init__(self, store: KeyValueStore, clock: SystemClock) -> None:
        self.store = store
        self._clock = clock

    async def add(self, name: str, password: str | None, roles: dict[str, Role]) -> Account:
        """A new account, without a password where it signs on elsewhere; raises Conflict where the name is taken."""
        hashed = await _hashed(password) if password is not None else ""
        if await self.known(name):
            raise Conflict("account_exists", f"There is an account {name!r} already.", "Choose another name.")
        return await self._make(name, hashed, roles)

    async def _make(self, name: str, hashed: str, roles: dict[str, Role]) -> Account:
        if not name.strip() or not _NAME.fullmatch(name):
            raise Invalid("bad_account", "The account needs a name of at most 120 characters.", "Give one on one line.")
        account = Account(secrets.token_hex(6), name, hashed, roles, rfc3339(self._clock.now()))
        await replace(self.store, ACCOUNT, name, account, 0)
        return account

    async def known(self, name: str) -> bool:
        return await self.store.get(ACCOUNT, name) is not None

    async def get(self, name: str) -> Account:
        """Raises NotFound."""
        return (await self.revision(name))[0]

    async def revision(self, name: str) -> tuple[Account, int]:
        known = await found(self.store, ACCOUNT, name, Account)
        if known is None:
            raise NotFound("unknown_account", f"There is no account {name!r}.", "'temoin user list' shows them.")
        return known

    async def all(self) -> list[Account]:
        """By name."""
        return [read(kept, Account) for kept in await self.store.list(ACCOUNT)]

    async def grant(self, name: str, site: str, role: str | None) -> Account:
        """Gives the account that role on `site` (`*`: on all), or none where it is None; another site's stay."""
        account, revision = await self.revision(name)
        roles = {place: held for place, held in account.roles.items() if place != site}
        if role is not None:
            roles[site] = checked_role(role)
        changed = msgspec.structs.replace(account, roles=roles)
        await replace(self.store, ACCOUNT, name, changed, revision)
        return changed

    async def set_password(self, name: str, password: str) -> Account:
        """Ends every session of the account."""
        account, revision = await self.revision(name)
        changed = msgspec.structs.replace(account, password=await _hashed(password))
        await replace(self.store, ACCOUNT, name, changed, revision)
        await self.end_sessions(account)
        return changed

    async def remove(self, name: str) -> Account:
        """Removes the account and ends its sessions. What it did stays in the log, under its id."""
        account = await self.get(name)
        await self.store.delete(ACCOUNT, name)
        await self.end_sessions(account)
        return account

    async def end_sessions(self, account: Account) -> None:
        for kept in await self.store.list(SESSION):
            if read(kept, Session).account_id == account.id:
                await self.store.delete(SESSION, kept.key)

    async def proven(self, name: str, password: str) -> Account | None:
        """The account where the password is right; as slow where it is wrong or the name is unknown."""
        known = await found(self.store, ACCOUNT, name, Account)
        hashed = known[0].password if known and known[0].password else _nobody()
        try:
            await asyncio.to_thread(_hasher.verify, hashed, password[:LONGEST_PASSWORD])
        except VerificationError:
            return None
        return known[0] if known else None

    async def leaves_an_owner(self, account: Account, role: str | None) -> None:
        """Raises Conflict where nobody would own every site once `account` has that role on all of them."""
        if account.roles.get(EVERY_SITE) != "owner" or role == "owner":
            return
        if not any(one.roles.get(EVERY_SITE) == "owner" for one in await self.all() if one.name != account.name):
            raise Conflict("last_owner", "This is the last owner of all sites.", "Make another owner first.")


def check_password(password: str) -> None:
    """Raises Invalid for one that is too short (NIST SP 800-63B asks for length, and for no composition)."""
    if len(password) < SHORTEST_PASSWORD:
        raise Invalid(
            "short_password", f"The password has under {SHORTEST_PASSWORD} characters.", "Choose a longer one."
        )
    if len(password) > LONGEST_PASSWORD:
        raise Invalid("long_password", f"The password has over {LONGEST_PASSWORD} characters.", "Choose a shorter one.")


async def _hashed(password: str) -> str:
    check_password(password)
    return await asyncio.to_thread(_hasher.hash, password)
