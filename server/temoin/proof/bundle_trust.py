"""What a bundle says about its checkpoint besides the log's own word: cosignatures, time-stamps, replaced keys.

    timestamp.tsr          an RFC 3161 time-stamp of `checkpoint` (of the note without cosignatures)
    witnesses.vkey         the verifier keys of the witnesses whose cosignatures the bundle holds, one a line
    endorsed/checkpoint    the newest endorsed checkpoint, where somebody has not endorsed `checkpoint` itself yet
    endorsed/consistency   that `checkpoint` continues it
    endorsed/timestamp.tsr its time-stamp
    keys/<n>.vkey          the log's n-th key, replaced by the next one (the last of them by key.vkey)
    keys/<n>.act.json      the act that replaced it
    keys/<n>.tlog-proof    that the act is in the log, under a checkpoint that both keys signed
    keys/<n>.consistency   that `checkpoint` continues that one

Cosignatures of `checkpoint` itself stand in it, after the log's own signatures, and so in every proof.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Protocol

from temoin.proof.checkpoint import read_checkpoint
from temoin.proof.entry import LoggedEntry
from temoin.proof.growth import consistency_text
from temoin.proof.log import ProofWriter, damaged, published_state
from temoin.proof.note import Signer, open_note
from temoin.proof.ports import TSA, Endorsement, EndorsementReader, KeyStore, LogKeys, LogReader, LogState, PastKey

_TRIES = 3

Named = tuple[str, bytes]


class TrustSource(LogReader, KeyStore, EndorsementReader, Protocol):
    """The log, its keys, and what was said of it."""

    async def entry(self, site: str, entry_id: str) -> LoggedEntry | None: ...


@dataclass(frozen=True, slots=True)
class Trust:
    """`checkpoint` with its cosignatures, the key that signed it, and the files above in the bundle's order."""

    state: LogState
    signer: Signer
    checkpoint: str
    files: list[Named]


async def gather_trust(source: TrustSource, site: str) -> Trust:
    """All of it as of the present checkpoint; raises NotFound, NotReady, Unavailable as reading the log does."""
    state, checkpoint, signer, past = await _signed_state(source, site)
    own, earlier = _chosen(await source.endorsements(site), state.sealed, checkpoint)
    files = _stamps("", own)
    if cosigners := sorted({endorsed.source for endorsed in own + earlier} - {TSA}):
        files.append(("witnesses.vkey", "".join(f"{vkey}\n" for vkey in cosigners).encode()))
    if earlier:
        first = earlier[0]
        growth = await consistency_text(source, site, first.size, state.sealed)
        files.append(("endorsed/checkpoint", _cosigned(first.checkpoint, earlier).encode()))
        files.append(("endorsed/consistency", growth.encode()))
        files.extend(_stamps("endorsed/", earlier))
    for number, key in enumerate(past, 1):
        files.extend(await _rotation(source, site, number, key, state.sealed))
    return Trust(state, signer, _cosigned(checkpoint, own), files)


async def _signed_state(source: TrustSource, site: str) -> tuple[LogState, str, Signer, tuple[PastKey, ...]]:
    """The present checkpoint, the newest key that signed it, and the keys before that one."""
    for _ in range(_TRIES):
        state, checkpoint = await published_state(source, site)
        keys = await source.log_keys(site)
        if keys is None:
            break
        for seed, past in _candidates(keys):
            signer = Signer(state.origin, seed)
            if _signed_by(checkpoint, signer):
                return state, checkpoint, signer, past
        # The key was replaced between the two reads: look again.
    raise damaged(site, "its checkpoint is not signed by its key")


def _candidates(keys: LogKeys) -> list[tuple[bytes, tuple[PastKey, ...]]]:
    if keys.retiring is None:
        return [(keys.present, keys.past)]
    return [(keys.retiring, keys.past[:-1])]


def _signed_by(checkpoint: str, signer: Signer) -> bool:
    try:
        return bool(open_note(checkpoint, [signer.verifier]))
    except ValueError:
        return False


def _chosen(found: list[Endorsement], size: int, checkpoint: str) -> tuple[list[Endorsement], list[Endorsement]]:
    """Endorsements of this very checkpoint; and, of those who have none there yet, the ones of one earlier checkpoint:
    among the newest of each, the checkpoint that most of them endorsed, and the larger of two."""
    own = [endorsed for endorsed in found if (endorsed.size, endorsed.checkpoint) == (size, checkpoint)]
    there = {endorsed.source for endorsed in own}
    others = [endorsed for endorsed in found if endorsed.source not in there and endorsed.size < size]
    newest = {endorsed.source: endorsed.size for endorsed in others}  # smallest first: the last one stays
    votes = Counter(endorsed.size for endorsed in others if endorsed.size in newest.values())
    if not votes:
        return own, []
    best = max(votes, key=lambda candidate: (votes[candidate], candidate))
    return own, [endorsed for endorsed in others if endorsed.size == best]


def _cosigned(note: str, endorsements: list[Endorsement]) -> str:
    return note + "".join(endorsed.answer.decode() for endorsed in endorsements if endorsed.source != TSA)


def _stamps(folder: str, endorsements: list[Endorsement]) -> list[Named]:
    return [(f"{folder}timestamp.tsr", endorsed.answer) for endorsed in endorsements if endorsed.source == TSA]


async def _rotation(source: TrustSource, site: str, number: int, key: PastKey, size: int) -> list[Named]:
    entry = await source.entry(site, key.act_id)
    if entry is None or entry.body is None or key.checkpoint is None:
        raise damaged(site, f"the act that replaced its key {key.vkey} is missing")
    at = read_checkpoint(key.checkpoint).size
    return [
        (f"keys/{number}.act.json", entry.body),
        (f"keys/{number}.consistency", (await consistency_text(source, site, at, size)).encode()),
        (f"keys/{number}.tlog-proof", (await ProofWriter(source, site, key.checkpoint).text(key.act)).encode()),
        (f"keys/{number}.vkey", f"{key.vkey}\n".encode()),
    ]
