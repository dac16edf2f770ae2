"""What is kept of an administrator, and of a session, as JSON by key."""

from __future__ import annotations

from typing import TypeVar

import msgspec
from msgspec import Struct

from temoin.admin.ports import Kept, KeyValueStore
from temoin.admin.rights import Role, acts_of
from temoin.errors import Conflict

T = TypeVar("T", bound=Struct)


class Totp(Struct, frozen=True):
    """A secret in base32 (RFC 6238). `last_step` is the newest time step that was accepted: no code counts twice."""

    secret: str
    last_step: int


class Account(Struct, frozen=True):
    """An administrator. `id` stands in the log in the place of the name; `roles` are by site, `*` for all.

    `password` is an argon2id hash in its standard text form, empty for an account that only signs on elsewhere.
    `recovery` are the SHA-256 of the codes that are left, `single_sign_on` is the issuer and the subject there.
    """

    id: str
    name: str
    password: str
    roles: dict[str, Role]
    created_at: str
    totp: Totp | None = None
    recovery: list[str] = []  # msgspec copies it
    single_sign_on: str | None = None

    def __repr__(self) -> str:
        return f"Account(name={self.name!r})"

    @property
    def label(self) -> str:
        return f"account:{self.id}"

    @property
    def person(self) -> str:
        return self.label

    def acts_on(self, site: str) -> frozenset[str]:
        return acts_of(self.roles, site)


class Session(Struct, frozen=True):
    """A log-in of a browser. `pending` still waits for the second factor and opens nothing."""

    account: str
    account_id: str
    begun_at: str
    seen_at: str
    pending: bool = False


async def found(store: KeyValueStore, kind: str, key: str, shape: type[T]) -> tuple[T, int] | None:
    """A value and its revision, or None."""
    kept = await store.get(kind, key)
    return (read(kept, shape), kept.revision) if kept else None


def read(kept: Kept, shape: type[T]) -> T:
    return msgspec.json.decode(kept.value, type=shape)


async def replace(store: KeyValueStore, kind: str, key: str, value: Struct, expected: int) -> None:
    """Raises Conflict where somebody else changed it meanwhile."""
    if not await store.put(kind, key, msgspec.json.encode(value), expected=expected):
        raise Conflict("changed_meanwhile", "Somebody else changed this at the same time.", "Read it again and repeat.")
