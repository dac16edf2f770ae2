"""A log as a folder of files in tlog-tiles form: what a mirror of `/log/{site}/` holds."""

from __future__ import annotations

import hashlib
from pathlib import Path

from temoin.proof.checkpoint import Checkpoint, sign_checkpoint
from temoin.proof.log import ProofWriter
from temoin.proof.note import Signer
from temoin.proof.ports import LogState
from temoin.proof.tile import EMPTY_EDGE, Edge, grow
from tests.aio import run
from tests.proof.logs import ORIGIN, SEED


class Folder:
    """Grows a log on disk and reads it back (see `LogReader`). Document `n` is the text of the number n."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.edge: Edge = EMPTY_EDGE

    def grow(self, size: int) -> Folder:
        entries = [hashlib.sha256(document(index)).digest() for index in range(self.edge.size, size)]
        growth = grow(self.edge, entries)
        for path in growth.obsolete:
            (self.folder / path).unlink()
        for path, data in growth.tiles.items():
            file = self.folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(data)
        self.edge = growth.edge
        checkpoint = Checkpoint(ORIGIN, size, self.edge.root())
        self.folder.mkdir(exist_ok=True)
        (self.folder / "checkpoint").write_text(sign_checkpoint(checkpoint, [Signer(ORIGIN, SEED)]), "utf-8")
        return self

    def prove(self, index: int) -> Path:
        """Writes the entry's proof under the present checkpoint."""
        proofs = self.folder / "proofs"
        proofs.mkdir(exist_ok=True)
        writer = ProofWriter(self, "any", (self.folder / "checkpoint").read_text("utf-8"))
        path = proofs / f"{index}.tlog-proof"
        path.write_text(run(writer.text(index)), "utf-8")
        return path

    async def tile(self, site: str, path: str) -> bytes | None:  # noqa: ARG002  # one site only
        file = self.folder / path
        return file.read_bytes() if file.is_file() else None

    async def log_state(self, site: str) -> LogState | None:
        size = self.edge.size
        return LogState(site, ORIGIN, size, size, (self.folder / "checkpoint").read_text("utf-8"))


def document(index: int) -> bytes:
    return str(index).encode()


def change_byte(path: Path, place: float = 0.5) -> None:
    """Changes one byte of a file, part of the way through it, to another of its kind."""
    data = bytearray(path.read_bytes())
    at = int(len(data) * place)
    data[at] = ord("B") if data[at] == ord("A") else ord("A")
    path.write_bytes(data)
