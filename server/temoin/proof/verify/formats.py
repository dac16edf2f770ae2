"""The formats of a transparency log, read strictly: verifier keys, signed notes, checkpoints, proofs (C2SP), RFC 6962.

Written from the standards and from them alone, so that a mistake of the writer is not repeated here. Everything raises
ValueError with words for people.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ED25519 = 0x01
COSIGNATURE = 0x04

_NUMBER = re.compile(r"(?:0|[1-9][0-9]{0,18})\Z")


@dataclass(frozen=True, slots=True)
class Key:
    """An Ed25519 verifier key: its name, its 4-byte id, its 32 bytes, and its text as it was read."""

    name: str
    key_id: bytes
    public: bytes
    text: str

    @property
    def short(self) -> str:
        return f"{self.name}+{self.key_id.hex()}"


@dataclass(frozen=True, slots=True)
class Head:
    """What a checkpoint says."""

    origin: str
    size: int
    root: bytes


def read_key(text: str, kind: int = ED25519) -> Key:
    """A verifier key `name+id+base64` of a log or, with COSIGNATURE, of a witness."""
    parts = text.split("+", 2)
    if len(parts) != 3 or not parts[0]:
        raise ValueError("a verifier key has the form name+id+key")
    name, key_id, data = parts[0], parts[1], decode64(parts[2])
    if len(data) != 33 or data[0] != kind:
        raise ValueError(f"the verifier key is not of the type Ed25519 (0x{kind:02x})")
    expected = hashlib.sha256(name.encode() + b"\n" + data).digest()[:4]
    if key_id != expected.hex():
        raise ValueError("the verifier key's id does not belong to its name and bytes")
    return Key(name, expected, data[1:], text)


def open_note(note: str, key: Key) -> tuple[str, int]:
    """The text of a note that `key` signed, and how many signature lines the note has in all."""
    text, lines = note_lines(note)
    ours = 0
    for name, data in lines:
        if name == key.name and data[:4] == key.key_id:
            _verify(key, text, data[4:])
            ours += 1
    if not ours:
        raise ValueError(f"it is not signed by the key {key.short}")
    return text, len(lines)


def note_lines(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    """The text of a note, and of each signature line the name and what the base64 holds (4 bytes of key id first)."""
    place = note.rfind("\n\n")
    if place < 0 or not note.endswith("\n"):
        raise ValueError("it is not a signed note")
    lines = []
    for line in note[place + 2 : -1].split("\n"):
        mark, _, rest = line.partition(" ")
        name, _, encoded = rest.partition(" ")
        if mark != "—" or not name:
            raise ValueError("one of its signature lines is broken")
        lines.append((name, decode64(encoded)))
    return note[: place + 1], lines


def _verify(key: Key, text: str, signature: bytes) -> None:
    try:
        Ed25519PublicKey.from_public_bytes(key.public).verify(signature, text.encode())
    except InvalidSignature as error:
        raise ValueError(f"its signature by {key.short} is wrong") from error


def read_head(text: str) -> Head:
    """A checkpoint from the text of its note."""
    lines = text.split("\n")
    if len(lines) < 4 or not _NUMBER.match(lines[1]):
        raise ValueError("it is not a checkpoint: origin, size and root are needed")
    root = decode64(lines[2])
    if len(root) != 32:
        raise ValueError("its root is not a SHA-256 hash")
    return Head(lines[0], int(lines[1]), root)


def check_proof(text: str, commitment: bytes, index: int, checkpoint: str, head: Head) -> None:
    """That a .tlog-proof shows `commitment` as the log's entry `index` under the bundle's own checkpoint."""
    top, _, tail = text.partition("\n\n")
    lines = top.split("\n")
    if lines[0] != "c2sp.org/tlog-proof@v1" or len(lines) < 2 or lines[1] != f"index {index}":
        raise ValueError(f"it is not a proof of entry {index}")
    if tail != checkpoint:
        raise ValueError("it leads to another checkpoint than the bundle's")
    path = [decode64(line) for line in lines[2:]]
    if _root(commitment, index, head.size, path) != head.root:
        raise ValueError("it does not lead from the document's commitment to the checkpoint's root")


def _root(entry: bytes, index: int, size: int, path: list[bytes]) -> bytes:
    """RFC 9162, section 2.1.3.2, run to the root that it compares."""
    if index >= size:
        raise ValueError(f"entry {index} is not in a log of {size}")
    position, last = index, size - 1
    result = hashlib.sha256(b"\x00" + entry).digest()
    for sibling in path:
        if last == 0:
            raise ValueError("it has more hashes than the log is high")
        if position & 1 or position == last:
            result = hashlib.sha256(b"\x01" + sibling + result).digest()
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            result = hashlib.sha256(b"\x01" + result + sibling).digest()
        position, last = position >> 1, last >> 1
    if last:
        raise ValueError("it has fewer hashes than the log is high")
    return result


def decode64(text: str) -> bytes:
    """Standard base64, only in the one form that encoders write."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except ValueError as error:
        raise ValueError(f"{text[:60]!r} is not base64") from error
    if base64.b64encode(data).decode() != text:
        raise ValueError(f"{text[:60]!r} is not base64 in its one form")
    return data
