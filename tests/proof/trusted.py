"""Bundles of logs that others endorsed and whose keys were replaced."""

from __future__ import annotations

import asyncio
import hashlib
import io
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from temoin.proof.bundle import write_bundle
from temoin.proof.endorser import Endorser, Source
from temoin.proof.growth import consistency_text
from temoin.proof.note import Signer, make_vkey, sign_note
from temoin.proof.outside import Outside
from temoin.proof.ports import EntryFilter
from temoin.proof.rotation import rotate_key
from temoin.proof.stored_zip import StoredZip
from temoin.proof.timestamp import Authority
from temoin.proof.verify.report import Report
from temoin.proof.witness import Witness, parse_cosigner
from tests.aio import run
from tests.proof.forged import Files, unpacked
from tests.proof.logs import ORIGIN, SITE, VKEY, Site, open_site
from tests.proof.outsiders import TestAuthority, TestWitness, served

KEYS = ("act.json", "consistency", "tlog-proof", "vkey")


@dataclass(frozen=True)
class Made:
    """A bundle, the seed and text of the key that signed it, who endorsed it, and what an auditor kept."""

    data: bytes
    seed: bytes
    vkey: str
    witness: TestWitness
    authority: TestAuthority
    kept: str
    proof: str


def make(folder: Path, *, rotations: int = 0, endorse: str = "", after: int = 0) -> Made:
    """`endorse` names who endorses the newest checkpoint (`w`, `t`); `after` entries are sealed after that."""
    witness, authority = TestWitness(VKEY), TestAuthority(folder / "tsa")
    witness.now = int(datetime.now(UTC).timestamp())

    async def work(site: Site) -> Made:
        await site.decide(await site.publish(languages=["fr"], evidence=False))
        await site.decide(await site.publish(languages=["fr"], evidence=False))
        await site.seal()
        kept = await checkpoint(site)
        for _ in range(rotations):
            witness.keys.append((await rotate_key(site.log, site.log, SITE, "test", site.clock)).new)
            await site.act()
            await site.seal()
        await take(site, endorse, witness, authority)
        await asyncio.gather(*[site.act() for _ in range(after)])
        await site.seal()
        await write_bundle(site.log, SITE, EntryFilter(), folder / "bundle", site.clock.now())
        keys, state = await site.log.log_keys(SITE), await site.log.log_state(SITE)
        assert keys is not None
        assert state is not None
        proof = await consistency_text(site.log, SITE, 4, state.sealed)
        data = (folder / "bundle").read_bytes()
        return Made(data, keys.present, make_vkey(ORIGIN, keys.present), witness, authority, kept, proof)

    return on_site(folder, work)


def on_site(folder: Path, work: Callable[[Site], Awaitable[Made]]) -> Made:
    async def main() -> Made:
        async with open_site(folder / "store") as site:
            return await work(site)

    return run(main())


async def checkpoint(site: Site) -> str:
    state = await site.log.log_state(SITE)
    assert state is not None
    return state.checkpoint or ""


async def take(site: Site, who: str, witness: TestWitness, authority: TestAuthority) -> None:
    with served(witness.respond) as one, served(authority.respond) as other:
        outside = Outside()
        sources: dict[str, Source] = {
            "w": Witness(parse_cosigner(witness.vkey), one, outside),
            "t": Authority(other, outside),
        }
        asking = Endorser(site.log, [sources[letter] for letter in who], site.clock)
        assert await asking.endorse_once() == len(who)
        await site.log.acquire_endorse_lease(asking._holder, 0)


def repacked(made: Made, change: Callable[[Files], object]) -> bytes:
    """The bundle with other files and true sums, signed by the log's key."""
    files = unpacked(made.data)
    change(files)
    rest = [(name, data) for name, data in files.items() if name not in ("SHA256SUMS", "manifest.note")]
    sums = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in rest).encode()
    text = f"temoin.bundle/1\n{ORIGIN}\nSHA256SUMS {hashlib.sha256(sums).hexdigest()}\n"
    note = sign_note(text, [Signer(ORIGIN, made.seed)])
    out = io.BytesIO()
    with StoredZip(out) as archive:
        for name, data in [*rest, ("SHA256SUMS", sums), ("manifest.note", note.encode())]:
            archive.add(name, data)
        archive.finish()
    return out.getvalue()


def said(report: Report, title: str) -> str:
    return next(step.said for step in report.steps if step.title == title)
