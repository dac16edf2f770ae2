"""Whom a bundle's checkpoint can be believed on: replaced keys, witnesses, time-stamps, checkpoints kept elsewhere."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from temoin.proof.verify.container import Container, Stored
from temoin.proof.verify.formats import Head, Key, open_note, read_head
from temoin.proof.verify.growth import check_growth, compare_kept, read_growth
from temoin.proof.verify.outsiders import Vouched, check_stamps, check_witnesses
from temoin.proof.verify.report import DATA_ERRORS, Report, Step, words
from temoin.proof.verify.rotations import check_rotations


@dataclass(frozen=True, slots=True)
class Pins:
    """What the auditor has from elsewhere, besides the log's key.

    `witnesses` are verifier keys that must have cosigned, `tsa_certificates` PEM that a time-stamp must lead to,
    `checkpoint` a note kept earlier, `consistency` texts of consistency proofs that connect it with the bundle.
    """

    witnesses: tuple[str, ...] = ()
    tsa_certificates: bytes | None = None
    checkpoint: str | None = None
    consistency: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """What is being checked: the bundle's own checkpoint (its note and what it says) and the key that signed it."""

    container: Container
    named: dict[str, Stored]
    key: Key
    note: str
    head: Head
    site: str

    def text(self, name: str) -> str | None:
        return self.container.read(self.named[name]).decode() if name in self.named else None

    def data(self, name: str) -> bytes | None:
        return self.container.read(self.named[name]) if name in self.named else None


def check_trust(subject: Subject, report: Report, pins: Pins, now: datetime) -> None:
    """In up to five steps; those about files that are not there and pins that were not given are left out."""
    past = []
    if any(name.startswith("keys/") for name in subject.named):
        step = report.step("key rotation")
        past = check_rotations(subject.container, subject.named, subject.key, subject.head, subject.site, step)
    keys = [subject.key, *(one.key for one in past)]
    heads = [subject.head, *(one.head for one in past)]
    vouched = [Vouched("checkpoint", subject.note, subject.data("timestamp.tsr"))]
    if any(name.startswith("endorsed/") for name in subject.named):
        _check_endorsed(subject, keys, heads, vouched, report.step("endorsed checkpoint"))
    step = report.step("witnesses")
    try:
        check_witnesses(vouched, subject.text("witnesses.vkey"), pins.witnesses, now, step)
    except DATA_ERRORS as error:
        step.fail("witnesses.vkey", words(error))
    check_stamps(vouched, pins.tsa_certificates, now, report.step("time-stamp"))
    if pins.checkpoint is not None:
        step = report.step("kept checkpoint")
        try:
            step.said = compare_kept(pins.checkpoint, keys, heads, pins.consistency)
        except DATA_ERRORS as error:
            step.fail("--checkpoint", words(error))


def _check_endorsed(subject: Subject, keys: list[Key], heads: list[Head], vouched: list[Vouched], step: Step) -> None:
    """An earlier checkpoint of the same log that others endorsed: one of the log's keys signed it, and it grew."""
    try:
        note, growth = subject.text("endorsed/checkpoint"), subject.text("endorsed/consistency")
        if note is None or growth is None:
            raise ValueError("it, or the proof that the log continues it, is missing")
        vouched.append(Vouched("endorsed/checkpoint", note, subject.data("endorsed/timestamp.tsr")))
        head = _signed_head(note, keys)
        check_growth(read_growth(growth), head, subject.head)
        heads.append(head)
        step.said = f"an earlier one, of {head.size} entries; the bundle's, of {subject.head.size}, continues it"
    except DATA_ERRORS as error:
        step.fail("endorsed/checkpoint", words(error))


def _signed_head(note: str, keys: list[Key]) -> Head:
    for key in keys:
        try:
            return read_head(open_note(note, key)[0])
        except ValueError:
            continue
    raise ValueError("it is not signed by any of the log's keys")
