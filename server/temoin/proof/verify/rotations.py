"""Replaced keys of a log: that each one handed over to the next, in the log, with its own signature.

Written from docs/proof.md. A key K is followed by a key L only where an act `key.rotate` that names both is proven to
be in the log under a checkpoint that both signed, and where the bundle's checkpoint continues that one. So a new key
that the holder of the old one never signed over to is refused, whatever else it signed.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from temoin.proof.verify.container import Container, Stored
from temoin.proof.verify.documents import check_shape, read_canonical, read_time
from temoin.proof.verify.formats import Head, Key, check_proof, open_note, read_head, read_key
from temoin.proof.verify.growth import check_growth, read_growth
from temoin.proof.verify.report import DATA_ERRORS, Step, words

_INDEX = re.compile(r"index (0|[1-9][0-9]{0,18})\Z")
_PARTS = ("act.json", "consistency", "tlog-proof", "vkey")


@dataclass(frozen=True, slots=True)
class Past:
    """A replaced key and the checkpoint that it signed last."""

    key: Key
    head: Head


def past_vkeys(container: Container, named: dict[str, Stored]) -> list[str]:
    """The texts of the replaced keys, oldest first, unchecked."""
    count = sum(name.startswith("keys/") and name.endswith(".vkey") for name in named)
    names = [f"keys/{number}.vkey" for number in range(1, count + 1)]
    return [container.read(named[name]).decode().removesuffix("\n") for name in names if name in named]


def check_rotations(
    container: Container, named: dict[str, Stored], present: Key, head: Head, site: str, step: Step
) -> list[Past]:
    """Every rotation in the bundle, oldest first; those that do not hold are not in the answer."""
    files = [name for name in named if name.startswith("keys/")]
    count = len({name.partition(".")[0] for name in files})
    due = {f"keys/{number}.{part}" for number in range(1, count + 1) for part in _PARTS}
    for name in sorted(due.symmetric_difference(files)):
        step.fail(name, "it is missing, or belongs to no rotation")
    if not step.ok:
        return []
    found: list[Past] = []
    newer, newest_size = present, head.size + 1
    for number in range(count, 0, -1):
        try:
            past, said = _check(container, named, number, newer, head, site)
            if past.head.size >= newest_size:
                raise ValueError("it does not stand before the rotation after it")
        except DATA_ERRORS as error:
            step.fail(f"keys/{number}.vkey", f"its rotation does not hold: {words(error)}")
            return []
        found.insert(0, past)
        newer, newest_size = past.key, past.head.size
        step.said = f"{said}; {step.said}" if step.said else said
    return found


def _check(
    container: Container, named: dict[str, Stored], number: int, newer: Key, head: Head, site: str
) -> tuple[Past, str]:
    parts = {part: container.read(named[f"keys/{number}.{part}"]) for part in _PARTS}
    vkey = parts["vkey"].decode().removesuffix("\n")
    key = read_key(vkey)
    if parts["vkey"] != f"{vkey}\n".encode() or key.name != newer.name:
        raise ValueError("it is not a key of this log")
    act = read_canonical(parts["act.json"])
    check_shape(act, "temoin.act/1", str(act.get("id")), site)
    read_time(act["recorded_at"], "recorded_at")
    if act["act"] != "key.rotate" or act["detail"] != {"old": vkey, "new": newer.text}:
        raise ValueError("its act does not hand over from this key to the one after it")
    proof = parts["tlog-proof"].decode()
    top, _, note = proof.partition("\n\n")
    index = _INDEX.match(top.split("\n")[1] if "\n" in top else "")
    if index is None:
        raise ValueError("the proof of its act has no index")
    at = read_head(open_note(note, key)[0])
    open_note(note, newer)
    if at.origin != key.name:
        raise ValueError(f"its checkpoint is of the log {at.origin}")
    check_proof(proof, hashlib.sha256(parts["act.json"]).digest(), int(index[1]), note, at)
    check_growth(read_growth(parts["consistency"].decode()), at, head)
    said = f"{key.short} handed over to {newer.short} in entry {index[1]}, {act['recorded_at']}, signed by both"
    return Past(key, at), said
