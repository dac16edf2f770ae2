"""`temoin verify`: checks a bundle with nothing but the file itself, step by step, and says what it found in words.

Written from the formats (docs/proof.md, C2SP, RFC 6962, RFC 8785): it shares no code with what writes logs and bundles.
It never raises for what is in the file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

from temoin.proof.verify.container import BrokenArchive, Container, Stored
from temoin.proof.verify.contents import Configs, check_publications, read_configs
from temoin.proof.verify.documents import read_canonical, read_time
from temoin.proof.verify.entries import EntryChecks
from temoin.proof.verify.formats import Head, Key, open_note, read_head, read_key
from temoin.proof.verify.report import DATA_ERRORS, Report, Step, words
from temoin.proof.verify.rotations import past_vkeys
from temoin.proof.verify.trust import Pins, Subject, check_trust

CLOCK_SKEW = timedelta(minutes=5)

_SECTIONS = (
    *("README.txt", "checkpoint", "key.vkey", "timestamp.tsr", "witnesses.vkey", "endorsed", "keys"),
    *("entry", "publications", "configs", "evidence"),
)
_TAIL = ("manifest.json", "SHA256SUMS", "manifest.note")
_ENTRY_FOLDERS = ("records", "acts", "erasures", "erased")
_MANIFEST = {"schema", "site", "origin", "size", "created_at", "filter", "counts", "writer"}
_FILTER = {"since", "until", "subject", "purpose", "event"}


@dataclass(slots=True)
class Survey:
    """What the first reading of the archive leaves: the few files that are not entries, and what all hashes come to."""

    named: dict[str, Stored] = field(default_factory=dict)
    files: int = 0
    sums: Any = field(default_factory=hashlib.sha256)
    damaged: list[str] = field(default_factory=list)


NO_PINS = Pins()


def verify_bundle(path: Path, key: str | None = None, now: datetime | None = None, pins: Pins = NO_PINS) -> Report:
    """Checks the bundle at `path`. `key` is a verifier key got from elsewhere than the bundle, the present one or one
    that was replaced; `pins` what else the auditor has; `now` an aware time."""
    try:
        with path.open("rb") as file:
            return verify_file(file, key, now, pins)
    except OSError as error:
        report = Report()
        report.step("archive").fail(str(path), f"it cannot be read: {error.strerror or error}")
        return report


def verify_file(file: BinaryIO, key: str | None = None, now: datetime | None = None, pins: Pins = NO_PINS) -> Report:
    """The same for an open file that can be read from any place."""
    report = Report()
    try:
        _verify(Container(file), report, key, now or datetime.now(UTC), pins)  # the auditor's own clock
    except BrokenArchive as error:
        (report.steps[0] if report.steps else report.step("archive")).fail(error.path, str(error))
    return report


def _verify(container: Container, report: Report, pinned: str | None, now: datetime, pins: Pins) -> None:
    step = report.step("archive")
    survey = _survey(container, step)
    step.said = f"{survey.files} files, stored in the one form that a bundle has"
    if not step.ok:
        return
    _check_sums(container, survey, report.step("hashes"))
    key = _read_key(container, survey, report.step("key"), pinned)
    if key is None:
        return
    _check_seal(container, survey, report.step("seal"), key)
    head, checkpoint = _read_checkpoint(container, survey, report.step("checkpoint"), key)
    manifest = _read_manifest(container, survey, report.step("manifest"), key, now)
    if head is None or manifest is None:
        return
    check_trust(Subject(container, survey.named, key, checkpoint, head, manifest["site"]), report, pins, now)
    step = report.step("config versions")
    configs = read_configs(container, survey.named, manifest["site"], step)
    check_publications(container, survey.named, configs, manifest["site"], report.step("evidence"))
    _check_entries(container, report, manifest, configs, head, checkpoint)


def _survey(container: Container, step: Step) -> Survey:
    """First reading: every header, every checksum, the order of the files, and the hash over the list of hashes."""
    survey = Survey()
    place: tuple[int, int, str] = (-1, 0, "")
    for stored in container.files():
        survey.files += 1
        if not stored.intact:
            survey.damaged.append(stored.name)
        if not stored.name.startswith("proofs/"):
            following = _place(stored.name)
            if following <= place:
                step.fail(stored.name, "it stands out of order: files of one kind are sorted, entries by their index")
            place = following
            if following[0] != _SECTIONS.index("entry"):
                survey.named[stored.name] = stored
        if stored.name not in ("SHA256SUMS", "manifest.note"):
            survey.sums.update(f"{stored.sha256}  {stored.name}\n".encode())
    for name in (*_SECTIONS[:3], *_TAIL):
        if name not in survey.named:
            step.fail(name, "it is missing")
    return survey


def _place(name: str) -> tuple[int, int, str]:
    """Where a file other than a proof belongs: section, index of an entry, name."""
    if name in _TAIL:
        return len(_SECTIONS) + _TAIL.index(name), 0, ""
    folder, _, rest = name.partition("/")
    if folder in _ENTRY_FOLDERS:
        return _SECTIONS.index("entry"), int(rest.partition("-")[0]), ""
    if folder == "publications":
        return _SECTIONS.index(folder), int(rest.partition("-")[0]), ""
    number = int(rest.partition(".")[0]) if folder == "keys" else 0
    return _SECTIONS.index(folder), number, rest


def _check_sums(container: Container, survey: Survey, step: Step) -> None:
    listed = survey.named["SHA256SUMS"]
    if listed.sha256 != survey.sums.hexdigest():
        lines = container.lines(listed)
        for stored in container.files():
            if stored.name in ("SHA256SUMS", "manifest.note"):
                continue
            if next(lines, "") != f"{stored.sha256}  {stored.name}":
                step.fail(stored.name, "its SHA-256 is not the one in SHA256SUMS: it, or the list, was changed")
        if step.ok:
            step.fail("SHA256SUMS", "it is not the list of the bundle's files")
    for name in survey.damaged:
        step.fail(name, "its bytes do not match the archive's checksum")
    step.said = f"the {survey.files - 2} files that SHA256SUMS lists, no other and none less"


def _read_key(container: Container, survey: Survey, step: Step, pinned: str | None) -> Key | None:
    with _into(step, "key.vkey"):
        own = container.read(survey.named["key.vkey"]).decode().removesuffix("\n")
        if container.read(survey.named["key.vkey"]) != f"{own}\n".encode():
            raise ValueError("it is not a verifier key and a newline")
        key = read_key(own)
        if pinned is None:
            step.said = (
                f"{key.short}, the bundle's own key: it proves only that the bundle is consistent with itself; "
                "compare it with the key that the site's owner published, or give that one with --key"
            )
            return key
        given = read_key(pinned.strip())
        if given.text in past_vkeys(container, survey.named):
            step.said = f"{key.short}, which has to follow from {given.short}, the key that you gave, by rotation"
            return key
        if given.text != own:
            step.fail("key.vkey", "the bundle is of another key than the one that you gave")
        step.said = f"{given.short}, the key that you gave"
        return given
    return None


def _check_seal(container: Container, survey: Survey, step: Step, key: Key) -> None:
    with _into(step, "manifest.note"):
        text, lines = open_note(container.read(survey.named["manifest.note"]).decode(), key)
        expected = f"temoin.bundle/1\n{key.name}\nSHA256SUMS {survey.named['SHA256SUMS'].sha256}\n"
        if lines != 1 or text != expected:
            raise ValueError("it was signed over another SHA256SUMS than this one, or carries more than one signature")
        step.said = "the log's key signed the list of hashes"


def _read_checkpoint(container: Container, survey: Survey, step: Step, key: Key) -> tuple[Head | None, str]:
    with _into(step, "checkpoint"):
        note = container.read(survey.named["checkpoint"]).decode()
        head = read_head(open_note(note, key)[0])
        if head.origin != key.name:
            raise ValueError(f"it is of the log {head.origin}, not of {key.name}")
        step.said = f"the log {head.origin} had {head.size} entries, signed by the key above"
        return head, note
    return None, ""


def _read_manifest(container: Container, survey: Survey, step: Step, key: Key, now: datetime) -> dict[str, Any] | None:
    with _into(step, "manifest.json"):
        manifest = read_canonical(container.read(survey.named["manifest.json"]))
        if manifest.keys() != _MANIFEST or manifest["schema"] != "temoin.bundle/1":
            raise ValueError("it has other fields than a bundle's manifest of schema temoin.bundle/1")
        if manifest["origin"] != key.name or manifest["filter"].keys() != _FILTER:
            raise ValueError("its origin or its filter is not one of this log")
        created = read_time(manifest["created_at"], "created_at")
        if created > now + CLOCK_SKEW:
            step.fail("manifest.json", f"the bundle was made in the future: {manifest['created_at']}")
        asked = ", ".join(f"{name} {value}" for name, value in manifest["filter"].items() if value is not None)
        step.said = f"site {manifest['site']}, made {manifest['created_at']}, asked for: {asked or 'everything'}"
        return manifest
    return None


def _check_entries(
    container: Container, report: Report, manifest: dict[str, Any], configs: Configs, head: Head, checkpoint: str
) -> None:
    created = read_time(manifest["created_at"], "created_at") + CLOCK_SKEW
    checks = EntryChecks(container, report, manifest, configs, head, checkpoint, created)
    for stored in container.files(hashed=False):
        checks.take(stored)
    counts = checks.finish()
    counts |= {"configs": len(configs.bodies), "evidence": configs.evidence}
    step = report.step("counts")
    step.said = ", ".join(f"{number} {name}" for name, number in counts.items())
    if manifest["counts"] != counts or manifest["size"] != head.size:
        step.fail("manifest.json", "it counts other files than there are, or another size than the checkpoint's")


@contextmanager
def _into(step: Step, path: str) -> Iterator[None]:
    """Turns what is wrong with a file's contents into a failure of its step."""
    try:
        yield
    except DATA_ERRORS as error:
        step.fail(path, words(error))
