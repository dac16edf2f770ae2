"""C2SP tlog-proof: one text file that proves an entry offline (c2sp.org/tlog-proof), extension `.tlog-proof`."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass

from temoin.proof.merkle import HASH_SIZE
from temoin.proof.note import decode_base64

MAGIC = "c2sp.org/tlog-proof@v1"
_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})\Z")
_MOST_HASHES = 63


@dataclass(frozen=True, slots=True)
class TlogProof:
    """`path` runs from the leaf's sibling up; `checkpoint` is the signed note as it is; nobody signs `extra`."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: str
    extra: bytes = b""


def write_proof(proof: TlogProof) -> str:
    """The proof's text."""
    lines = [MAGIC]
    if proof.extra:
        lines.append("extra " + base64.b64encode(proof.extra).decode())
    lines.append(f"index {proof.index}")
    lines.extend(base64.b64encode(part).decode() for part in proof.path)
    return "\n".join([*lines, "", proof.checkpoint])


def parse_proof(text: str) -> TlogProof:
    """A proof from its text, nothing of it verified; raises ValueError where the shape is broken."""
    head, blank, checkpoint = text.partition("\n\n")
    lines = head.split("\n")
    if not blank or lines.pop(0) != MAGIC or not lines:
        raise ValueError(f"not a proof: its first line must be {MAGIC}")
    extra = b""
    if lines[0].startswith("extra "):
        extra = decode_base64(lines.pop(0)[6:])
    match = _INDEX.match(lines.pop(0)) if lines else None
    if match is None:
        raise ValueError("the proof has no line 'index <number>'")
    path = tuple(decode_base64(line) for line in lines)
    if len(path) > _MOST_HASHES or any(len(part) != HASH_SIZE for part in path):
        raise ValueError("the proof's hashes are not up to 63 lines of 32 bytes in base64")
    return TlogProof(int(match[1]), path, checkpoint, extra)
