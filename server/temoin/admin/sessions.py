"""Log-ins of browsers: begun with a new cookie each time, ended by themselves, by their person or by an owner.

A session's value is 256 random bits; only its SHA-256 is kept. It ends after two hours without use and after twelve in
any case. No address and no user agent of an administrator is kept.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import timedelta

import msgspec

from temoin.admin.account import Account, Session, found, read
from temoin.admin.accounts import ACCOUNT, SESSION, Accounts
from temoin.admin.attempts import Attempts
from temoin.admin.second_factor import SecondFactor
from temoin.clock import SystemClock, parse_rfc3339, rfc3339
from temoin.errors import NotFound, Unauthorized

SESSION_HOURS = 12
_LONGEST = timedelta(hours=SESSION_HOURS)
_IDLE = timedelta(hours=2)
_PENDING = timedelta(minutes=5)
_SEEN_AGAIN = timedelta(minutes=1)
_ID = 16


@dataclass(frozen=True, slots=True)
class LogIn:
    """The new session's cookie value. While `pending`, it opens nothing but `finish`."""

    cookie: str
    pending: bool


@dataclass(frozen=True, slots=True)
class OpenSession:
    """A session as listed. `id` tells sessions apart and opens nothing."""

    id: str
    begun_at: str
    seen_at: str


class Sessions:
    """Log in, log out, and who is behind a cookie."""

    def __init__(self, accounts: Accounts, clock: SystemClock) -> None:
        self._accounts = accounts
        self._store = accounts.store
        self._clock = clock
        self._attempts = Attempts(self._store, clock)
        self.second_factor = SecondFactor(accounts, clock)

    async def log_in(self, name: str, password: str, address: str | None = None, old: str | None = None) -> LogIn:
        """A new session, pending where the account has a second factor; `old`, the browser's cookie so far, ends.

        Raises Unauthorized, and TooMany after five failures for the account, or fifty from the network of `address`,
        within five minutes.
        """
        account = await self._proven(name, password, address)
        if account.totp is None:
            await self._attempts.succeeded(name)
        return await self.begin(account, old, pending=account.totp is not None)

    async def prove(self, account: Account, password: str, address: str | None = None) -> None:
        """Asks somebody who is logged in for the password again; raises as `log_in` does, and counts the same way."""
        await self._proven(account.name, password, address)
        await self._attempts.succeeded(account.name)

    async def _proven(self, name: str, password: str, address: str | None) -> Account:
        await self._attempts.begin(name, address)
        account = await self._accounts.proven(name, password)
        if account is None:
            raise Unauthorized("wrong_login", "The name or the password is wrong.", "Try again.")
        return account

    async def finish(self, cookie: str | None, code: str, address: str | None = None) -> LogIn:
        """Ends a pending log-in with a code of the app or a recovery code, under a new cookie."""
        known = await found(self._store, SESSION, digest(cookie or ""), Session)
        if known is None or not known[0].pending:
            raise Unauthorized("login_over", "This log-in has ended.", "Begin again with name and password.")
        await self._attempts.begin(known[0].account, address)
        account = await self._accounts.get(known[0].account)
        if not await self.second_factor.accepts(account.name, code):
            raise Unauthorized("wrong_code", "The code is wrong, or was used before.", "Give the next one.")
        await self._attempts.succeeded(account.name)
        return await self.begin(account, cookie, pending=False)

    async def begin(self, account: Account, old: str | None, *, pending: bool) -> LogIn:
        """A session for somebody who has proven who they are."""
        if old:
            await self.log_out(old)
        cookie = secrets.token_urlsafe(32)
        now = self._clock.now()
        session = Session(account.name, account.id, rfc3339(now), rfc3339(now), pending)
        await self._keep(digest(cookie), session)
        return LogIn(cookie, pending)

    async def of(self, cookie: str | None) -> Account | None:
        """The account of a session that has not ended, or None."""
        known = await found(self._store, SESSION, digest(cookie), Session) if cookie else None
        if cookie is None or known is None or known[0].pending:
            return None
        session, revision = known
        account = await found(self._store, ACCOUNT, session.account, Account)
        if account is None or account[0].id != session.account_id:
            return None
        now = self._clock.now()
        if now - parse_rfc3339(session.seen_at) > _SEEN_AGAIN:
            # Where another request was quicker, or the session has just ended, nothing is to be done.
            await self._keep(digest(cookie), msgspec.structs.replace(session, seen_at=rfc3339(now)), revision)
        return account[0]

    async def log_out(self, cookie: str) -> None:
        await self._store.delete(SESSION, digest(cookie))

    async def of_account(self, account: Account) -> list[OpenSession]:
        """Newest first."""
        sessions = [(kept.key[:_ID], read(kept, Session)) for kept in await self._store.list(SESSION)]
        own = [OpenSession(key, one.begun_at, one.seen_at) for key, one in sessions if one.account_id == account.id]
        return sorted(own, key=lambda one: one.begun_at, reverse=True)

    def id_of(self, cookie: str) -> str:
        """Which of the listed sessions this cookie opens."""
        return digest(cookie)[:_ID]

    async def end(self, account: Account, session_id: str) -> None:
        """Ends a session of that account; raises NotFound."""
        for kept in await self._store.list(SESSION):
            if kept.key[:_ID] == session_id and read(kept, Session).account_id == account.id:
                await self._store.delete(SESSION, kept.key)
                return
        raise NotFound("unknown_session", "There is no such session.", "It may have ended by itself.")

    async def _keep(self, key: str, session: Session, expected: int | None = None) -> None:
        begun, seen = parse_rfc3339(session.begun_at), parse_rfc3339(session.seen_at)
        ends = begun + _PENDING if session.pending else min(begun + _LONGEST, seen + _IDLE)
        value = msgspec.json.encode(session)
        await self._store.put(SESSION, key, value, expected=expected, expires_at=rfc3339(ends))


def digest(cookie: str) -> str:
    return hashlib.sha256(cookie.encode()).hexdigest()
