"""A new signing key for a log, under the same origin, in a way that whoever knows the old key can follow.

The rotation is an entry of the log, the act `key.rotate` with both verifier keys. The first checkpoint that covers it
carries the signatures of both keys; earlier ones keep the old key's, later ones have the new key's alone. The old
seed is destroyed in the step that stores that checkpoint. Old checkpoints and proofs verify with the old key as before.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from temoin.clock import SystemClock
from temoin.errors import NotFound
from temoin.proof.document import FinishedDraft, act
from temoin.proof.note import make_vkey
from temoin.proof.ports import LogReader, RotationStore

ACT = "key.rotate"


@dataclass(frozen=True, slots=True)
class Rotated:
    """The verifier keys before and after, and the index of the act in the log."""

    old: str
    new: str
    index: int


async def rotate_key(log: LogReader, keys: RotationStore, site: str, actor: str, clock: SystemClock) -> Rotated:
    """Replaces the key of a site's log; durable when it returns, in force from the next checkpoint on.

    Raises NotFound for an unknown site, Conflict while another rotation is not sealed.
    """
    state, held = await log.log_state(site), await keys.log_keys(site)
    if state is None or held is None:
        raise NotFound("unknown_site", f"There is no site {site!r}.", "'temoin site list' shows the sites.")
    seed = secrets.token_bytes(32)
    old, new = make_vkey(state.origin, held.present), make_vkey(state.origin, seed)
    document = act(site, ACT, actor, {"old": old, "new": new}, clock.now())
    entry = await keys.rotate_key(FinishedDraft(site, document), held.present, seed)
    return Rotated(old, new, entry.index)
