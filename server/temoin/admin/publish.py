"""Publishing: lint, freeze, capture what visitors will see, and put it on the record, in that order.

Nothing is stored before the last step, and the last step is one transaction: a crash anywhere leaves the version that
visitors had.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime
from urllib.parse import urlsplit

from temoin.admin.overrides import Overrides
from temoin.admin.ports import Publication, SiteRow, SiteStore
from temoin.banner import script, version
from temoin.banner.render import HEADLESS
from temoin.banner.texts import text_keys
from temoin.canonical import sha256_hex
from temoin.clock import SystemClock, rfc3339
from temoin.compliance.engine import Finding, lint, lint_rendered
from temoin.compliance.rendered import Screen as Drawn
from temoin.compliance.rendered import probe
from temoin.errors import NotFound, TemoinError
from temoin.proof.document import FinishedDraft, Screen, publication
from temoin.proof.document import Published as Document
from temoin.proof.evidence import Captured, capture
from temoin.site import ConfigVersion, SiteConfig, parse_site, version_of

WITHOUT_EVIDENCE = "published without evidence, by explicit request"
NOT_OURS = "published without evidence: the site draws its own banner"


class Refused(TemoinError):
    """The configuration has errors; `findings` says which."""

    status = 409
    exit_code = 1

    def __init__(self, site: str, findings: list[Finding]) -> None:
        errors = sum(finding.stops for finding in findings)
        super().__init__(
            "lint_failed",
            f"{site} has {errors} error{'s' if errors > 1 else ''}; nothing was published.",
            f"Correct them and put the site again; 'temoin lint {site}' shows them.",
        )
        self.findings = findings


@dataclass(frozen=True, slots=True)
class Edition:
    """What publishing a draft gives to visitors: the frozen version, `/s/{site}.js`, and the files that it loads."""

    version: ConfigVersion
    script: bytes = field(repr=False)
    files: dict[str, bytes] = field(repr=False)

    @property
    def script_sha256(self) -> str:
        return sha256_hex(self.script)

    def blobs(self) -> dict[str, bytes]:
        """All files by their hash."""
        return {sha256_hex(data): data for data in (self.script, *self.files.values())}


@dataclass(frozen=True, slots=True)
class Published:
    """What a publish did. `index` is the place of its document in the site's log."""

    site: str
    version: str
    published_at: str
    index: int
    screens: int
    findings: list[Finding]


async def draft_of(store: SiteStore, site: str) -> tuple[SiteRow, SiteConfig]:
    """The stored site and its decoded draft; raises NotFound."""
    row = await store.site(site)
    if row is None:
        raise NotFound(
            "unknown_site", f"There is no site {site!r}.", "'temoin site list' shows the sites that there are."
        )
    return row, parse_site(row.draft, f"{site}.json")


def edition(config: SiteConfig, base: str, now: datetime) -> Edition:
    """The edition of a draft for a service at `base`; the same draft, base and release give the same bytes."""
    frozen = version.load(config.site, version.freeze(config), now)
    languages = {language: script.language_file(frozen, language) for language in config.languages}
    files = {f"{digest}.{language}.json": data for language, (digest, data) in languages.items()}
    return Edition(frozen, script.bundle(frozen, base), files)


async def publish(
    store: SiteStore,
    site: str,
    overrides: Overrides,
    *,
    base: str,
    actor: str,
    chromium: str | None,
    clock: SystemClock,
    draft: bytes | None = None,
) -> Published:
    """Makes the draft the version that visitors get: the one that is stored, or another that was stored before.

    `chromium` None goes on without evidence, and the document says so. The first publish fixes the name of the log.
    Raises Refused on lint errors that nobody answers for, Unavailable where no browser is there, NotFound.
    """
    row, config = await draft_of(store, site)
    if draft is not None:
        config = parse_site(draft, f"{site}.json")
    findings = await overrides.applied(site, lint(config, text_keys()))
    refuse_errors(site, findings)
    now = clock.now()
    made = edition(config, base, now)
    drawn = config.banner.template != HEADLESS
    captured = await _capture(made, base, chromium) if drawn and chromium is not None else []
    findings += lint_rendered(_drawn(captured))
    refuse_errors(site, findings)
    document = FinishedDraft(site, publication(_document(made, captured, actor, findings), now))
    blobs = made.blobs() | {sha256_hex(data): data for screen in captured for data in (screen.html, screen.png)}
    files = {name: sha256_hex(data) for name, data in made.files.items()}
    if row.version is None:
        await store.put_site(site, row.draft, log_origin(base, site), row.signing_key)
    entry = await store.publish(
        Publication(
            site, made.version.version, made.version.body, rfc3339(now), document, made.script_sha256, files, blobs
        )
    )
    return Published(site, made.version.version, rfc3339(now), entry.index, len(captured), findings)


async def lint_screens(config: SiteConfig, base: str, chromium: str, now: datetime) -> list[Finding]:
    """What is wrong with the banner of a draft as it is drawn; raises Unavailable where no browser is there."""
    return lint_rendered(_drawn(await _capture(edition(config, base, now), base, chromium)))


async def is_published(store: SiteStore, site: str, draft: bytes, since: str) -> str | None:
    """The version that this draft gives, where visitors got it at `since` (RFC 3339) or later; else None."""
    row = await store.site(site)
    if row is None or row.published_at is None or row.published_at < since:
        return None
    try:
        frozen = version_of(version.freeze(parse_site(draft, f"{site}.json")))
    except TemoinError:
        return None
    return frozen if row.version == frozen else None


def refuse_errors(site: str, findings: list[Finding]) -> None:
    """Raises Refused where a finding stops a publication."""
    if any(finding.stops for finding in findings):
        raise Refused(site, findings)


def _drawn(captured: list[Captured]) -> list[Drawn]:
    return [
        Drawn(screen.language, screen.viewport, screen.layer, mode, measured)
        for screen in captured
        for mode, measured in screen.probed.items()
    ]


def log_origin(base: str, site: str) -> str:
    """The name of a site's log and of its key: `<service host>/<site>` (CONTRACT section 6)."""
    return f"{urlsplit(base).netloc}/{site}"


def _document(made: Edition, captured: list[Captured], actor: str, findings: list[Finding]) -> Document:
    return Document(
        site=made.version.site,
        config=made.version.version,
        config_sha256=sha256_hex(made.version.body),
        sdk_sha256=made.script_sha256,
        evidence=[_hashed(screen) for screen in captured],
        evidence_missing=None if captured else _why_none(made.version.config),
        actor=actor,
        findings=[asdict(finding) for finding in findings],
    )


def _why_none(config: SiteConfig) -> str:
    return NOT_OURS if config.banner.template == HEADLESS else WITHOUT_EVIDENCE


async def _capture(made: Edition, base: str, chromium: str) -> list[Captured]:
    config = made.version.config
    files = {language: script.language_file(made.version, language) for language in config.languages}
    return await capture(
        made.script, files, base, config.site, config.origins[0], list(config.languages), chromium, probe()
    )


def _hashed(screen: Captured) -> Screen:
    return Screen(screen.language, screen.viewport, screen.layer, sha256_hex(screen.html), sha256_hex(screen.png))
