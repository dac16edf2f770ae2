"""One subject's certificate: what a visitor decided, when, on which screen, and how all of it is proven."""

from __future__ import annotations

import base64
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import orjson

from temoin.canonical import sha256_hex
from temoin.clock import rfc3339
from temoin.errors import NotFound
from temoin.proof.bundle import BundleSource
from temoin.proof.entry import LoggedEntry
from temoin.proof.export import Progress
from temoin.proof.log import damaged
from temoin.proof.ports import EntryFilter
from temoin.proof.printed import (
    LogFacts,
    Versions,
    check_inclusion,
    choices_in_words,
    control_in_words,
    screen_in_words,
)
from temoin.proof.wanted import matches
from temoin.proof.words import Words, document_language
from temoin.site import PublishedConfig

MOST_DECISIONS = 60
MOST_SCREENS = 12


@dataclass(frozen=True, slots=True)
class ShownScreen:
    """A captured screen; `image` is a data: address of its PNG."""

    number: int
    caption: str
    alt: str
    viewport: str
    png: str
    html: str
    image: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class DecisionView:
    """A decision in words. `screen` is the number of its screen, None where there is no capture of it."""

    number: int
    entry: LoggedEntry
    record: dict[str, Any]
    choices: list[tuple[str, bool]]
    how: str
    signals: str
    screen: int | None


@dataclass(frozen=True, slots=True)
class Certificate:
    """What the template `certificate.html` shows. `found` counts the decisions asked for, shown or not."""

    words: Words
    log: LogFacts
    config: PublishedConfig
    subject: str
    made: str
    found: int
    erased: int
    filtered: str
    summary: list[str]
    decisions: list[DecisionView]
    screens: list[ShownScreen]
    screens_found: int
    missing: list[str]


async def certificate(
    source: BundleSource,
    log: LogFacts,
    wanted: EntryFilter,
    now: datetime,
    language: str | None,
    progress: Progress | None = None,
) -> Certificate:
    """The certificate of `wanted.subject`; raises NotFound where no decision of theirs is asked for."""
    subject = wanted.subject or ""
    found, erased = await _decisions(source, log, wanted)
    if not found:
        raise NotFound(
            "unknown_subject", f"No decision of the subject {subject!r} is asked for.", "Check the id and the filters."
        )
    versions = Versions(source, log.site)
    shown = found[-MOST_DECISIONS:]
    await check_inclusion(source, log, [entry for entry, _ in shown])
    newest = shown[-1][1]
    config = await versions.load(newest["config"])
    words = Words(document_language(language, config))
    gallery = _Gallery(source, log.site, words, await _publications(source, log, shown, progress))
    screens = {entry.index: await gallery.screen_of(entry, record) for entry, record in reversed(shown)}
    views = [
        await _view(len(found) - back, entry, record, versions, words, screens[entry.index])
        for back, (entry, record) in enumerate(reversed(shown))
    ]
    return Certificate(
        words=words,
        log=log,
        config=config,
        subject=subject,
        made=rfc3339(now),
        found=len(found),
        erased=erased,
        filtered=_filtered(words, wanted),
        summary=_summary(words, newest, config, rfc3339(now)),
        decisions=views,
        screens=gallery.screens,
        screens_found=gallery.found,
        missing=gallery.missing,
    )


async def _decisions(
    source: BundleSource, log: LogFacts, wanted: EntryFilter
) -> tuple[list[tuple[LoggedEntry, dict[str, Any]]], int]:
    """The subject's decisions that are asked for, oldest first, and how many of theirs were erased."""
    found, erased = [], 0
    async for entry in source.entries(log.site, log.size, wanted.subject):
        if entry.body is None:
            erased += 1
        elif entry.kind == "consent" and matches(wanted, record := orjson.loads(entry.body)):
            found.append((entry, record))
    return found, erased


async def _publications(
    source: BundleSource, log: LogFacts, shown: list[tuple[LoggedEntry, dict[str, Any]]], progress: Progress | None
) -> list[tuple[int, dict[str, Any]]]:
    """The publications of the versions that the decisions name: one pass over the log before the last of them."""
    versions = {record["config"] for _, record in shown}
    found, read = [], 0
    async for entry in source.entries(log.site, shown[-1][0].index):
        read += 1
        if entry.kind == "publication" and entry.body is not None:
            document = orjson.loads(entry.body)
            if document["config"] in versions:
                found.append((entry.index, document))
        if progress is not None:
            progress(read)
    return found


