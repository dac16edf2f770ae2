"""The entries of a bundle: canonical form, commitment, inclusion, and what each document says.

Taken file by file in the archive's order, each document with the proof behind it. Memory grows only with what ties
records together: the id of each record, and each subject's last one.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from temoin.proof.verify.container import Container, Stored
from temoin.proof.verify.contents import Configs
from temoin.proof.verify.documents import check_consent, check_shape, read_canonical, read_time
from temoin.proof.verify.formats import Head, check_proof
from temoin.proof.verify.report import DATA_ERRORS, Report, words

_ENTRY = re.compile(r"(records|acts|erasures|erased|publications)/([0-9]+)-([0-9a-f-]{36})\.(?:json|txt)\Z")
_SCHEMAS = {
    "records": "temoin.consent/1",
    "acts": "temoin.act/1",
    "erasures": "temoin.erasure/1",
    "publications": "temoin.publication/1",
}


@dataclass(frozen=True, slots=True)
class _Pending:
    """A document whose proof must be the next file."""

    name: str
    index: int
    entry_id: str
    commitment: bytes


class EntryChecks:
    """Takes every file of the archive in order; answers in three steps of the report."""

    def __init__(
        self,
        container: Container,
        report: Report,
        manifest: dict[str, Any],
        configs: Configs,
        head: Head,
        checkpoint: str,
        latest: datetime,
    ) -> None:
        self._container = container
        self._site = manifest["site"]
        self._configs = configs
        self._head = head
        self._checkpoint = checkpoint
        self._latest = latest
        self._inclusion = report.step("inclusion")
        self._records = report.step("records")
        self._history = report.step("history")
        self._chain = _Chain(manifest["filter"])
        self._pending: _Pending | None = None
        self._counts = dict.fromkeys(("records", "erased", "acts", "erasures", "publications"), 0)

    def take(self, stored: Stored) -> None:
        """The next file of the archive."""
        match = _ENTRY.match(stored.name)
        if stored.name.startswith("proofs/"):
            self._take_proof(stored)
            return
        self._expect_no_proof()
        if match is not None:
            folder, index, entry_id = match.groups()
            self._counts[folder] += 1
            self._take_document(stored, folder, int(index), entry_id)

    def finish(self) -> dict[str, int]:
        """After the last file: how many documents of each kind there were."""
        self._expect_no_proof()
        proven = sum(self._counts.values()) - self._inclusion.failed
        self._inclusion.said = f"{max(0, proven)} documents lead by their commitment to the checkpoint's root"
        self._records.said = f"{self._counts['records']} consent records say what their config version allows"
        self._history.said = self._chain.said
        return self._counts

    def _take_document(self, stored: Stored, folder: str, index: int, entry_id: str) -> None:
        try:
            body = self._container.read(stored)
            if folder == "erased":
                commitment = bytes.fromhex(body.decode().removesuffix("\n"))
                if body != f"{commitment.hex()}\n".encode() or len(commitment) != 32:
                    raise ValueError("it is not a commitment in hex")
                self._chain.erased(entry_id)
            else:
                commitment = hashlib.sha256(body).digest()
                self._check_document(stored.name, body, folder, index, entry_id)
        except DATA_ERRORS as error:
            self._records.fail(stored.name, words(error))
            commitment = hashlib.sha256(self._container.read(stored)).digest()
        self._pending = _Pending(stored.name, index, entry_id, commitment)

    def _check_document(self, name: str, body: bytes, folder: str, index: int, entry_id: str) -> None:
        document = read_canonical(body)
        check_shape(document, _SCHEMAS[folder], entry_id, self._site)
        if read_time(document["recorded_at"], "recorded_at") > self._latest:
            raise ValueError(f"it was recorded {document['recorded_at']}, after the bundle was made")
        if folder != "records":
            return
        version = document["config"]
        if version not in self._configs.bodies:
            raise ValueError(f"its config version {version} is not in the bundle, or is broken")
        if self._configs.first_published.get(version, index) >= index:
            raise ValueError(f"no publication of its config version {version} stands before it in the log")
        check_consent(document, self._configs.bodies[version])
        if (wrong := self._chain.follow(document)) is not None:
            self._history.fail(name, wrong)

    def _take_proof(self, stored: Stored) -> None:
        pending, self._pending = self._pending, None
        if pending is None or stored.name != f"proofs/{pending.entry_id}.tlog-proof":
            self._inclusion.fail(stored.name, "it does not stand behind the document that it proves")
            if pending is not None:
                self._inclusion.fail(pending.name, "its proof does not stand behind it")
            return
        try:
            text = self._container.read(stored).decode()
            check_proof(text, pending.commitment, pending.index, self._checkpoint, self._head)
        except DATA_ERRORS as error:
            self._inclusion.fail(pending.name, f"its proof does not hold: {words(error)}")

    def _expect_no_proof(self) -> None:
        if self._pending is not None:
            self._inclusion.fail(self._pending.name, "its proof is missing")
            self._pending = None


class _Chain:
    """That each record names its subject's record before it."""

    def __init__(self, wanted: dict[str, Any]) -> None:
        # Only where nothing of a subject was left out can each link be followed.
        self._whole = not any(wanted.values())
        self._every_link = not any(value for name, value in wanted.items() if name != "subject")
        self._last: dict[str, str] = {}
        self._owner: dict[str, str | None] = {}

    @property
    def said(self) -> str:
        if self._every_link:
            return f"{len(self._last)} subjects, each record naming the one before it"
        return f"{len(self._last)} subjects; links to records outside what was asked for cannot be followed"

    def erased(self, entry_id: str) -> None:
        self._owner[entry_id] = None

    def follow(self, record: dict[str, Any]) -> str | None:
        """What is wrong with a record's place in its subject's history, or None."""
        entry_id, subject, previous = record["id"], record["subject"], record["previous"]
        if entry_id in self._owner:
            return "its id stands twice in the log"
        self._owner[entry_id] = subject
        last = self._last.get(subject)
        self._last[subject] = entry_id
        if previous is not None and self._owner.get(previous, subject) not in (subject, None):
            return f"the record before it, {previous}, is another subject's"
        if not self._every_link or previous == last or (last is None and self._leads_out(previous)):
            return None
        return f"it names {previous} as the record before it, where {last} is"

    def _leads_out(self, previous: str | None) -> bool:
        """Whether a subject's first record in the bundle may name this one: erased, or not asked for."""
        if previous in self._owner:
            return self._owner[previous] is None
        return not self._whole
