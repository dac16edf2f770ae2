"""The text of a consistency proof (RFC 6962, section 2.1.2), as bundles and `temoin log consistency` write it.

    temoin.consistency/1
    <the log's origin>
    <old size> <new size>
    <one hash a line, base64>

The roots are not in it: they come from the two checkpoints that it is checked against.
"""

from __future__ import annotations

import base64

from temoin.errors import Invalid
from temoin.proof.log import consistency_proof, published_state
from temoin.proof.ports import LogReader

SCHEMA = "temoin.consistency/1"


async def consistency_text(reader: LogReader, site: str, old: int, new: int) -> str:
    """The proof that the log's first `old` entries begin its first `new`; raises Invalid for sizes that it has not."""
    state, _ = await published_state(reader, site)
    if not 0 <= old <= new <= state.sealed:
        raise Invalid(
            "bad_sizes",
            f"{old} and {new} are not two sizes of the log of {site}, which has {state.sealed} entries.",
            "Give the smaller size first; both stand on the second line of a checkpoint.",
        )
    hashes = await consistency_proof(reader, site, old, new)
    lines = [SCHEMA, state.origin, f"{old} {new}", *(base64.b64encode(part).decode() for part in hashes)]
    return "".join(f"{line}\n" for line in lines)
