"""Accounts, roles by site and tokens: who may change them, what stays for an owner, and what stands in the log."""

from __future__ import annotations

import json
from typing import Any

import pytest

from temoin.admin.account import Account
from temoin.admin.rights import ALLOWED, EVERY_SITE, ROLES, may, require
from temoin.errors import Conflict, Forbidden, Invalid, NotFound, TemoinError
from tests.admin.world import OnWorld, World

PASSWORD = "correct horse battery"


async def _account(world: World, name: str, role: str, site: str = EVERY_SITE) -> Account:
    return await world.people.put(name, PASSWORD, site, role)


async def _acts(world: World, site: str) -> list[tuple[str, str]]:
    documents: list[dict[str, Any]] = [json.loads(body) for body in await world.acts(site)]
    return [(each["act"], each["actor"]) for each in documents]


@pytest.mark.parametrize("role", ROLES)
def test_a_role_opens_its_site_and_no_other(in_world: OnWorld, role: str) -> None:
    async def work(world: World) -> None:
        account = await _account(world, "ada", role, "boutique")
        require(account, "read", "boutique")
        with pytest.raises(NotFound):
            require(account, "read", "journal")
        assert account.acts_on("journal") == frozenset()
        assert account.acts_on(EVERY_SITE) == frozenset()

    in_world(work)


def test_a_viewer_changes_nothing_and_a_marketer_overrides_nothing() -> None:
    assert ALLOWED["viewer"] == {"read"}
    assert not ALLOWED["marketer"] & {"override", "people", "records", "erase"}
    assert not ALLOWED["officer"] & {"edit", "publish", "people"}


def test_roles_add_up_and_are_taken_one_by_one(in_world: OnWorld) -> None:
    async def work(world: World) -> None:
        await _account(world, "ada", "viewer")
        account = await world.people.grant(None, "ada", "boutique", "marketer")
        assert may(account, "publish", "boutique")
        assert not may(account, "publish", "journal")
        account = await world.people.grant(None, "ada", "boutique", None)
        assert not may(account, "publish", "boutique")
        assert may(account, "read", "boutique")

    in_world(work)


def test_an_owner_of_one_site_gives_roles_there_and_nowhere_else(in_world: OnWorld) -> None:
    async def work(world: World) -> None:
        owner = await _account(world, "ada", "owner", "boutique")
        await _account(world, "root", "owner")
        made = await world.people.add(owner, "bob", PASSWORD, {"boutique": "marketer"})
        assert made.roles == {"boutique": "marketer"}
        assert [one.name for one in await world.people.visible(owner)] == ["ada", "bob"]
        for refused in (
            world.people.add(owner, "eve", PASSWORD, {"journal": "viewer"}),
            world.people.add(owner, "eve", PASSWORD, {EVERY_SITE: "viewer"}),
            world.people.add(owner, "eve", PASSWORD, {}),
            world.people.grant(owner, "ada", EVERY_SITE, "owner"),
            world.people.remove(owner, "bob"),
            world.people.set_password(owner, "root", "another password"),
            world.people.remove_second_factor(owner, "root"),
            world.people.end_sessions(owner, "root"),
        ):
            with pytest.raises((Forbidden, NotFound)):
                await refused
        assert [one.name for one in await world.people.accounts.all()] == ["ada", "bob", "root"]

    in_world(work)


def test_the_last_owner_of_all_sites_stays(in_world: OnWorld) -> None:
    async def work(world: World) -> None:
        ada = await _account(world, "ada", "owner")
        for refused in (world.people.remove(ada, "ada"), world.people.grant(ada, "ada", EVERY_SITE, "viewer")):
            with pytest.raises(Conflict):
                await refused
        await _account(world, "bob", "owner")
        await world.people.remove(ada, "ada")
        assert [one.name for one in await world.people.accounts.all()] == ["bob"]

    in_world(work)


