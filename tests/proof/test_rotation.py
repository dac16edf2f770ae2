"""Replacing a log's key: who signs which checkpoint, and that nothing before or after is lost."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from temoin.errors import Conflict, NotFound
from temoin.proof.checkpoint import open_checkpoint, read_checkpoint
from temoin.proof.log import consistency_proof, inclusion_proof
from temoin.proof.merkle import verify_consistency
from temoin.proof.note import make_vkey, open_note, parse_note, parse_vkey
from temoin.proof.ports import LogKeys, Seal
from temoin.proof.rotation import Rotated, rotate_key
from temoin.proof.sealer import Sealer
from temoin.storage.sqlite.store import FILE
from tests.aio import run
from tests.proof.logs import ORIGIN, SEED, SITE, VKEY, Site, open_site


def on_site(folder: Path, work: Callable[[Site], Awaitable[None]]) -> None:
    async def main() -> None:
        async with open_site(folder) as site:
            await work(site)

    run(main())


async def rotate(site: Site) -> Rotated:
    return await rotate_key(site.log, site.log, SITE, "test", site.clock)


async def note(site: Site) -> str:
    state = await site.log.log_state(SITE)
    assert state is not None
    assert state.checkpoint is not None
    return state.checkpoint


def signers(checkpoint: str, *vkeys: str) -> list[str]:
    """Which of the keys signed; the note carries no other signature."""
    signed = [verifier.vkey for verifier in open_note(checkpoint, [parse_vkey(key) for key in vkeys])[1]]
    assert len(signed) == len(parse_note(checkpoint).signatures)
    return signed


def test_both_keys_sign_the_checkpoint_that_covers_the_act_and_the_new_one_alone_those_after(tmp_path: Path) -> None:
    async def work(site: Site) -> None:
        await site.act()
        await site.seal()
        assert signers(await note(site), VKEY) == [VKEY]
        done = await rotate(site)
        assert (done.old, done.index) == (VKEY, 1)
        await site.seal()
        both = await note(site)
        assert signers(both, VKEY, done.new) == [VKEY, done.new]
        await site.act()
        await site.seal()
        assert signers(await note(site), VKEY, done.new) == [done.new]
        keys = await site.log.log_keys(SITE)
        assert keys is not None
        assert (keys.retiring, [(k.vkey, k.act, k.checkpoint) for k in keys.past]) == (None, [(VKEY, 1, both)])

    on_site(tmp_path, work)


def test_the_act_names_both_keys_and_the_old_seed_is_gone_once_it_is_sealed(tmp_path: Path) -> None:
    async def work(site: Site) -> None:
        done = await rotate(site)
        keys = await site.log.log_keys(SITE)
        assert keys is not None
        assert keys.retiring == SEED
        await site.seal()
        (entry,) = [entry async for entry in site.log.entries(SITE, 10)]
        body = (entry.body or b"").decode()
        assert '"act":"key.rotate"' in body
        assert f'"detail":{{"new":"{done.new}","old":"{VKEY}"}}' in body
        with sqlite3.connect(tmp_path / FILE) as connection:
            assert connection.execute("SELECT seed, act FROM log_key").fetchall() == [(None, 0)]
            assert connection.execute("SELECT signing_key FROM site").fetchone()[0] != SEED
        connection.close()

    on_site(tmp_path, work)


def test_a_backlog_before_the_act_is_signed_by_the_old_key_alone(tmp_path: Path) -> None:
    async def work(site: Site) -> None:
        for _ in range(5):
            await site.act()
        done = await rotate(site)
        await site.act()
        sealer = Sealer(site.log, site.log, site.log, site.clock, batch=2)
        signed = []
        while await sealer.seal_once():
            signed.append(signers(await note(site), VKEY, done.new))
        assert signed == [[VKEY], [VKEY], [VKEY, done.new], [done.new]]

    on_site(tmp_path, work)


def test_any_two_checkpoints_are_consistent_across_rotations_and_old_proofs_still_verify(tmp_path: Path) -> None:
    async def work(site: Site) -> None:
        notes, vkeys = [], [VKEY]
        for count in (3, 253, 1, 40):
            await asyncio.gather(*[site.act() for _ in range(count)])
            await site.seal()
            notes.append((await note(site), vkeys[-1]))
            vkeys.append((await rotate(site)).new)
            await site.seal()
            notes.append((await note(site), vkeys[-2]))
            notes.append((await note(site), vkeys[-1]))
        checkpoints = [open_checkpoint(text, parse_vkey(vkey)) for text, vkey in notes]
        assert {checkpoint.origin for checkpoint in checkpoints} == {ORIGIN}
        for place, old in enumerate(checkpoints):
            for new in checkpoints[place:]:
                proof = await consistency_proof(site.log, SITE, old.size, new.size)
                assert verify_consistency(old.size, old.root, new.size, new.root, proof)
        first = await inclusion_proof(site.log, SITE, 1, notes[0][0])
        assert first.endswith(notes[0][0])

    on_site(tmp_path, work)


def test_a_second_rotation_waits_for_the_first_and_an_unknown_site_has_none(tmp_path: Path) -> None:
    async def work(site: Site) -> None:
        await rotate(site)
        with pytest.raises(Conflict, match="under way"):
            await rotate(site)
        await site.seal()
        await rotate(site)
        with pytest.raises(NotFound):
            await rotate_key(site.log, site.log, "nowhere", "test", site.clock)
        state = await site.log.log_state(SITE)
        assert state is not None
        assert state.appended == 2

    on_site(tmp_path, work)


def test_two_rotations_at_once_never_both_happen(tmp_path: Path) -> None:
    async def work(site: Site) -> None:
        outcomes = await asyncio.gather(rotate(site), rotate(site), return_exceptions=True)
        assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict", "Rotated"]

    on_site(tmp_path, work)


def test_a_step_that_was_signed_before_a_rotation_is_refused(tmp_path: Path) -> None:
    async def work(site: Site) -> None:
        await site.act()

        class Keys:
            """Rotates the key while a step is under way, between reading the keys and storing the step."""

            rotated = False

            async def log_keys(self, name: str) -> LogKeys | None:
                keys = await site.log.log_keys(name)
                if not self.rotated:
                    self.rotated = True
                    await rotate(site)
                return keys

        sealer = Sealer(site.log, site.log, Keys(), site.clock)
        assert await sealer.seal_once() == 0
        assert await sealer.seal_once() == 2
        keys = await site.log.log_keys(SITE)
        assert keys is not None
        assert signers(await note(site), VKEY, make_vkey(ORIGIN, keys.present))[0] == VKEY
        fence = await site.log.acquire_seal_lease(sealer._holder, 60)
        assert fence is not None
        await site.act()
        assert not await site.log.seal(Seal(SITE, 2, 3, {}, (), await note(site), rotations=0), fence)
        assert read_checkpoint(await note(site)).size == 2

    on_site(tmp_path, work)