class _Gallery:
    """The screens that decisions were made on, each once, newest decision first."""

    def __init__(
        self, source: BundleSource, site: str, words: Words, publications: list[tuple[int, dict[str, Any]]]
    ) -> None:
        self._source = source
        self._site = site
        self._words = words
        self._publications = publications
        self._numbers: dict[str, int] = {}
        self.screens: list[ShownScreen] = []
        self.missing: list[str] = []

    @property
    def found(self) -> int:
        return len(self._numbers)

    async def screen_of(self, entry: LoggedEntry, record: dict[str, Any]) -> int | None:
        """The number of the screen that this visitor saw; None where no capture of it was kept."""
        named = screen_in_words(self._words, record["language"], record["viewport"], record["layer"])
        before = [document for index, document in self._publications if index < entry.index]
        document = next((each for each in reversed(before) if each["config"] == record["config"]), None)
        wanted = (record["language"], record["viewport"], record["layer"])
        screens = document["evidence"] if document else []
        screen = next((s for s in screens if (s["language"], s["viewport"], s["layer"]) == wanted), None)
        if document is None or screen is None:
            reason = document["evidence_missing"] if document else None
            reason = reason or self._words("screens.unknown")
            line = self._words("screens.missing", version=record["config"], reason=reason, **named)
            if line not in self.missing:
                self.missing.append(line)
            return None
        if screen["png"] not in self._numbers:
            self._numbers[screen["png"]] = len(self._numbers) + 1
            if len(self._numbers) <= MOST_SCREENS:
                self.screens.append(await self._shown(screen, document, named))
        return self._numbers[screen["png"]]

    async def _shown(self, screen: dict[str, Any], document: dict[str, Any], named: dict[str, str]) -> ShownScreen:
        data = await self._source.blob(screen["png"])
        if data is None or sha256_hex(data) != screen["png"]:
            raise damaged(self._site, f"the evidence {screen['png']} is not in the store as it was published")
        number = self._numbers[screen["png"]]
        published = self._words.moment(document["recorded_at"])
        return ShownScreen(
            number=number,
            caption=self._words(
                "screen.caption", number=str(number), version=document["config"], published=published, **named
            ),
            alt=self._words("screen.alt", **named),
            viewport=screen["viewport"],
            png=screen["png"],
            html=screen["html"],
            image=f"data:image/png;base64,{base64.b64encode(data).decode()}",
        )


async def _view(
    number: int, entry: LoggedEntry, record: dict[str, Any], versions: Versions, words: Words, screen: int | None
) -> DecisionView:
    config = await versions.load(record["config"])
    named = screen_in_words(words, record["language"], record["viewport"], record["layer"])
    return DecisionView(
        number=number,
        entry=entry,
        record=record,
        choices=choices_in_words(record, config, words.language),
        how=words("how.control", control=control_in_words(record, config), **named),
        signals=words.listed([words(f"signals.{name}") for name, sent in record["signals"].items() if sent]),
        screen=screen,
    )


def _summary(words: Words, record: dict[str, Any], config: PublishedConfig, now: str) -> list[str]:
    """The newest choice in a sentence, and whether it holds."""
    choices = choices_in_words(record, config, words.language)
    granted = words.listed([title for title, yes in choices if yes])
    refused = words.listed([title for title, yes in choices if not yes])
    kind = "mixed" if granted and refused else "granted" if granted else "refused"
    if record["event"] == "withdrawn":
        kind = "withdrawn"
    ends = "now.valid" if record["expires_at"] > now else "now.expired"
    texts = {"recorded": words.moment(record["recorded_at"]), "granted": granted, "refused": refused}
    return [words(f"now.{kind}", **texts), words(ends, expires=words.moment(record["expires_at"]))]


def _filtered(words: Words, wanted: EntryFilter) -> str:
    """In words, what leaves out decisions of this visitor; empty where nothing does."""
    parts = []
    if wanted.since is not None or wanted.until is not None:
        parts.append(words.span(wanted.since, wanted.until))
    if wanted.purpose is not None:
        parts.append(words("filter.purpose", purpose=wanted.purpose))
    if wanted.event is not None:
        parts.append(words("filter.event", event=words(f"event.{wanted.event}")))
    return words.listed(parts)
