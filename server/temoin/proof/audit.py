"""Proving a whole log again from what a store holds: every document, every tile, the checkpoint and its signature.

For whoever runs the service (`temoin doctor`, `backup`, `restore`). It recomputes, but with the code that wrote the
log: an outside auditor has `temoin verify` and other people's verifiers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

import orjson

from temoin.errors import TemoinError
from temoin.proof.checkpoint import open_checkpoint
from temoin.proof.entry import LoggedEntry
from temoin.proof.log import read_tile
from temoin.proof.note import Signer
from temoin.proof.ports import EntryReader, KeyStore, LogReader, LogState
from temoin.proof.tile import EMPTY_EDGE, Edge, grow, parse_tile_path, right_edge

_STEP = 4096
_MOST_PROBLEMS = 20

Progress = Callable[[int], None]


class AuditReader(LogReader, EntryReader, KeyStore, Protocol):
    """What proving a log again needs of a store."""


@dataclass(slots=True)
class Audit:
    """What was found in one log. `destroyed` documents left their commitment; `problems` are sentences, the first 20.

    `entries` counts all that were looked at, `sealed` those under the checkpoint.
    """

    site: str
    entries: int = 0
    sealed: int = 0
    destroyed: int = 0
    problems: list[str] = field(default_factory=list)

    def add(self, problem: str) -> None:
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems.append(problem)


async def audit_log(reader: AuditReader, site: str, progress: Progress | None = None) -> Audit:
    """Reads the log of `site` from its first entry to its last; memory does not grow with its length.

    What is appended or sealed meanwhile is left out. `progress` is told how many entries were read.
    """
    audit = Audit(site)
    state = await reader.log_state(site)
    if state is None:
        audit.add("there is no such log")
        return audit
    audit.sealed = state.sealed
    try:
        await _follow(reader, audit, state, progress)
    except TemoinError as error:  # such as a segment of the archive that cannot be read
        audit.add(error.message.rstrip("."))
    return audit


async def _follow(reader: AuditReader, audit: Audit, state: LogState, progress: Progress | None) -> None:
    edge, step = EMPTY_EDGE, list[bytes]()
    async for entry in reader.entries(audit.site, state.appended):
        if entry.index != audit.entries:
            audit.add(f"entry {audit.entries} is missing")
            return
        audit.entries += 1
        await _look_at(reader, audit, entry)
        if entry.index < state.sealed:
            step.append(entry.commitment)
        if len(step) == _STEP or entry.index == state.sealed - 1:
            edge, step = await _grown(reader, audit, edge, step), []
            if progress:
                progress(audit.entries)
    if audit.entries != state.appended:
        audit.add(f"it ends after {audit.entries} entries, where {state.appended} were appended")
    else:
        await _check_end(reader, audit, state, edge)


async def _look_at(reader: EntryReader, audit: Audit, entry: LoggedEntry) -> None:
    """A document against its commitment; a publication also against the version and the screens that it names."""
    if entry.body is None:
        audit.destroyed += 1
        return
    if hashlib.sha256(entry.body).digest() != entry.commitment:
        audit.add(f"the document of entry {entry.index} ({entry.id}) is not the one that was committed to")
    elif entry.kind == "publication":
        document = orjson.loads(entry.body)
        body = await reader.config_body(audit.site, document["config"])
        if body is None or hashlib.sha256(body).hexdigest() != document["config_sha256"]:
            audit.add(f"version {document['config']} is missing or is not the one that entry {entry.index} names")
        for digest in [screen[part] for screen in document["evidence"] for part in ("html", "png")]:
            blob = await reader.blob(digest)
            if blob is None or hashlib.sha256(blob).hexdigest() != digest:
                audit.add(f"the screen {digest} of version {document['config']} is missing or was changed")


async def _grown(reader: LogReader, audit: Audit, edge: Edge, entries: list[bytes]) -> Edge:
    """The log after these entries; each tile that they fill is held against the one in the store."""
    growth = grow(edge, entries)
    for path, made in growth.tiles.items():
        ref = parse_tile_path(path)
        if ref is not None and await read_tile(reader, audit.site, ref) != made:
            audit.add(f"{path} is missing or does not follow from the entries")
    return growth.edge


async def _check_end(reader: AuditReader, audit: Audit, state: LogState, edge: Edge) -> None:
    for ref in right_edge(state.sealed):
        if await read_tile(reader, audit.site, ref) != edge.partial[ref.level]:
            audit.add(f"{ref.path} is missing or does not follow from the entries")
    if state.checkpoint is None:
        return
    keys = await reader.log_keys(audit.site)
    if keys is None:
        audit.add("it has no signing key")
        return
    seed = keys.retiring if keys.retiring is not None else keys.present
    try:
        checkpoint = open_checkpoint(state.checkpoint, Signer(state.origin, seed).verifier)
    except ValueError as error:
        audit.add(f"its checkpoint is not signed by its key: {error}")
        return
    if (checkpoint.size, checkpoint.root) != (state.sealed, edge.root()):
        audit.add(f"its checkpoint does not cover these {state.sealed} entries")
