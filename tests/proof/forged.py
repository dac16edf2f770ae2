"""Bundles taken apart, changed, and put together again with true sums and signatures."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from datetime import datetime
from typing import Any

from temoin.canonical import canonical_bytes
from temoin.proof.note import Signer, sign_note
from temoin.proof.stored_zip import StoredZip
from temoin.proof.verify.bundle import verify_file
from temoin.proof.verify.report import Report
from temoin.proof.verify.trust import Pins
from tests.proof.logs import ORIGIN, SEED, VKEY

Files = dict[str, bytes]


def verify(data: bytes, key: str | None = VKEY, now: datetime | None = None, **pins: Any) -> Report:
    return verify_file(io.BytesIO(data), key, now, Pins(**pins))


def failures(report: Report) -> dict[str, str]:
    """All that was found, by file."""
    found: dict[str, str] = {}
    for step in report.steps:
        for failure in step.failures:
            found[failure.path] = f"{found[failure.path]}; {failure.words}" if failure.path in found else failure.words
    return found


def unpacked(data: bytes) -> Files:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(files: Files, seed: bytes = SEED) -> bytes:
    """A bundle of any files, with true sums and a true signature: what a forger who holds the key could make."""
    rest = [(name, data) for name, data in files.items() if name not in ("SHA256SUMS", "manifest.note")]
    sums = "".join(f"{hashlib.sha256(data).hexdigest()}  {name}\n" for name, data in rest).encode()
    digest = hashlib.sha256(sums).hexdigest()
    note = sign_note(f"temoin.bundle/1\n{ORIGIN}\nSHA256SUMS {digest}\n", [Signer(ORIGIN, seed)])
    out = io.BytesIO()
    with StoredZip(out) as archive:
        for name, data in [*rest, ("SHA256SUMS", sums), ("manifest.note", note.encode())]:
            archive.add(name, data)
        archive.finish()
    return out.getvalue()


def named(files: Files, beginning: str) -> str:
    return next(name for name in files if name.startswith(beginning))


def insert(files: Files, name: str, data: bytes) -> None:
    """Puts a file where its kind belongs in the order."""
    place = sorted([*[n for n in files if n.startswith(name.partition("/")[0] + "/")], name]).index(name)
    same = [n for n in files if n.startswith(name.partition("/")[0] + "/")]
    items = list(files.items())
    at = list(files).index(same[place]) if place < len(same) else list(files).index("manifest.json")
    items.insert(at, (name, data))
    files.clear()
    files.update(items)


def move_last(files: Files, beginning: str) -> None:
    """Moves a record and its proof behind all others."""
    name = named(files, beginning)
    proof = f"proofs/{name.partition('-')[2][:-5]}.tlog-proof"
    moved = [(name, files.pop(name)), (proof, files.pop(proof))]
    items = list(files.items())
    at = next(i for i, (other, _) in enumerate(items) if other.startswith("publications/"))
    items[at:at] = moved
    files.clear()
    files.update(items)


def set_json(files: Files, beginning: str, **values: Any) -> None:
    name = named(files, beginning)
    files[name] = canonical_bytes(json.loads(files[name]) | values)
