"""A site with a published version, decisions and a sealed log, on the embedded store, for the proof plane's tests."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import TypeVar

import msgspec

from temoin.admin.ports import Publication
from temoin.banner import version
from temoin.clock import SystemClock, rfc3339
from temoin.consent.decision import Decision
from temoin.consent.record import ConsentDraft
from temoin.proof.document import FinishedDraft, Published, Screen, act, publication
from temoin.proof.entry import LoggedEntry
from temoin.proof.note import Signer
from temoin.proof.sealer import Sealer
from temoin.site import ConfigVersion, SiteConfig
from temoin.storage.ports import Store
from temoin.storage.sqlite.store import SqliteStore
from tests.made import decision, site_config

T = TypeVar("T")

SITE = "boutique"
ORIGIN = "consent.example.org/boutique"
SEED = bytes(range(32))
VKEY = Signer(ORIGIN, SEED).verifier.vkey
SCRIPT = b"the whole script"


class Site:
    """One site on an open store. Everything appended is sealed only by `seal`."""

    def __init__(self, store: Store, name: str = SITE) -> None:
        self.store = store
        self.log = store.log
        self.name = name
        self.clock = SystemClock()
        self.sealer = Sealer(store.log, store.log, store.log, self.clock)

    async def seal(self) -> int:
        return await self.sealer.seal_all()

    async def publish(self, *, evidence: bool = True, **changes: object) -> ConfigVersion:
        """A new version with (made-up) evidence of every screen."""
        now = self.clock.now()
        config = msgspec.convert(site_config(site=self.name, **changes), SiteConfig)
        body = version.freeze(config)
        frozen = version.load(self.name, body, now)
        blobs = {_hex(SCRIPT): SCRIPT}
        screens = []
        for language in config.languages if evidence else ():
            for viewport in ("mobile", "desktop"):
                for layer in (1, 2):
                    html, png = (f"{kind} {language} {viewport} {layer}".encode() for kind in ("html", "png"))
                    blobs |= {_hex(html): html, _hex(png): png}
                    screens.append(Screen(language, viewport, layer, _hex(html), _hex(png)))
        document = Published(
            site=self.name,
            config=frozen.version,
            config_sha256=_hex(body),
            sdk_sha256=_hex(SCRIPT),
            evidence=screens,
            evidence_missing=None if evidence else "asked for",
            actor="test",
        )
        draft = FinishedDraft(self.name, publication(document, now))
        await self.store.sites.publish(
            Publication(self.name, frozen.version, body, rfc3339(now), draft, _hex(SCRIPT), {}, blobs)
        )
        return frozen

    async def decide(
        self, frozen: ConfigVersion, *, subject: str | None = None, at: datetime | None = None, **changes: object
    ) -> LoggedEntry:
        """One decision of a subject (a new one by default) on that version."""
        body = decision(frozen.version, subject=subject or new_subject(), **changes)
        draft = ConsentDraft(
            self.name, msgspec.convert(body, Decision), frozen.config.choice_validity, at or self.clock.now()
        )
        return (await self.store.append(draft)).entry

    async def act(self, name: str = "noted") -> LoggedEntry:
        draft = FinishedDraft(self.name, act(self.name, name, "test", {}, self.clock.now()))
        return (await self.store.append(draft)).entry


@asynccontextmanager
async def open_site(folder: Path, *others: str) -> AsyncIterator[Site]:
    """The site SITE on a store in `folder`; `others` are sites that stand beside it."""
    store = SqliteStore(folder, SystemClock())
    try:
        await store.sites.put_site(SITE, b"{}", ORIGIN, SEED)
        for name in others:
            await store.sites.put_site(name, b"{}", f"consent.example.org/{name}", secrets.token_bytes(32))
        yield Site(store)
    finally:
        await store.close()


def new_subject() -> str:
    return secrets.token_urlsafe(16)


def naive_root(leaves: Sequence[bytes]) -> bytes:
    """MTH, straight from the definition in RFC 6962."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    cut = 1
    while cut * 2 < len(leaves):
        cut *= 2
    return hashlib.sha256(b"\x01" + naive_root(leaves[:cut]) + naive_root(leaves[cut:])).digest()


def _hex(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
