"""C2SP checkpoints: a log's origin, size and root as the text of a signed note (c2sp.org/tlog-checkpoint)."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass

from temoin.proof.merkle import HASH_SIZE
from temoin.proof.note import Signer, Verifier, open_note, parse_note, sign_note

_SIZE = re.compile(r"(?:0|[1-9][0-9]{0,18})\Z")


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """`root` is the 32-byte tree hash of the log `origin` at `size` entries."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The note's text; Témoin writes no extension lines."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def parse_checkpoint(text: str) -> Checkpoint:
    """A checkpoint from a note's text; extension lines are allowed and ignored. Raises ValueError."""
    lines = text.split("\n")
    if len(lines) < 4 or lines[-1] or not all(lines[:-1]) or not _SIZE.match(lines[1]):
        raise ValueError("a checkpoint has an origin, a decimal size and a root, each on a line")
    try:
        root = base64.b64decode(lines[2], validate=True)
    except binascii.Error as error:
        raise ValueError("the checkpoint's root is not base64") from error
    if len(root) != HASH_SIZE or base64.b64encode(root).decode() != lines[2]:
        raise ValueError("the checkpoint's root is not the base64 of 32 bytes")
    return Checkpoint(lines[0], int(lines[1]), root)


def sign_checkpoint(checkpoint: Checkpoint, signers: Sequence[Signer]) -> str:
    """The signed note as it is served at `<prefix>/checkpoint`."""
    return sign_note(checkpoint.text, signers)


def open_checkpoint(note: str, verifier: Verifier) -> Checkpoint:
    """A checkpoint that this key signed for this origin (its own name); raises ValueError."""
    text, _ = open_note(note, [verifier])
    checkpoint = parse_checkpoint(text)
    if checkpoint.origin != verifier.name:
        raise ValueError(f"the checkpoint is of {checkpoint.origin}, not of {verifier.name}")
    return checkpoint


def read_checkpoint(note: str) -> Checkpoint:
    """A checkpoint out of our own store, signature not looked at; raises ValueError."""
    return parse_checkpoint(parse_note(note).text)
