"""One record as an officer looks at it: what it says, the version and the screens behind it, and its proof, checked.

The checks are those of `temoin verify`, by the readers that share no code with what wrote the log. They show that this
service's store is whole; that the service did not make all of it up is shown outside, by a bundle and a key that was
got elsewhere (docs/proof.md).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from temoin.errors import NotFound
from temoin.proof.bundle import BundleSource
from temoin.proof.bundle_trust import gather_trust
from temoin.proof.entry import LoggedEntry
from temoin.proof.log import inclusion_proof
from temoin.proof.verify.formats import check_proof, open_note, read_head, read_key

COMMITMENT, INCLUSION, SIGNATURE, VERSION, SCREENS = "commitment", "inclusion", "signature", "version", "screens"


@dataclass(frozen=True, slots=True)
class Check:
    """One step: what it is about, whether it holds, and in words why not. `ok` is None for what cannot be told yet."""

    name: str
    ok: bool | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Inspected:
    """`publication` is the log entry of the version that the visitor saw, with the names of its screens; `size` is how
    many entries the checkpoint covers. `proof` is None while the record is not sealed."""

    entry: LoggedEntry
    record: dict[str, Any] = field(repr=False)
    publication: dict[str, Any] | None = field(repr=False)
    origin: str
    vkey: str
    size: int
    proof: str | None = field(repr=False)
    checks: Sequence[Check]

    @property
    def ok(self) -> bool:
        """Whether nothing failed; what cannot be told yet has not failed."""
        return all(check.ok is not False for check in self.checks)


async def inspect(source: BundleSource, site: str, entry_id: str) -> Inspected:
    """The record with that id; raises NotFound for none, or one that was erased, NotReady before the log's first
    checkpoint, Unavailable for a log that is damaged."""
    entry, record = await _record(source, site, entry_id)
    trust = await gather_trust(source, site)
    published = await _publication(source, site, record)
    vkey, checkpoint, sealed = trust.signer.verifier.vkey, trust.checkpoint, entry.index < trust.state.sealed
    proof = await inclusion_proof(source, site, entry.index, checkpoint) if sealed else None
    checks = (
        _checked(COMMITMENT, lambda: _commits(entry)),
        _checked(INCLUSION, lambda: _included(entry, proof)) if proof else Check(INCLUSION, None, "not sealed yet"),
        _checked(SIGNATURE, lambda: open_note(checkpoint, read_key(vkey))),
        await _version(source, site, record, published),
        await _screens(source, published),
    )
    return Inspected(entry, record, published, trust.state.origin, vkey, trust.state.sealed, proof, checks)


async def _record(source: BundleSource, site: str, entry_id: str) -> tuple[LoggedEntry, dict[str, Any]]:
    try:
        entry = await source.entry(site, entry_id)
    except ValueError:  # no UUID
        entry = None
    if entry is None or entry.kind != "consent" or entry.body is None:
        raise NotFound("unknown_record", f"{site} holds no such record.", "Check the id: it stands on the receipt.")
    return entry, orjson.loads(entry.body)


def _checked(name: str, check: Callable[[], object]) -> Check:
    try:
        check()
    except ValueError as error:
        return Check(name, False, str(error))
    return Check(name, True)


def _commits(entry: LoggedEntry) -> None:
    if hashlib.sha256(entry.body or b"").digest() != entry.commitment:
        raise ValueError("the record does not hash to its commitment")


def _included(entry: LoggedEntry, proof: str) -> None:
    checkpoint = proof.partition("\n\n")[2]
    check_proof(proof, entry.commitment, entry.index, checkpoint, read_head(checkpoint))


async def _publication(source: BundleSource, site: str, record: dict[str, Any]) -> dict[str, Any] | None:
    """The last publication of the record's version before it was recorded, else the first after it."""
    found = [orjson.loads(entry.body) for entry in await source.publications(site) if entry.body is not None]
    same = [document for document in found if document["config"] == record["config"]]
    before = [document for document in same if document["recorded_at"] <= record["recorded_at"]]
    return before[-1] if before else same[0] if same else None


async def _version(source: BundleSource, site: str, record: dict[str, Any], published: dict[str, Any] | None) -> Check:
    body = await source.config_body(site, record["config"])
    if body is None or published is None:
        return Check(VERSION, False, "the version that the record names is not in the log")
    if hashlib.sha256(body).hexdigest() != published["config_sha256"]:
        return Check(VERSION, False, "the version does not hash to what its publication says")
    return Check(VERSION, True)


async def _screens(source: BundleSource, published: dict[str, Any] | None) -> Check:
    if published is None or not published["evidence"]:
        return Check(SCREENS, None, published["evidence_missing"] if published else "there is no publication")
    for screen in published["evidence"]:
        for kind in ("html", "png"):
            data = await source.blob(screen[kind])
            if data is None or hashlib.sha256(data).hexdigest() != screen[kind]:
                return Check(SCREENS, False, f"the screen {screen[kind]} is not what its publication says")
    return Check(SCREENS, True)
