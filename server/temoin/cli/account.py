"""`temoin user …` and `temoin token …`: administrators and API tokens."""

from __future__ import annotations

import sys

import click

from temoin.admin.access import SCOPES, make_token
from temoin.admin.accounts import ROLES, Accounts
from temoin.admin.ports import Token
from temoin.admin.publish import draft_of
from temoin.cli.context import Context
from temoin.clock import SystemClock
from temoin.errors import NotFound
from temoin.storage.ports import Store


@click.group()
def user() -> None:
    """Administrators' accounts."""


@user.command("add")
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), default="viewer", show_default=True, help="What the account may do.")
@click.pass_obj
def add_user(context: Context, name: str, role: str) -> None:
    """Make the account NAME, or give it a new password. The password is asked for, or read from standard input."""
    password = (
        click.prompt("Password", hide_input=True, confirmation_prompt=True)
        if sys.stdin.isatty()
        else sys.stdin.readline().rstrip("\n")
    )
    clock = SystemClock()
    context.with_store(lambda store: Accounts(store.accounts, clock).put(name, password, role), create=True)
    context.print({"user": name, "role": role}, f"{name}: account ready, role {role}.")


@click.group()
def token() -> None:
    """API tokens."""


@token.command("add")
@click.argument("name", metavar="SITE")
@click.option("--scope", type=click.Choice(SCOPES), default=SCOPES[0], show_default=True, help="What the token opens.")
@click.option("--label", default="", help="A note for yourself.")
@click.pass_obj
def add_token(context: Context, name: str, scope: str, label: str) -> None:
    """Make a token for SITE. It is shown once; only its hash is kept."""

    async def work(store: Store) -> tuple[Token, str]:
        await draft_of(store.sites, name)
        return await make_token(store.accounts, name, scope, label, SystemClock().now())

    made, text = context.with_store(work)
    context.print(_facts(made) | {"token": text}, text)


@token.command("list")
@click.pass_obj
def list_tokens(context: Context) -> None:
    """List the tokens in force, without their secrets."""
    tokens = context.with_store(lambda store: store.accounts.tokens())
    lines = [f"{made.id}  {made.site:<24} {made.scope:<10} {made.created_at}  {made.label}".rstrip() for made in tokens]
    context.print([_facts(made) for made in tokens], "\n".join(lines) or "No tokens.")


@token.command("revoke")
@click.argument("token_id", metavar="ID")
@click.pass_obj
def revoke_token(context: Context, token_id: str) -> None:
    """Revoke the token ID."""
    if not context.with_store(lambda store: store.accounts.revoke_token(token_id)):
        raise NotFound("unknown_token", f"There is no token {token_id!r}.", "'temoin token list' shows their ids.")
    context.print({"revoked": token_id}, f"{token_id}: revoked.")


def _facts(made: Token) -> dict[str, str]:
    return {"id": made.id, "site": made.site, "scope": made.scope, "label": made.label, "created_at": made.created_at}
