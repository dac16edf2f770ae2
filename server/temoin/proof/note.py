"""C2SP signed notes and verifier keys, Ed25519 (c2sp.org/signed-note).

A note is text that ends in a newline, a blank line, then one signature line a key. Lines of keys that the reader does
not know are ignored (witnesses add theirs); a line of a known key that does not verify spoils the whole note.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = 0x01
_MOST_SIGNATURES = 100
_LINE = re.compile(r"— ([^ +\n]+) ([A-Za-z0-9+/]+={0,2})\Z")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True, slots=True)
class Verifier:
    """A public key (32 bytes) under its name."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        """SHA-256(name || LF || type || public key), the first 4 bytes."""
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([ED25519]) + self.public).digest()[:4]

    @property
    def vkey(self) -> str:
        """`name+hex key id+base64(type || public key)`; the base64 part may itself contain a plus sign."""
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(bytes([ED25519]) + self.public).decode()}"

    def accepts(self, text: str, signature: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


class Signer:
    """A signing key (32-byte Ed25519 seed) under its name; the seed itself is not kept in readable form."""

    def __init__(self, name: str, seed: bytes) -> None:
        check_key_name(name)
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = Verifier(name, self._key.public_key().public_bytes_raw())

    def signature_line(self, text: str) -> str:
        """`— name base64(key id || signature)` with its newline."""
        signature = self.verifier.key_id + self._key.sign(text.encode())
        return f"— {self.verifier.name} {base64.b64encode(signature).decode()}\n"


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: `data` is what follows the 4 bytes of key id."""

    name: str
    key_id: bytes
    data: bytes


@dataclass(frozen=True, slots=True)
class Note:
    """A parsed note; nothing in it is verified. `text` ends in a newline."""

    text: str
    signatures: tuple[Signature, ...]


def check_key_name(name: str) -> None:
    """Raises ValueError for an empty name and one with a plus sign, white space or control characters."""
    if not name or "+" in name or any(char.isspace() or ord(char) < 0x20 for char in name):
        raise ValueError(f"{name!r} cannot name a key")


def make_vkey(name: str, seed: bytes) -> str:
    """The verifier key of a signing seed, as `site show` prints it."""
    return Signer(name, seed).verifier.vkey


def parse_vkey(text: str) -> Verifier:
    """A key from its text; raises ValueError for another type, a wrong id or a broken shape."""
    parts = text.strip().split("+", 2)
    if len(parts) != 3:
        raise ValueError("a verifier key has the form name+id+key")
    name, key_id, encoded = parts
    check_key_name(name)
    data = decode_base64(encoded)
    if len(data) != 33 or data[0] != ED25519:
        raise ValueError("the key is not an Ed25519 key (type 0x01)")
    verifier = Verifier(name, data[1:])
    if verifier.key_id.hex() != key_id:
        raise ValueError(f"the key id {key_id} does not belong to this name and key")
    return verifier


def sign_note(text: str, signers: Sequence[Signer]) -> str:
    """The signed note of `text`, which must end in a newline and hold no other control characters."""
    if not text.endswith("\n") or _CONTROL.search(text):
        raise ValueError("a note's text ends in a newline and holds no control characters")
    return text + "\n" + "".join(signer.signature_line(text) for signer in signers)


def parse_note(note: str) -> Note:
    """Splits text and signatures at the last blank line; raises ValueError where the shape is broken."""
    text, blank, lines = note.rpartition("\n\n")
    if not blank or not lines.endswith("\n") or _CONTROL.search(note):
        raise ValueError("not a signed note: text, a blank line and signature lines are needed")
    rows = lines[:-1].split("\n")
    if len(rows) > _MOST_SIGNATURES:
        raise ValueError(f"a note of {len(rows)} signatures is refused")
    return Note(text + "\n", tuple(_signature(row) for row in rows))


def open_note(note: str, verifiers: Sequence[Verifier]) -> tuple[str, tuple[Verifier, ...]]:
    """The text of a note and which of `verifiers` signed it; raises ValueError unless one did and none is wrong."""
    parsed = parse_note(note)
    signed: list[Verifier] = []
    for verifier in verifiers:
        lines = [s for s in parsed.signatures if (s.name, s.key_id) == (verifier.name, verifier.key_id)]
        if any(not verifier.accepts(parsed.text, line.data) for line in lines):
            raise ValueError(f"the signature of {verifier.name} does not verify")
        if lines:
            signed.append(verifier)
    if not signed:
        raise ValueError("the note carries no signature of a known key")
    return parsed.text, tuple(signed)


def _signature(row: str) -> Signature:
    match = _LINE.match(row)
    if match is None:
        raise ValueError(f"not a signature line: {row[:80]!r}")
    name, encoded = match.groups()
    check_key_name(name)
    data = decode_base64(encoded)
    if len(data) < 5:
        raise ValueError("a signature is shorter than its key id")
    return Signature(name, data[:4], data[4:])


def decode_base64(text: str) -> bytes:
    """Standard base64, only in the one form that an encoder writes."""
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(f"not base64: {text[:80]!r}") from error
    if base64.b64encode(data).decode() != text:
        raise ValueError(f"not canonical base64: {text[:80]!r}")
    return data
