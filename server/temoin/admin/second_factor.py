"""Time-based one-time passwords (RFC 6238, by pyotp) as the second factor, with recovery codes.

A code counts once: the newest accepted time step is kept, and nothing at or before it is accepted again (RFC 6238
section 5.2). Codes of the step before and after are accepted too, for clocks that differ. Recovery codes are 80 random
bits, shown once, kept as SHA-256 and used up one by one.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import secrets
from dataclasses import dataclass, field
from datetime import timedelta

import msgspec
import pyotp
import segno

from temoin.admin.account import Account, Totp, replace
from temoin.admin.accounts import ACCOUNT, Accounts
from temoin.clock import SystemClock, rfc3339
from temoin.errors import Conflict, Invalid

_STEP = 30
_ENROLMENT = "totp"
_ENROL_WITHIN = timedelta(minutes=15)
_RECOVERY_CODES = 10


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What the app is told: as text to type, as an address, and as a picture to scan (SVG, without a fixed size)."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)
    svg: str = field(repr=False)


class SecondFactor:
    """Enrol, verify, recover, remove."""

    def __init__(self, accounts: Accounts, clock: SystemClock) -> None:
        self._accounts = accounts
        self._store = accounts.store
        self._clock = clock

    async def enrol(self, name: str) -> Enrolment:
        """A new secret, not in force until `confirm`; raises Conflict where there is one in force."""
        account = await self._accounts.get(name)
        if account.totp is not None:
            raise Conflict("has_second_factor", "There is a second factor already.", "Remove it first.")
        secret = pyotp.random_base32()
        until = rfc3339(self._clock.now() + _ENROL_WITHIN)
        await self._store.put(_ENROLMENT, account.id, secret.encode(), expires_at=until)
        return _shown(name, secret)

    async def begun(self, account: Account) -> Enrolment | None:
        """The enrolment that waits for its first code, shown again after a wrong one."""
        kept = await self._store.get(_ENROLMENT, account.id)
        return _shown(account.name, kept.value.decode()) if kept else None

    async def confirm(self, name: str, code: str) -> list[str]:
        """Puts the secret in force once the app has shown that it knows it; the recovery codes, to show once."""
        account, revision = await self._accounts.revision(name)
        kept = await self._store.get(_ENROLMENT, account.id)
        step = self._step(kept.value.decode(), code) if kept else None
        if kept is None or step is None or account.totp is not None:
            raise Invalid("wrong_code", "The code is not the one that the app shows now.", "Scan again, or wait.")
        codes = [_recovery_code() for _ in range(_RECOVERY_CODES)]
        hashes = [_hashed(code) for code in codes]
        changed = msgspec.structs.replace(account, totp=Totp(kept.value.decode(), step), recovery=hashes)
        await replace(self._store, ACCOUNT, name, changed, revision)
        await self._store.delete(_ENROLMENT, account.id)
        return codes

    async def accepts(self, name: str, code: str) -> bool:
        """Whether the code is right and new; it is used up when this returns True."""
        account, revision = await self._accounts.revision(name)
        changed = self._used(account, code)
        if changed is None:
            return False
        # Of two requests with the same code one finds the revision changed.
        return await self._store.put(ACCOUNT, name, msgspec.json.encode(changed), expected=revision)

    async def remove(self, name: str) -> None:
        """By its person, or by an owner for somebody who has lost app and codes."""
        account, revision = await self._accounts.revision(name)
        changed = msgspec.structs.replace(account, totp=None, recovery=[])
        await replace(self._store, ACCOUNT, name, changed, revision)

    def _used(self, account: Account, code: str) -> Account | None:
        """The account once the code is used up; None where it is wrong."""
        if account.totp is None:
            return None
        step = self._step(account.totp.secret, code)
        if step is not None and step > account.totp.last_step:
            return msgspec.structs.replace(account, totp=Totp(account.totp.secret, step))
        left = [known for known in account.recovery if not hmac.compare_digest(known, _hashed(code))]
        return msgspec.structs.replace(account, recovery=left) if len(left) < len(account.recovery) else None

    def _step(self, secret: str, code: str) -> int | None:
        """The time step whose code this is, of the present one and its neighbours."""
        present = int(self._clock.now().timestamp()) // _STEP
        given = code.replace(" ", "").encode()
        steps = (present + offset for offset in (0, -1, 1))
        codes = pyotp.TOTP(secret)
        return next((step for step in steps if hmac.compare_digest(codes.at(step * _STEP).encode(), given)), None)


def _shown(name: str, secret: str) -> Enrolment:
    uri = pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name="Témoin")
    picture = io.BytesIO()
    segno.make(uri, error="m").save(picture, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=4)
    return Enrolment(secret, uri, picture.getvalue().decode().strip())


def _recovery_code() -> str:
    return base64.b32encode(secrets.token_bytes(10)).decode().lower()


def _hashed(code: str) -> str:
    return hashlib.sha256(code.replace(" ", "").replace("-", "").lower().encode()).hexdigest()
