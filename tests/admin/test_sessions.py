"""Log-ins: how they begin, how they end, what a second factor adds, and how attempts are limited."""

from __future__ import annotations

from datetime import timedelta

import pyotp
import pytest

from temoin.admin.attempts import Attempts, truncated
from temoin.admin.rights import EVERY_SITE
from temoin.errors import Invalid, TooMany, Unauthorized
from tests.admin.world import OnWorld, World

PASSWORD = "correct horse battery"
STEP = timedelta(seconds=30)


async def _ada(world: World) -> None:
    await world.people.put("ada", PASSWORD, EVERY_SITE, "owner")


async def _enrolled(world: World) -> tuple[pyotp.TOTP, list[str]]:
    """Ada's app, and her recovery codes."""
    await _ada(world)
    secret = (await world.people.sessions.second_factor.enrol("ada")).secret
    app = pyotp.TOTP(secret)
    codes = await world.people.sessions.second_factor.confirm("ada", app.at(world.clock.now()))
    world.clock.pass_(seconds=30)
    return app, codes


def test_a_session_ends_after_two_hours_without_use_and_after_twelve_in_any_case(in_world: OnWorld) -> None:
    async def work(world: World) -> None:
        sessions = world.people.sessions
        await _ada(world)
        idle = (await sessions.log_in("ada", PASSWORD)).cookie
        used = (await sessions.log_in("ada", PASSWORD)).cookie
        for _ in range(6):
            world.clock.pass_(minutes=119)
            assert await sessions.of(used)
        assert await sessions.of(idle) is None
        world.clock.pass_(minutes=7)
        assert await sessions.of(used) is None

    in_world(work)


def test_each_log_in_has_a_cookie_of_its_own_and_ends_the_one_before(in_world: OnWorld) -> None:
    async def work(world: World) -> None:
        sessions = world.people.sessions
        await _ada(world)
        first = (await sessions.log_in("ada", PASSWORD)).cookie
        second = (await sessions.log_in("ada", PASSWORD, old=first)).cookie
        assert first != second
        assert await sessions.of(first) is None
        assert await sessions.of(second)
        planted = (await sessions.log_in("ada", PASSWORD, old="planted by somebody")).cookie
        assert planted != "planted by somebody"
        assert await sessions.of("planted by somebody") is None

    in_world(work)


def test_sessions_are_listed_and_ended_one_by_one(in_world: OnWorld) -> None:
    async def work(world: World) -> None:
        sessions = world.people.sessions
        await _ada(world)
        cookies = [(await sessions.log_in("ada", PASSWORD)).cookie for _ in range(2)]
        ada = await world.people.accounts.get("ada")
        shown = await sessions.of_account(ada)
        assert len(shown) == 2
        assert not any(cookie in repr(shown) for cookie in cookies)
        await sessions.end(ada, sessions.id_of(cookies[0]))
        assert await sessions.of(cookies[0]) is None
        assert await sessions.of(cookies[1])

    in_world(work)


def test_a_new_password_and_a_removed_account_end_every_session(in_world: OnWorld) -> None:
    async def work(world: World) -> None:
        sessions = world.people.sessions
        await _ada(world)
        await world.people.put("bob", PASSWORD, EVERY_SITE, "viewer")
        before = (await sessions.log_in("bob", PASSWORD)).cookie
        await world.people.set_password(None, "bob", "another password")
        assert await sessions.of(before) is None
        with pytest.raises(Unauthorized):
            await sessions.log_in("bob", PASSWORD)
        after = (await sessions.log_in("bob", "another password")).cookie
        await world.people.remove(None, "bob")
        assert await sessions.of(after) is None
        await world.people.put("bob", PASSWORD, EVERY_SITE, "owner")
        assert await sessions.of(after) is None

    in_world(work)


