"""Witnesses: servers that cosign a checkpoint after checking that the log only grew (c2sp.org/tlog-witness).

`Witness.obtain` is the client of `add-checkpoint`. The witness's word is kept only if its cosignature (Ed25519 with a
time, type 0x04, `cosignature/v1`, c2sp.org/tlog-cosignature) verifies with the key from the settings.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from temoin.errors import Malformed
from temoin.proof.note import Signature, check_key_name, parse_note
from temoin.proof.outside import Answer, Outside

COSIGNATURE = 0x04
_SIGNATURE_SIZE = 8 + 64
_SIZE = re.compile(rb"(0|[1-9][0-9]{0,18})\n\Z")
_TEXT = {"Content-Type": "text/plain; charset=utf-8"}


class Refused(Exception):
    """The other side answered, and not with an endorsement; the words say what it said."""


class ForkSuspected(Refused):
    """The witness knows another history of this log than the store has: a fork, or a store put back to an old copy."""


@dataclass(frozen=True, slots=True)
class Request:
    """One checkpoint to endorse: the signed `note`, its `size`, the size that this source endorsed last (0: none), and
    `consistency(old)`, the hashes of RFC 6962's PROOF(old, D[size])."""

    note: str
    size: int
    last: int
    consistency: Callable[[int], Awaitable[list[bytes]]]


@dataclass(frozen=True, slots=True)
class Cosigner:
    """A witness's public key (32 bytes) under its name."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        return hashlib.sha256(self.name.encode() + b"\n" + bytes([COSIGNATURE]) + self.public).digest()[:4]

    @property
    def vkey(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{base64.b64encode(bytes([COSIGNATURE]) + self.public).decode()}"

    def made(self, line: Signature) -> bool:
        """Whether a signature line claims to be of this key."""
        return (line.name, line.key_id) == (self.name, self.key_id)

    def accepts(self, text: str, cosignature: bytes) -> bool:
        """`cosignature` is 8 bytes of POSIX time and 64 of signature over it and the note's text."""
        if len(cosignature) != _SIGNATURE_SIZE:
            return False
        time = int.from_bytes(cosignature[:8], "big")
        message = f"cosignature/v1\ntime {time}\n{text}".encode()
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(cosignature[8:], message)
        except InvalidSignature:
            return False
        return time < 2**63


class Witness:
    """One witness and where it takes checkpoints. `url` is its submission prefix."""

    def __init__(self, cosigner: Cosigner, url: str, outside: Outside) -> None:
        self.source = cosigner.vkey
        self._cosigner = cosigner
        self._url = f"{url.rstrip('/')}/add-checkpoint"
        self._outside = outside

    async def obtain(self, request: Request) -> bytes:
        """Its cosignature lines over the note.

        A witness that last saw another size than we believe says so (409) and is asked once more from there. Raises
        Unreachable, Refused, ForkSuspected.
        """
        answer = await self._submit(request, request.last)
        if answer.status == 409:
            known = _known_size(answer, request)
            answer = await self._submit(request, known)
            if answer.status == 409 and known == request.size:
                raise ForkSuspected(f"it holds another root of the first {known} entries")
        if answer.status != 200:
            raise _refusal(answer)
        return self._own_line(request.note, answer.body)

    async def _submit(self, request: Request, old: int) -> Answer:
        proof = await request.consistency(old)
        lines = [f"old {old}", *(base64.b64encode(part).decode() for part in proof), "", request.note]
        return await self._outside.post(self._url, "\n".join(lines).encode(), _TEXT)

    def _own_line(self, note: str, body: bytes) -> bytes:
        """This witness's line in its answer; others are dropped, a wrong one of its own spoils the answer."""
        try:
            parsed = parse_note(note + body.decode())
        except ValueError as error:
            raise Refused(f"its answer is no list of signature lines ({error})") from error
        if parsed.text != parse_note(note).text:
            raise Refused("its answer is not a list of signature lines")
        own = [line for line in parsed.signatures if self._cosigner.made(line)]
        if not own:
            raise Refused(f"its answer has no cosignature of {self.source}")
        if not all(self._cosigner.accepts(parsed.text, line.data) for line in own):
            raise Refused(f"its cosignature does not verify with {self.source}")
        return f"— {own[0].name} {base64.b64encode(own[0].key_id + own[0].data).decode()}\n".encode()


def _known_size(answer: Answer, request: Request) -> int:
    """The size that the witness says it cosigned last, from the body of a 409."""
    told = _SIZE.match(answer.body)
    if told is None:
        raise Refused("it refused the size that we started from (status 409) and did not say which it knows")
    size = int(told[1])
    if size > request.size:
        raise ForkSuspected(f"it has cosigned {size} entries where the store has {request.size}")
    return size


def _refusal(answer: Answer) -> Refused:
    words = {
        400: "it found the request malformed",
        403: "it does not trust the key that signed the checkpoint; give it the log's present key",
        404: "it does not know this log; have its operator add the log's key",
        409: "it moved on while it was asked",
        422: "the proof of growth does not fit what it has seen",
    }
    said = f"{words.get(answer.status, 'it failed')} (status {answer.status})"
    return ForkSuspected(said) if answer.status == 422 else Refused(said)


def parse_cosigner(text: str) -> Cosigner:
    """A witness's key from its verifier key of type 0x04; raises ValueError."""
    parts = text.split("+", 2)
    if len(parts) != 3:
        raise ValueError("a verifier key has the form name+id+key")
    name, key_id, encoded = parts
    check_key_name(name)
    data = base64.b64decode(encoded, validate=True)
    if len(data) != 33 or data[0] != COSIGNATURE or base64.b64encode(data).decode() != encoded:
        raise ValueError("the key is not of a witness (Ed25519 cosignatures, type 0x04)")
    cosigner = Cosigner(name, data[1:])
    if cosigner.key_id.hex() != key_id:
        raise ValueError(f"the key id {key_id} does not belong to this name and key")
    return cosigner


def parse_witnesses(text: str, outside: Outside) -> list[Witness]:
    """Witnesses as TEMOIN_WITNESSES names them: `vkey=url`, separated by white space. Raises Malformed."""
    witnesses: dict[str, Witness] = {}
    for pair in text.split():
        match = re.fullmatch(r"(.+?)=(https?://[^/?#@]+[^?#]*)", pair)
        try:
            if match is None:
                raise ValueError("it is not of the form vkey=url with an http(s) address")
            witness = Witness(parse_cosigner(match[1]), match[2], outside)
        except ValueError as error:
            raise Malformed(
                "bad_setting",
                f"TEMOIN_WITNESSES: {pair[:200]!r} names no witness: {error}.",
                "Give each witness as its verifier key, an equals sign and its submission address.",
            ) from error
        witnesses[witness.source] = witness
    return list(witnesses.values())