def test_every_act_stands_in_the_log_of_the_sites_that_it_concerns_without_names_and_secrets(in_world: OnWorld) -> None:
    async def work(world: World) -> None:
        root = await _account(world, "root", "owner")
        bob = await world.people.add(root, "bob", PASSWORD, {"boutique": "viewer"})
        made, text = await world.people.make_token(root, "boutique", ["read"], "for the till", 30)
        await world.people.revoke_token(root, made.id)
        await world.people.set_password(root, "bob", "another password")
        await world.people.end_sessions(root, "bob")
        await world.people.grant(root, "bob", "boutique", None)
        by_root = [act for act, actor in await _acts(world, "boutique") if actor == f"account:{root.id}"]
        assert by_root == ["role_given", "token_made", "token_revoked", "password_set", "sessions_ended", "role_taken"]
        assert await _acts(world, "journal") == [("role_given", "cli")]
        assert await _acts(world, "draft") == []
        written = b"".join(await world.acts("boutique"))
        assert bob.id.encode() in written
        for secret in (b"bob", b"root", b'password"', b"till", text.encode()):
            assert secret not in written

    in_world(work)


def test_an_act_that_is_refused_leaves_no_entry(in_world: OnWorld) -> None:
    async def work(world: World) -> None:
        owner = await _account(world, "ada", "owner", "boutique")
        root = await _account(world, "root", "owner")
        before = await _acts(world, "journal"), await _acts(world, "boutique")
        refusals: list[tuple[Any, type[TemoinError]]] = [
            (world.people.grant(owner, "ada", "journal", "owner"), NotFound),
            (world.people.make_token(owner, "journal", ["read"], "", None), NotFound),
            (world.people.make_token(owner, "boutique", ["everything"], "", None), Invalid),
            (world.people.make_token(owner, "boutique", ["read"], "", 10_000), Invalid),
            (world.people.add(owner, "ada", PASSWORD, {"boutique": "viewer"}), Conflict),
            (world.people.add(owner, "short", "short", {"boutique": "viewer"}), Invalid),
            (world.people.set_password(root, "ada", "short"), Invalid),
            (world.people.remove(root, "root"), Conflict),
            (world.people.grant(root, "root", EVERY_SITE, "viewer"), Conflict),
            (world.people.grant(owner, "nobody", "boutique", "viewer"), NotFound),
        ]
        for refused, error in refusals:
            with pytest.raises(error):
                await refused
        assert (await _acts(world, "journal"), await _acts(world, "boutique")) == before

    in_world(work)


def test_a_token_does_no_more_than_its_maker_and_nothing_after_its_end(in_world: OnWorld) -> None:
    async def work(world: World) -> None:
        owner = await _account(world, "ada", "owner", "boutique")
        with pytest.raises(Forbidden):
            await world.people.make_token(owner, EVERY_SITE, ["read"], "", None)
        made, text = await world.people.make_token(owner, "boutique", ["edit", "read"], "", 30)
        actor = await world.people.tokens.actor(text)
        assert actor is not None
        assert actor.acts_on("boutique") == {"read", "edit"}
        assert actor.acts_on("journal") == frozenset()
        assert text not in repr(await world.store.keyed.list("token"))
        world.clock.pass_(days=30, seconds=1)
        assert await world.people.tokens.actor(text) is None
        assert made.id not in [one.id for one in await world.people.tokens.all()]

    in_world(work)


def test_a_token_that_may_give_rights_cannot_give_more_than_it_has(in_world: OnWorld) -> None:
    async def work(world: World) -> None:
        _, text = await world.people.make_token(None, "boutique", ["people"], "", None)
        actor = await world.people.tokens.actor(text)
        with pytest.raises(Forbidden):
            await world.people.make_token(actor, "boutique", ["publish"], "", None)
        with pytest.raises(Forbidden):
            await world.people.add(actor, "bob", PASSWORD, {"boutique": "owner"})

    in_world(work)


def test_a_revoked_token_opens_nothing(in_world: OnWorld) -> None:
    async def work(world: World) -> None:
        made, text = await world.people.make_token(None, "boutique", ["read"], "", None)
        foreign = await _account(world, "eve", "owner", "journal")
        with pytest.raises(NotFound):
            await world.people.revoke_token(foreign, made.id)
        assert await world.people.tokens.actor(text) is not None
        await world.people.revoke_token(None, made.id)
        assert await world.people.tokens.actor(text) is None

    in_world(work)
