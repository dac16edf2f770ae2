"""Names of the keys, and the bytes behind them.

Everything of a site carries the site in its hash tag, everything of the service the tag `*`, which names no site: each
is one slot of a cluster, and a script may change it in one step. Evidence files are keys of their own.
"""

from __future__ import annotations

import hashlib
import struct
import uuid
from dataclasses import dataclass
from typing import Any, Literal

from temoin.proof.append import Draft
from temoin.proof.entry import Entry, LoggedEntry, id_bytes

_PARTS = (
    *("site", "stub", "body", "id", "head", "tile", "config", "segment", "pending", "past", "endorsement", "export"),
)
_STUB = struct.Struct(">16s16s32s16sQQc")
_DRAFT = struct.Struct(">16s16s32s16sc16s")
_KINDS: dict[bytes, Literal["consent", "publication", "act", "erasure"]] = {
    b"c": "consent",
    b"p": "publication",
    b"a": "act",
    b"e": "erasure",
}


def site_keys(site: str) -> list[str]:
    """All keys of a site, in the order that the scripts name them."""
    return [f"temoin:{{{site}}}:{part}" for part in _PARTS]


def site_key(site: str, part: str) -> str:
    return f"temoin:{{{site}}}:{part}"


def service_key(part: str) -> str:
    return f"temoin:{{*}}:{part}"


def blob_key(digest: str) -> str:
    return f"temoin:blob:{digest}"


def subject_key(subject: str | None) -> bytes:
    """16 bytes that find a subject's entries and tell nothing about it; none for an entry that concerns no visitor."""
    return hashlib.sha256(subject.encode()).digest()[:16] if subject is not None else b""


def pack_body(subject: str | None, body: bytes) -> bytes:
    """A hot record: the length of its subject plus one (0: none) in a byte, the subject, the canonical bytes."""
    if subject is None:
        return b"\0" + body
    named = subject.encode()
    return bytes([len(named) + 1]) + named + body


def pack_draft(draft: Draft, entry: Entry, previous: LoggedEntry | None) -> bytes:
    """What the scripts take of a draft: as a stub begins, its kind, the id of the entry before, its hot record."""
    return _DRAFT.pack(
        *(id_bytes(draft.id), draft.digest, entry.commitment, subject_key(entry.subject), entry.kind[0].encode()),
        id_bytes(previous.id) if previous else b"",
    ) + pack_body(entry.subject, entry.body)


def unpack_body(packed: bytes) -> tuple[str | None, bytes]:
    length = packed[0]
    return (None, packed[1:]) if not length else (packed[1:length].decode(), packed[length:])


@dataclass(frozen=True, slots=True)
class Row:
    """An entry as the scripts answer with it. `packed` is empty once the body was archived (in `file`) or destroyed."""

    index: int
    id: str
    digest: bytes
    commitment: bytes
    kind: Literal["consent", "publication", "act", "erasure"]
    segment: int
    packed: bytes
    file: str

    @property
    def destroyed(self) -> bool:
        return not self.packed and not self.file


def read_row(answer: list[Any]) -> Row:
    index, stub, packed, file = answer
    entry_id, digest, commitment, _, _, segment, kind = _STUB.unpack(stub)
    return Row(index, str(uuid.UUID(bytes=entry_id)), digest, commitment, _KINDS[kind], segment, packed, file.decode())


def commitment_of(stub: bytes) -> bytes:
    """Of a stub, or of a packed draft, which begins like one."""
    return stub[32:64]