def test_with_a_second_factor_the_password_alone_opens_nothing(in_world: OnWorld) -> None:
    async def work(world: World) -> None:
        app, _ = await _enrolled(world)
        sessions = world.people.sessions
        pending = await sessions.log_in("ada", PASSWORD)
        assert pending.pending
        assert await sessions.of(pending.cookie) is None
        with pytest.raises(Unauthorized):
            await sessions.finish(pending.cookie, "000000")
        done = await sessions.finish(pending.cookie, app.at(world.clock.now()))
        assert done.cookie != pending.cookie
        assert await sessions.of(done.cookie)
        assert await sessions.of(pending.cookie) is None

    in_world(work)


def test_a_code_counts_once_and_clocks_may_differ_by_one_step(in_world: OnWorld) -> None:
    async def work(world: World) -> None:
        app, _ = await _enrolled(world)
        accepts = world.people.sessions.second_factor.accepts
        now = world.clock.now()
        assert not await accepts("ada", app.at(now + 2 * STEP))
        assert await accepts("ada", app.at(now + STEP))
        assert not await accepts("ada", app.at(now + STEP))
        assert not await accepts("ada", app.at(now))
        world.clock.pass_(seconds=60)
        late = app.at(world.clock.now() - STEP)
        assert not await accepts("ada", late)
        assert await accepts("ada", app.at(world.clock.now()))

    in_world(work)


def test_a_recovery_code_opens_once_in_place_of_the_app(in_world: OnWorld) -> None:
    async def work(world: World) -> None:
        _, codes = await _enrolled(world)
        assert len(set(codes)) == 10
        accepts = world.people.sessions.second_factor.accepts
        assert await accepts("ada", f"{codes[0][:4]} {codes[0][4:]}".upper())
        assert not await accepts("ada", codes[0])
        assert await accepts("ada", codes[1])

    in_world(work)


def test_a_second_factor_is_in_force_only_once_the_app_has_shown_its_code(in_world: OnWorld) -> None:
    async def work(world: World) -> None:
        await _ada(world)
        factor = world.people.sessions.second_factor
        enrolment = await factor.enrol("ada")
        assert enrolment.secret in enrolment.uri
        with pytest.raises(Invalid):
            await factor.confirm("ada", "000000")
        assert not (await world.people.sessions.log_in("ada", PASSWORD)).pending
        world.clock.pass_(minutes=16)
        with pytest.raises(Invalid):
            await factor.confirm("ada", pyotp.TOTP(enrolment.secret).at(world.clock.now()))

    in_world(work)


def test_codes_are_limited_like_passwords_and_a_right_password_does_not_reset_the_count(in_world: OnWorld) -> None:
    async def work(world: World) -> None:
        app, _ = await _enrolled(world)
        sessions = world.people.sessions
        for _ in range(2):
            pending = await sessions.log_in("ada", PASSWORD)
            with pytest.raises(Unauthorized):
                await sessions.finish(pending.cookie, "000000")
        pending = await sessions.log_in("ada", PASSWORD)
        with pytest.raises(TooMany):
            await sessions.finish(pending.cookie, app.at(world.clock.now()))
        world.clock.pass_(minutes=5, seconds=1)
        pending = await sessions.log_in("ada", PASSWORD)
        assert not (await sessions.finish(pending.cookie, app.at(world.clock.now()))).pending

    in_world(work)


def test_a_network_has_fifty_attempts_whatever_names_it_tries(in_world: OnWorld) -> None:
    async def work(world: World) -> None:
        attempts = Attempts(world.store.keyed, world.clock)
        for number in range(50):
            await attempts.begin(f"name {number}", f"198.51.101.{number}")
        with pytest.raises(TooMany):
            await attempts.begin("another", "198.51.101.99")
        await attempts.begin("another", "9.9.9.9")
        world.clock.pass_(minutes=5, seconds=1)
        await attempts.begin("another", "198.51.101.99")

    in_world(work)


def test_of_an_address_only_its_network_is_kept_and_of_a_proxy_nothing() -> None:
    assert truncated("198.51.101.77") == "198.51.101.0/24"
    assert truncated("2a01:cb00:1:2::3") == "2a01:cb00:1::/48"
    assert [truncated(each) for each in ("127.0.0.1", "10.0.0.7", "/run/temoin.sock", None)] == [None] * 4
