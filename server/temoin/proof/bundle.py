"""The bundle: everything that an outside auditor needs to check records offline, in one ZIP file (docs/proof.md).

    README.txt                         what this is, and how to verify it with software that is not ours
    checkpoint  key.vkey               the signed checkpoint that all proofs lead to; the log's public key
    timestamp.tsr  witnesses.vkey      what others say of checkpoints, and keys/ of rotations: see `bundle_trust.py`
    endorsed/  keys/
    records/<index>-<id>.json          consent records, each the exact bytes that were hashed
    acts/ erasures/                    administrative acts and erasures (only in a bundle of the whole log)
    erased/<index>-<id>.txt            what is left of an erased document: its commitment, in hex
    publications/<index>-<id>.json     log entries of the config versions that the records name
    proofs/<id>.tlog-proof             one inclusion proof for each file above
    configs/<version>.json             config versions, exact bytes
    evidence/<sha256>.{html,png,js}    the screens of those publications, and the script that drew them where kept
    manifest.json                      what was asked for, when, and how much there is
    SHA256SUMS  manifest.note          the hash of every file above; a note of the log's key over SHA256SUMS

Files stand in this order, entries in index order with their proof behind them. Memory does not grow with the records.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

import orjson

from temoin import __version__
from temoin.canonical import canonical_bytes
from temoin.clock import rfc3339
from temoin.proof.bundle_readme import readme
from temoin.proof.bundle_trust import TrustSource, gather_trust
from temoin.proof.entry import Kind, LoggedEntry
from temoin.proof.log import ProofWriter, damaged
from temoin.proof.note import Signer, sign_note
from temoin.proof.ports import EntryFilter, EntryReader
from temoin.proof.staged import staged
from temoin.proof.stored_zip import StoredZip
from temoin.proof.wanted import matches, normalised

SCHEMA = "temoin.bundle/1"
_FOLDERS: dict[Kind, str] = {
    "consent": "records",
    "publication": "publications",
    "act": "acts",
    "erasure": "erasures",
}

Progress = Callable[[int], None]


class BundleSource(EntryReader, TrustSource, Protocol):
    """All that a bundle is made of."""


@dataclass(slots=True)
class Counts:
    """How many of each a bundle holds."""

    records: int = 0
    erased: int = 0
    acts: int = 0
    erasures: int = 0
    publications: int = 0
    configs: int = 0
    evidence: int = 0


@dataclass(slots=True)
class _Found:
    """What the stream of entries leaves behind for the files after it."""

    versions: set[str] = field(default_factory=set)
    publications: list[LoggedEntry] = field(default_factory=list)


class _Files:
    """The archive and its SHA256SUMS, written side by side."""

    def __init__(self, archive: StoredZip) -> None:
        self._archive = archive
        self._sums = tempfile.TemporaryFile()  # noqa: SIM115  # closed by __exit__

    def __enter__(self) -> _Files:
        return self

    def __exit__(self, *_: object) -> None:
        self._sums.close()

    def add(self, name: str, data: bytes) -> None:
        self._sums.write(f"{hashlib.sha256(data).hexdigest()}  {name}\n".encode())
        self._archive.add(name, data)

    def finish(self, signer: Signer) -> None:
        self._sums.seek(0)
        digest = hashlib.file_digest(self._sums, "sha256").hexdigest()
        self._archive.add_from("SHA256SUMS", self._sums)
        text = f"{SCHEMA}\n{signer.verifier.name}\nSHA256SUMS {digest}\n"
        self._archive.add("manifest.note", sign_note(text, [signer]).encode())
        self._archive.finish()


async def write_bundle(
    source: BundleSource,
    site: str,
    wanted: EntryFilter,
    out: Path,
    now: datetime,
    progress: Progress | None = None,
) -> Counts:
    """Writes the bundle of the wanted records under the present checkpoint to `out`.

    Entries appended after that checkpoint are not in it. `progress` is told how many entries were read. Raises NotFound
    for an unknown site, NotReady before its first checkpoint, Malformed for a bad filter or an unusable `out`.
    """
    wanted = normalised(wanted)
    trust = await gather_trust(source, site)
    state, signer = trust.state, trust.signer
    proofs = ProofWriter(source, site, trust.checkpoint)
    with staged(out) as file, StoredZip(file) as archive, _Files(archive) as files:
        bundle = _Bundle(source, site, wanted, files, proofs.text)
        files.add("README.txt", readme(state.origin, signer.verifier.vkey))
        files.add("checkpoint", trust.checkpoint.encode())
        files.add("key.vkey", f"{signer.verifier.vkey}\n".encode())
        for name, data in trust.files:
            files.add(name, data)
        await bundle.write(state.sealed, progress)
        files.add(
            "manifest.json",
            canonical_bytes(
                {
                    "schema": SCHEMA,
                    "site": site,
                    "origin": state.origin,
                    "size": state.sealed,
                    "created_at": rfc3339(now),
                    "filter": asdict(wanted),
                    "counts": asdict(bundle.counts),
                    "writer": f"temoin {__version__}",
                }
            ),
        )
        files.finish(signer)
    return bundle.counts


class _Bundle:
    """Puts the entries, then what they refer to, into the archive."""

    def __init__(
        self,
        source: BundleSource,
        site: str,
        wanted: EntryFilter,
        files: _Files,
        proof: Callable[[int], Awaitable[str]],
    ) -> None:
        self._source = source
        self._site = site
        self._wanted = wanted
        self._whole = wanted == EntryFilter()
        self._files = files
        self._proof = proof
        self.counts = Counts()

    async def write(self, size: int, progress: Progress | None) -> None:
        found = _Found()
        async for entry in self._entries(size, found, progress):
            await self._add_entry(entry, found)
        blobs: set[tuple[str, str]] = set()
        for entry in await self._publications(size, found):
            await self._add_document(entry, entry.body)
            document = orjson.loads(entry.body or b"{}")
            found.versions.add(document["config"])
            blobs.update(_blobs(document))
        for version in sorted(found.versions):
            await self._add_config(version)
        for digest, ending in sorted(blobs):
            await self._add_blob(digest, ending)

    async def _entries(self, size: int, found: _Found, progress: Progress | None) -> AsyncIterator[LoggedEntry]:
        """Wanted entries other than publications, which are set aside."""
        read = 0
        async for entry in self._source.entries(self._site, size, self._wanted.subject):
            read += 1
            if entry.kind == "publication" and entry.body is not None:
                found.publications.append(entry)
            elif self._asked_for(entry):
                yield entry
            if progress is not None:
                progress(read)

    def _asked_for(self, entry: LoggedEntry) -> bool:
        if entry.kind != "consent" or entry.body is None:
            return self._whole or (
                entry.body is None and self._wanted == EntryFilter(subject=entry.subject) and entry.subject is not None
            )
        return self._whole or matches(self._wanted, orjson.loads(entry.body))

    async def _add_entry(self, entry: LoggedEntry, found: _Found) -> None:
        if entry.body is not None and entry.kind == "consent":
            found.versions.add(orjson.loads(entry.body)["config"])
        await self._add_document(entry, entry.body)

    async def _add_document(self, entry: LoggedEntry, body: bytes | None) -> None:
        if body is None:
            self._files.add(f"erased/{entry.index}-{entry.id}.txt", f"{entry.commitment.hex()}\n".encode())
            self.counts.erased += 1
        else:
            folder = _FOLDERS[entry.kind]
            self._files.add(f"{folder}/{entry.index}-{entry.id}.json", body)
            setattr(self.counts, folder, getattr(self.counts, folder) + 1)
        self._files.add(f"proofs/{entry.id}.tlog-proof", (await self._proof(entry.index)).encode())

    async def _publications(self, size: int, found: _Found) -> list[LoggedEntry]:
        """In a bundle of the whole log all of them, otherwise those of the versions that the records name."""
        if self._whole:
            return found.publications
        candidates = found.publications
        if self._wanted.subject is not None:
            # The subject's own entries have no publications among them: one pass over the log for those.
            everything = self._source.entries(self._site, size)
            candidates = [entry async for entry in everything if entry.kind == "publication"]
        return [entry for entry in candidates if entry.body and orjson.loads(entry.body)["config"] in found.versions]

    async def _add_config(self, version: str) -> None:
        body = await self._source.config_body(self._site, version)
        if body is None:
            raise damaged(self._site, f"the config version {version} is named by a record and not in the store")
        self._files.add(f"configs/{version}.json", body)
        self.counts.configs += 1

    async def _add_blob(self, digest: str, ending: str) -> None:
        data = await self._source.blob(digest)
        if data is not None:
            self._files.add(f"evidence/{digest}.{ending}", data)
            self.counts.evidence += 1
        elif ending != "js":
            raise damaged(self._site, f"the evidence {digest} is named by a publication and not in the store")


def _blobs(document: dict[str, Any]) -> set[tuple[str, str]]:
    """The evidence that a publication names, and the script that it hashed: (sha256, file ending)."""
    screens = {(screen[kind], kind) for screen in document["evidence"] for kind in ("html", "png")}
    return screens | {(document["sdk"], "js")}
