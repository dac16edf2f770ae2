"""All that is held on a subject, for whoever asks for it (GDPR article 15): records, proofs, receipts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from temoin.clock import rfc3339
from temoin.errors import NotFound
from temoin.proof.bundle import BundleSource
from temoin.proof.entry import LoggedEntry
from temoin.proof.log import ProofWriter, damaged, published_state
from temoin.proof.note import make_vkey
from temoin.proof.receipt import consent_receipt
from temoin.proof.staged import staged

SCHEMA = "temoin.access/1"
_NO_LIMIT = 2**40 - 1


async def subject_access(source: BundleSource, site: str, subject: str, now: datetime) -> dict[str, Any] | None:
    """What is held on the subject, oldest first; None where that is nothing.

    A record that the log has not sealed yet has no `proof` (null). Raises NotFound for an unknown site, NotReady before
    the log's first checkpoint.
    """
    state, checkpoint = await published_state(source, site)
    entries = [entry async for entry in source.entries(site, _NO_LIMIT, subject)]
    if not entries:
        return None
    keys = await source.log_keys(site)
    if keys is None:
        raise damaged(site, "it has no signing key")
    proofs = ProofWriter(source, site, checkpoint)
    return {
        "schema": SCHEMA,
        "site": site,
        "subject": subject,
        "created_at": rfc3339(now),
        "log": {
            "origin": state.origin,
            "key": make_vkey(state.origin, keys.present),
            "size": state.sealed,
            "checkpoint": checkpoint,
        },
        "records": [
            await _held(source, site, entry, entry.body, proofs) for entry in entries if entry.body is not None
        ],
        "erased": [
            {"index": entry.index, "id": entry.id, "commitment": entry.commitment.hex()}
            for entry in entries
            if entry.body is None
        ],
    }


@dataclass(frozen=True, slots=True)
class Told:
    """How much was written: records, and entries of the subject that are erased."""

    records: int
    erased: int


async def write_access(source: BundleSource, site: str, subject: str, out: Path, now: datetime) -> Told:
    """Writes `subject_access` as JSON. Raises NotFound where nothing is held, Malformed for an unusable `out`."""
    held = await subject_access(source, site, subject, now)
    if held is None:
        raise NotFound(
            "unknown_subject", f"{site} holds nothing on the subject {subject!r}.", "Check the id, and the site."
        )
    with staged(out) as file:
        file.write(orjson.dumps(held, option=orjson.OPT_INDENT_2) + b"\n")
    return Told(len(held["records"]), len(held["erased"]))


async def _held(
    source: BundleSource, site: str, entry: LoggedEntry, body: bytes, proofs: ProofWriter
) -> dict[str, Any]:
    record = orjson.loads(body)
    config = await source.config_body(site, record["config"])
    if config is None:
        raise damaged(site, f"the config version {record['config']} is named by a record and not in the store")
    return {
        "index": entry.index,
        "commitment": entry.commitment.hex(),
        "record": record,
        "proof": await proofs.text(entry.index) if entry.index < proofs.size else None,
        "receipt": consent_receipt(body, config),
    }
