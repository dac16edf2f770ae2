"""What others say of a log's checkpoints: witnesses' cosignatures and authorities' time-stamps.

Written from c2sp.org/tlog-cosignature, RFC 3161 and docs/proof.md. Nothing is believed of whoever is not pinned beyond
what it is: the report says whose word it is, and whether the auditor named them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from temoin.proof.verify.formats import COSIGNATURE, Key, note_lines, read_head, read_key
from temoin.proof.verify.report import DATA_ERRORS, Step, words
from temoin.proof.verify.timestamp import check_chain, check_token

CLOCK_SKEW = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Vouched:
    """A checkpoint that others may have endorsed: the file it is in, its note, and its time-stamp if it has one."""

    path: str
    note: str
    stamp: bytes | None


def check_witnesses(
    vouched: Sequence[Vouched], listed: str | None, pinned: Sequence[str], now: datetime, step: Step
) -> None:
    """Every cosignature of a known key; `listed` is the bundle's own list of keys, `pinned` the auditor's."""
    theirs, own = _read_pins(pinned, step), _read_listed(listed, step)
    found: set[Key] = set()
    said: list[str] = []
    for one in vouched:
        try:
            text, lines = note_lines(one.note)
            size = read_head(text).size
            for name, data in lines:
                key = next((k for k in (*theirs, *own) if (k.name, k.key_id) == (name, data[:4])), None)
                if key is not None:
                    moment = _cosigned_at(key, text, data[4:], now)
                    found.add(key)
                    whose = "the key that you gave" if key in theirs else "a key that the bundle names; compare it"
                    said.append(f"{key.short} saw {size} entries on {moment:%Y-%m-%d %H:%M:%S} UTC ({whose})")
        except DATA_ERRORS as error:
            step.fail(one.path, words(error))
    for key in theirs:
        if key not in found:
            step.fail(vouched[0].path, f"the witness {key.short} that you gave has not cosigned it")
    for key in own:
        if key not in found:
            step.fail("witnesses.vkey", f"it names {key.short}, whose cosignature is not in the bundle")
    step.said = "; ".join(said) or "none: nobody but its operator vouches that there is only this one log"


def check_stamps(vouched: Sequence[Vouched], trusted: bytes | None, now: datetime, step: Step) -> None:
    """Every time-stamp; `trusted` are the auditor's certificates in PEM form."""
    said: list[str] = []
    for one in vouched:
        if one.stamp is None:
            continue
        try:
            imprint = hashlib.sha256(_as_stamped(one.note)).digest()
            stamp = check_token(one.stamp, imprint)
            if stamp.moment > now + CLOCK_SKEW:
                raise ValueError(f"it is dated in the future: {stamp.moment:%Y-%m-%d %H:%M:%S} UTC")
            whose = "trust in that authority was not checked: give its certificate with --tsa-certificate"
            if trusted is not None:
                check_chain(one.stamp, imprint, trusted)
                whose = "it leads to the certificate that you gave"
            size = read_head(note_lines(one.note)[0]).size
            said.append(f"{size} entries stood on {stamp.moment:%Y-%m-%d %H:%M:%S} UTC, says {stamp.signer}; {whose}")
        except DATA_ERRORS as error:
            step.fail(one.path.replace("checkpoint", "timestamp.tsr"), words(error))
    if trusted is not None and not any(one.stamp for one in vouched):
        step.fail("checkpoint", "it has no time-stamp that could lead to the certificate that you gave")
    step.said = "; ".join(said) or "none: all times are by the operator's own clock"


def _as_stamped(note: str) -> bytes:
    """The note without cosignatures: only the lines of keys that are named after the log itself."""
    place = note.rindex("\n\n") + 2
    origin = note.partition("\n")[0]
    lines = note[place:].splitlines(keepends=True)
    return (note[:place] + "".join(line for line in lines if line.startswith(f"— {origin} "))).encode()


def _cosigned_at(key: Key, text: str, data: bytes, now: datetime) -> datetime:
    """When, by the witness's clock, it cosigned this text."""
    seconds = int.from_bytes(data[:8], "big")
    if len(data) != 72 or seconds >= 2**63:
        raise ValueError(f"the cosignature of {key.short} is not of the form cosignature/v1")
    try:
        message = f"cosignature/v1\ntime {seconds}\n{text}".encode()
        Ed25519PublicKey.from_public_bytes(key.public).verify(data[8:], message)
    except InvalidSignature as error:
        raise ValueError(f"the cosignature of {key.short} is wrong") from error
    if seconds > (now + CLOCK_SKEW).timestamp():
        raise ValueError(f"the cosignature of {key.short} is dated in the future ({seconds})")
    return datetime.fromtimestamp(seconds, UTC)


def _read_pins(pinned: Sequence[str], step: Step) -> list[Key]:
    keys = []
    for text in pinned:
        try:
            keys.append(read_key(text.strip(), COSIGNATURE))
        except DATA_ERRORS as error:
            step.fail("--witness", f"{text!r} is not the key of a witness: {words(error)}")
    return keys


def _read_listed(listed: str | None, step: Step) -> list[Key]:
    try:
        return [read_key(line, COSIGNATURE) for line in (listed or "").splitlines()]
    except DATA_ERRORS as error:
        step.fail("witnesses.vkey", words(error))
        return []
