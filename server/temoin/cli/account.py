"""`temoin user …` and `temoin token …`: administrators and API tokens."""

from __future__ import annotations

import sys
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

import click

from temoin.admin.account import Account
from temoin.admin.people import People, open_people
from temoin.admin.rights import EVERY_SITE, ROLES
from temoin.admin.tokens import LOG_READ, SCOPES, Token
from temoin.cli.context import Context
from temoin.clock import SystemClock

T = TypeVar("T")

_SITE = click.option("--site", default=EVERY_SITE, show_default=True, help="Where the role holds; * is every site.")


def _with_people(context: Context, work: Callable[[People], Coroutine[Any, Any, T]], *, create: bool = False) -> T:
    clock = SystemClock()
    return context.with_store(lambda store: work(open_people(store.keyed, store.sites, store, clock)), create=create)


@click.group()
def user() -> None:
    """Administrators' accounts."""


@user.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), default="viewer", show_default=True, help="What the account may do.")
@_SITE
@click.option("--single-sign-on", is_flag=True, help="Without a password: NAME is the address that signs on elsewhere.")
@click.pass_obj
def add_user(context: Context, name: str, role: str, site: str, single_sign_on: bool) -> None:
    """Make the account NAME, or give it a new password and role. The password is asked for, or read from standard
    input."""
    password = None if single_sign_on else _password()

    _with_people(context, lambda people: people.put(name, password, site, role), create=True)
    context.print({"user": name, "role": role, "site": site}, f"{name}: account ready, role {role} on {_on(site)}.")


@user.command("list")
@click.pass_obj
def list_users(context: Context) -> None:
    """List the accounts: id, as the log names it, name, roles by site, second factor."""
    accounts = _with_people(context, lambda people: people.accounts.all())
    context.print([_account(one) for one in accounts], "\n".join(_line(one) for one in accounts) or "No accounts.")


@user.command("role")
@click.argument("name")
@click.argument("role", type=click.Choice([*ROLES, "none"]))
@_SITE
@click.pass_obj
def role_of_user(context: Context, name: str, role: str, site: str) -> None:
    """Give the account NAME the ROLE on a site, or none."""
    given = None if role == "none" else role
    account = _with_people(context, lambda people: people.grant(None, name, site, given))
    context.print(_account(account), _line(account))


@user.command("password")
@click.argument("name")
@click.pass_obj
def password_of_user(context: Context, name: str) -> None:
    """Give the account NAME a new password, asked for or read from standard input, and end its sessions."""
    password = _password()
    _with_people(context, lambda people: people.set_password(None, name, password))
    context.print({"user": name}, f"{name}: new password; its sessions have ended.")


@user.command("remove")
@click.argument("name")
@click.option("--second-factor", is_flag=True, help="Remove its second factor only, for who has lost app and codes.")
@click.pass_obj
def remove_user(context: Context, name: str, second_factor: bool) -> None:
    """Remove the account NAME and end its sessions."""
    if second_factor:
        _with_people(context, lambda people: people.remove_second_factor(None, name))
        context.print({"user": name, "second_factor": False}, f"{name}: second factor removed.")
        return
    _with_people(context, lambda people: people.remove(None, name))
    context.print({"removed": name}, f"{name}: removed.")


@click.group()
def token() -> None:
    """API tokens."""


@token.command("add")
@click.argument("name", metavar="SITE")
@click.option(
    "--scope",
    "scopes",
    type=click.Choice(SCOPES),
    default=[LOG_READ],
    show_default=True,
    multiple=True,
    help="What the token opens; may be repeated.",
)
@click.option("--label", default="", help="A note for yourself.")
@click.option("--days", type=int, help="How long it lasts, at most 730 days. [default: until it is revoked]")
@click.pass_obj
def add_token(context: Context, name: str, scopes: tuple[str, ...], label: str, days: int | None) -> None:
    """Make a token for SITE, or for every site where that is '*'. It is shown once; only its hash is kept."""
    made, text = _with_people(context, lambda people: people.make_token(None, name, list(scopes), label, days))
    context.print(_token(made) | {"token": text}, text)


@token.command("list")
@click.pass_obj
def list_tokens(context: Context) -> None:
    """List the tokens in force, without their secrets."""
    tokens = _with_people(context, lambda people: people.tokens.all())
    lines = [
        f"{one.id}  {one.site:<24} {','.join(one.scopes):<16} {one.created_at}"
        f"  until {one.expires_at or 'revoked'}  last used {one.used_on or 'never'}  {one.label}".rstrip()
        for one in tokens
    ]
    context.print([_token(one) for one in tokens], "\n".join(lines) or "No tokens.")


@token.command("revoke")
@click.argument("token_id", metavar="ID")
@click.pass_obj
def revoke_token(context: Context, token_id: str) -> None:
    """Revoke the token ID."""
    _with_people(context, lambda people: people.revoke_token(None, token_id))
    context.print({"revoked": token_id}, f"{token_id}: revoked.")


def _password() -> str:
    if sys.stdin.isatty():
        password: str = click.prompt("Password", hide_input=True, confirmation_prompt=True)
        return password
    return sys.stdin.readline().rstrip("\n")


def _on(site: str) -> str:
    return "every site" if site == EVERY_SITE else site


def _line(account: Account) -> str:
    roles = ", ".join(f"{role} on {_on(site)}" for site, role in sorted(account.roles.items())) or "no role"
    return f"{account.id}  {account.name:<24} {roles}{'  second factor' if account.totp else ''}"


def _account(account: Account) -> dict[str, Any]:
    facts = {"id": account.id, "user": account.name, "roles": account.roles, "created_at": account.created_at}
    return facts | {"second_factor": account.totp is not None}


def _token(token: Token) -> dict[str, Any]:
    facts = {"id": token.id, "site": token.site, "scopes": token.scopes, "label": token.label}
    return facts | {"created_at": token.created_at, "expires_at": token.expires_at, "used_on": token.used_on}
