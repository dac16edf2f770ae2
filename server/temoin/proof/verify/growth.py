"""How one state of a log follows from another: consistency proofs, and checkpoints that an auditor has kept.

Written from RFC 9162, section 2.1.4.2, and docs/proof.md. Everything raises ValueError with words for people.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from temoin.proof.verify.formats import Head, Key, decode64, open_note, read_head

_SIZES = re.compile(r"(0|[1-9][0-9]{0,18}) (0|[1-9][0-9]{0,18})\Z")
_EMPTY = hashlib.sha256(b"").digest()


@dataclass(frozen=True, slots=True)
class Growth:
    """A consistency proof as it is written down; nothing of it checked."""

    origin: str
    old: int
    new: int
    path: tuple[bytes, ...]


def read_growth(text: str) -> Growth:
    """A proof of the form `temoin.consistency/1`."""
    lines = text.split("\n")
    match = _SIZES.match(lines[2]) if len(lines) > 3 else None
    if match is None or lines[0] != "temoin.consistency/1" or lines[-1]:
        raise ValueError("it is not a consistency proof of the form temoin.consistency/1")
    path = tuple(decode64(line) for line in lines[3:-1])
    if any(len(part) != 32 for part in path):
        raise ValueError("one of its hashes is not a SHA-256 hash")
    return Growth(lines[1], int(match[1]), int(match[2]), path)


def check_growth(growth: Growth, old: Head, new: Head) -> None:
    """That the log of `new` begins with all entries of the log of `old`."""
    if (growth.origin, growth.old, growth.new) != (new.origin, old.size, new.size) or old.origin != new.origin:
        raise ValueError(f"it is not a proof from {old.size} to {new.size} entries of {new.origin}")
    if _grown(growth.path, old, new) != (old.root, new.root):
        raise ValueError(
            f"it does not lead from the root of {old.size} entries to the root of {new.size}: the proof is wrong, or "
            "the two checkpoints are of a forked log"
        )


def _grown(proof: Sequence[bytes], old: Head, new: Head) -> tuple[bytes, bytes]:
    """The roots of both sizes that a proof leads to."""
    if old.size in (0, new.size):
        if proof:
            raise ValueError("it has hashes where none are needed")
        return _EMPTY if old.size == 0 else new.root, new.root
    path = [old.root, *proof] if old.size & (old.size - 1) == 0 else list(proof)
    if not path:
        raise ValueError("it has fewer hashes than it needs")
    position, last = old.size - 1, new.size - 1
    while position & 1:
        position, last = position >> 1, last >> 1
    return _climb(path, position, last)


def _climb(path: Sequence[bytes], position: int, last: int) -> tuple[bytes, bytes]:
    before = after = path[0]
    for part in path[1:]:
        if last == 0:
            raise ValueError("it has more hashes than it needs")
        if position & 1 or position == last:
            before, after = _node(part, before), _node(part, after)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            after = _node(after, part)
        position, last = position >> 1, last >> 1
    if last:
        raise ValueError("it has fewer hashes than it needs")
    return before, after


def _node(left: bytes, right: bytes) -> bytes:
    return hashlib.sha256(b"\x01" + left + right).digest()


def compare_kept(note: str, keys: Sequence[Key], heads: Sequence[Head], proofs: Sequence[str]) -> str:
    """That a checkpoint which the auditor kept is of the same log as the bundle; says how that is known.

    `keys` are the log's, `heads` states of the log that are known to be of one history, the bundle's own first,
    `proofs` the texts of consistency proofs. Raises ValueError where the log was forked or nothing can be said.
    """
    kept = _open_with_any(note, keys)
    head = heads[0]
    if kept.origin != head.origin:
        raise ValueError(f"it is of the log {kept.origin}, not of {head.origin}")
    for known in heads:
        if known.size == kept.size and known.root != kept.root:
            raise ValueError(
                f"THE LOG WAS FORKED: its operator signed two different histories of the first {kept.size} entries, "
                "the one that you kept and the one in this bundle; keep both files, together they prove it"
            )
        if known.size == kept.size:
            return f"the {kept.size} entries that you know of stand unchanged in this log"
    old, new = sorted((kept, head), key=lambda one: one.size)
    for text in proofs:
        growth = read_growth(text)
        if (growth.old, growth.new) == (old.size, new.size):
            check_growth(growth, old, new)
            return f"one history: the first {old.size} of {new.size} entries are the same in both checkpoints"
    raise ValueError(
        f"it is of {kept.size} entries and the bundle of {head.size}, which cannot be compared without a proof: ask "
        f"the operator for 'temoin log consistency SITE {old.size} {new.size}' and give its file with --consistency"
    )


def _open_with_any(note: str, keys: Sequence[Key]) -> Head:
    for key in keys:
        try:
            return read_head(open_note(note, key)[0])
        except ValueError as error:
            wrong = error
    if len(keys) == 1:
        raise wrong
    raise ValueError("it is not signed by any of the log's keys")
