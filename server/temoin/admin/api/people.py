"""Accounts, their roles, and tokens. `People` decides who may do what; an account is named by its random id."""

from __future__ import annotations

from msgspec import Struct

from temoin.admin.account import Account
from temoin.admin.api.call import Call, Operation
from temoin.admin.rights import EVERY_SITE, Role
from temoin.admin.tokens import Token
from temoin.errors import NotFound


class Person(Struct, frozen=True):
    """An account; roles by site, `*` for every site."""

    id: str
    name: str
    roles: dict[str, Role]
    created_at: str
    second_factor: bool
    single_sign_on: bool


class NewPerson(Struct, frozen=True, forbid_unknown_fields=True):
    """Without a password the account signs on elsewhere; `name` is then the e-mail address."""

    name: str
    roles: dict[str, Role]
    password: str | None = None


class Given(Struct, frozen=True, forbid_unknown_fields=True):
    role: Role


class Password(Struct, frozen=True, forbid_unknown_fields=True):
    password: str


class Held(Struct, frozen=True):
    """A token in force, without its secret. `used_on` is the day of its last use, `made_by` the label of its maker."""

    id: str
    site: str
    scopes: list[str]
    label: str
    created_at: str
    expires_at: str | None
    used_on: str | None
    made_by: str


class Made(Struct, frozen=True):
    """A new token; `secret` is shown this once."""

    secret: str
    token: Held


class NewToken(Struct, frozen=True, forbid_unknown_fields=True):
    """A token for `site`, or `*`. It ends after `days`, or only when it is revoked."""

    site: str
    scopes: list[str]
    label: str = ""
    days: int | None = None


class Of(Struct, frozen=True, forbid_unknown_fields=True):
    site: str = EVERY_SITE


async def own(call: Call) -> Held:
    return _held(call.actor.token)


async def listed(call: Call) -> list[Person]:
    call.must("people", call.actor.token.site)
    return [_person(account) for account in await call.admin.people.visible(call.actor)]


async def add(call: Call) -> Person:
    new: NewPerson = call.body
    return _person(await call.admin.people.add(call.actor, new.name, new.password, new.roles))


async def give(call: Call) -> Person:
    account = await _account(call)
    return _person(await call.admin.people.grant(call.actor, account.name, call.site, call.body.role))


async def take(call: Call) -> Person:
    account = await _account(call)
    return _person(await call.admin.people.grant(call.actor, account.name, call.site, None))


async def remove(call: Call) -> None:
    await call.admin.people.remove(call.actor, (await _account(call)).name)


async def set_password(call: Call) -> None:
    await call.admin.people.set_password(call.actor, (await _account(call)).name, call.body.password)


async def remove_second_factor(call: Call) -> None:
    await call.admin.people.remove_second_factor(call.actor, (await _account(call)).name)


async def end_sessions(call: Call) -> None:
    await call.admin.people.end_sessions(call.actor, (await _account(call)).name)


async def tokens(call: Call) -> list[Held]:
    return [_held(token) for token in await call.admin.people.tokens_of(call.actor, call.query.site)]


async def make_token(call: Call) -> Made:
    new: NewToken = call.body
    token, secret = await call.admin.people.make_token(call.actor, new.site, new.scopes, new.label, new.days)
    return Made(secret, _held(token))


async def revoke(call: Call) -> None:
    await call.admin.people.revoke_token(call.actor, call.part("token"))


async def _account(call: Call) -> Account:
    """The account of the address, where the token may know of it; raises NotFound."""
    wanted = call.part("account")
    for account in await call.admin.people.visible(call.actor):
        if account.id == wanted:
            return account
    raise NotFound("unknown_account", f"There is no account {wanted!r}.", "GET /api/v1/accounts shows them.")


def _person(account: Account) -> Person:
    return Person(
        account.id, account.name, account.roles, account.created_at, account.totp is not None, not account.password
    )


def _held(token: Token) -> Held:
    return Held(
        *(token.id, token.site, token.scopes, token.label),
        *(token.created_at, token.expires_at, token.used_on, token.made_by),
    )


OPERATIONS = (
    Operation("GET", "/token", own, None, "The token that asks", Held),
    Operation("GET", "/accounts", listed, None, "Accounts with a role where the token administers", list[Person]),
    Operation("POST", "/accounts", add, None, "Make an account", Person, NewPerson, None, 201),
    Operation("DELETE", "/accounts/{account}", remove, None, "Remove an account"),
    Operation("PUT", "/accounts/{account}/roles/{site}", give, None, "Give a role on a site, or *", Person, Given),
    Operation("DELETE", "/accounts/{account}/roles/{site}", take, None, "Take the role on a site, or *", Person),
    Operation(
        *("PUT", "/accounts/{account}/password", set_password, None, "Set a password; it ends all sessions"),
        *(None, Password),
    ),
    Operation("DELETE", "/accounts/{account}/second-factor", remove_second_factor, None, "Remove the second factor"),
    Operation("DELETE", "/accounts/{account}/sessions", end_sessions, None, "End all sessions of an account"),
    Operation("GET", "/tokens", tokens, None, "Tokens of a site, or of *", list[Held], None, Of),
    Operation(
        "POST", "/tokens", make_token, None, "Make a token that does no more than its maker", Made, NewToken, None, 201
    ),
    Operation("DELETE", "/tokens/{token}", revoke, None, "Revoke a token"),
)
