"""Reading a log: the tiles it serves, whatever their width, and proofs while it grows."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from temoin.errors import NotFound, NotReady
from temoin.proof.checkpoint import open_checkpoint
from temoin.proof.log import ProofWriter, consistency_proof, inclusion_proof, proof_text, served_tile
from temoin.proof.merkle import leaf_hash, verify_inclusion
from temoin.proof.note import parse_vkey
from temoin.proof.tile import ENTRIES, tile_path, width_at
from temoin.proof.tlog_proof import parse_proof
from tests.aio import run
from tests.proof.folder import Folder, document
from tests.proof.logs import SITE, VKEY, open_site


def test_every_partial_tile_ever_published_is_served_for_good(tmp_path: Path) -> None:
    log = Folder(tmp_path).grow(300)
    seen: dict[str, bytes] = {}
    for size in (301, 511, 512, 513, 1024):
        log.grow(size)
        for level in (ENTRIES, 0, 1):
            for index in range(5):
                if width := width_at(level, index, size):
                    path = tile_path(level, index, width)
                    seen[path] = run(served_tile(log, SITE, path))
    for path, data in seen.items():
        assert run(served_tile(log, SITE, path)) == data


@pytest.mark.parametrize(
    "path", ["tile/0/001.p/45", "tile/0/002", "tile/1/000.p/2", "tile/2/000.p/1", "tile/entries/001", "checkpoint", "x"]
)
def test_a_tile_that_the_checkpoint_does_not_cover_is_not_served(tmp_path: Path, path: str) -> None:
    log = Folder(tmp_path).grow(300)
    with pytest.raises(NotFound, match="has no"):
        run(served_tile(log, SITE, path))


def test_a_proof_under_an_older_checkpoint_holds_while_the_log_grows(tmp_path: Path) -> None:
    log = Folder(tmp_path).grow(300)
    older = (tmp_path / "checkpoint").read_text("utf-8")
    log.grow(70_000)
    head = open_checkpoint(older, parse_vkey(VKEY))
    for index in (0, 255, 256, 299):
        proof = parse_proof(run(inclusion_proof(log, SITE, index, older)))
        leaf = leaf_hash(hashlib.sha256(document(index)).digest())
        assert verify_inclusion(leaf, index, 300, proof.path, head.root)
        assert proof.checkpoint == older


def test_one_proof_reads_few_tiles_however_long_the_log_is(tmp_path: Path) -> None:
    log = Folder(tmp_path).grow(70_000)
    read: list[str] = []

    class Counting(Folder):
        async def tile(self, site: str, path: str) -> bytes | None:
            read.append(path)
            return await log.tile(site, path)

    counting = Counting(tmp_path)
    run(ProofWriter(counting, SITE, (tmp_path / "checkpoint").read_text("utf-8")).text(12_345))
    assert len(read) <= 6


def test_what_is_not_there_is_said_to_be_missing_or_late(tmp_path: Path) -> None:
    async def main() -> None:
        async with open_site(tmp_path) as site:
            with pytest.raises(NotFound, match="no site"):
                await proof_text(site.log, "elsewhere", 0)
            with pytest.raises(NotReady):
                await proof_text(site.log, SITE, 0)
            await site.act()
            await site.seal()
            assert (await proof_text(site.log, SITE, 0)).startswith("c2sp.org/tlog-proof@v1\nindex 0\n\n")
            await site.act()
            with pytest.raises(NotReady):
                await proof_text(site.log, SITE, 1)
            with pytest.raises(ValueError, match="published up to 1"):
                await consistency_proof(site.log, SITE, 1, 2)

    run(main())
