"""Administrators: argon2id passwords (argon2-cffi's defaults follow RFC 9106) and sessions that end by themselves."""

from __future__ import annotations

import hashlib
import secrets
from collections import OrderedDict
from datetime import timedelta
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from temoin.admin.ports import Account, AccountStore
from temoin.clock import SystemClock, rfc3339
from temoin.errors import Invalid, TooMany, Unauthorized

ROLES = ("owner", "marketer", "officer", "viewer")
SESSION_HOURS = 12
_SHORTEST_PASSWORD = 12
_ATTEMPTS = 5
_WINDOW_SECONDS = 300.0
_MOST_NAMES = 10_000

_hasher = PasswordHasher()


@cache
def _nobody() -> str:
    """Verified against when the name is unknown, so that both answers take the same time."""
    return _hasher.hash(secrets.token_urlsafe(16))


class Accounts:
    """Log in, log out, and who is behind a session's cookie."""

    def __init__(self, store: AccountStore, clock: SystemClock) -> None:
        self._store = store
        self._clock = clock
        self._failures: OrderedDict[str, list[float]] = OrderedDict()

    async def put(self, name: str, password: str, role: str) -> None:
        """Makes the account, or gives it a new password and role."""
        if len(password) < _SHORTEST_PASSWORD:
            raise Invalid(
                "short_password", f"The password has under {_SHORTEST_PASSWORD} characters.", "Choose a longer one."
            )
        if not name.strip() or role not in ROLES:
            raise Invalid("bad_account", "The account needs a name and a known role.", f"Roles: {', '.join(ROLES)}.")
        await self._store.put_account(Account(name, _hasher.hash(password), role, rfc3339(self._clock.now())))

    async def log_in(self, name: str, password: str) -> str:
        """A new session's cookie value; raises Unauthorized, and TooMany after five failures in five minutes."""
        self._limit(name)
        account = await self._store.account(name)
        try:
            _hasher.verify(account.password if account else _nobody(), password)
        except VerificationError:
            account = None
        if account is None:
            self._failures.setdefault(name, []).append(self._clock.monotonic())
            raise Unauthorized("wrong_login", "The name or the password is wrong.", "Try again.")
        self._failures.pop(name, None)
        cookie = secrets.token_urlsafe(32)
        expires = self._clock.now() + timedelta(hours=SESSION_HOURS)
        await self._store.open_session(_digest(cookie), account.name, rfc3339(expires))
        return cookie

    async def of(self, cookie: str | None) -> Account | None:
        """The account of a session that has not ended, or None."""
        return await self._store.session(_digest(cookie), rfc3339(self._clock.now())) if cookie else None

    async def log_out(self, cookie: str) -> None:
        await self._store.close_session(_digest(cookie))

    def _limit(self, name: str) -> None:
        now = self._clock.monotonic()
        recent = [moment for moment in self._failures.get(name, []) if now - moment < _WINDOW_SECONDS]
        if name in self._failures:
            self._failures[name] = recent
        while len(self._failures) > _MOST_NAMES:
            self._failures.popitem(last=False)
        if len(recent) >= _ATTEMPTS:
            raise TooMany(
                "too_many_attempts",
                "Too many failed attempts for this account.",
                "Wait five minutes.",
                retry_after=int(_WINDOW_SECONDS),
            )


def _digest(cookie: str) -> bytes:
    return hashlib.sha256(cookie.encode()).digest()
