"""Publishing: lint, freeze, capture what visitors will see, and put it on the record, in that order.

Nothing is stored before the last step, and the last step is one transaction: a crash anywhere leaves the version that
visitors had.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass

from temoin.admin.ports import Publication, SiteRow, SiteStore
from temoin.banner import script, version
from temoin.banner.texts import text_keys
from temoin.canonical import sha256_hex
from temoin.clock import SystemClock, rfc3339
from temoin.compliance.engine import Finding, lint
from temoin.errors import NotFound, TemoinError
from temoin.proof.document import FinishedDraft, Screen, publication
from temoin.proof.document import Published as Document
from temoin.proof.evidence import Captured, capture
from temoin.site import ConfigVersion, SiteConfig, parse_site, version_of

WITHOUT_EVIDENCE = "published without evidence, by explicit request"


class Refused(TemoinError):
    """The configuration has errors; `findings` says which."""

    exit_code = 1

    def __init__(self, site: str, findings: list[Finding]) -> None:
        errors = sum(finding.severity == "error" for finding in findings)
        super().__init__(
            "lint_failed",
            f"{site} has {errors} error{'s' if errors > 1 else ''}; nothing was published.",
            f"Correct them and put the site again; 'temoin lint {site}' shows them.",
        )
        self.findings = findings


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


async def publish(
    store: SiteStore, site: str, *, base: str, actor: str, chromium: str | None, clock: SystemClock
) -> Published:
    """Makes the draft the version that visitors get.

    `chromium` None goes on without evidence, and the document says so. Raises Refused on lint errors, Unavailable
    where no browser is there, NotFound.
    """
    _, config = await draft_of(store, site)
    findings = lint(config, text_keys())
    if any(finding.severity == "error" for finding in findings):
        raise Refused(site, findings)
    now = clock.now()
    body = version.freeze(config)
    frozen = version.load(site, body, now)
    bundle = script.bundle(frozen, base)
    captured = await _capture(frozen, bundle, base, chromium) if chromium is not None else []
    blobs = {sha256_hex(data): data for screen in captured for data in (screen.html, screen.png)}
    blobs[sha256_hex(bundle)] = bundle
    document = Document(
        site=site,
        config=frozen.version,
        config_sha256=sha256_hex(body),
        sdk_sha256=sha256_hex(bundle),
        evidence=[_hashed(screen) for screen in captured],
        evidence_missing=None if chromium is not None else WITHOUT_EVIDENCE,
        actor=actor,
        findings=[asdict(finding) for finding in findings],
    )
    draft = FinishedDraft(site, publication(document, now))
    entry = await store.publish(Publication(site, frozen.version, body, rfc3339(now), draft, blobs))
    return Published(site, frozen.version, rfc3339(now), entry.index, len(captured), findings)


async def _capture(frozen: ConfigVersion, bundle: bytes, base: str, chromium: str) -> list[Captured]:
    config = frozen.config
    files = {language: script.language_file(frozen, language) for language in config.languages}
    return await capture(bundle, files, base, config.site, config.origins[0], list(config.languages), chromium)


def _hashed(screen: Captured) -> Screen:
    return Screen(screen.language, screen.viewport, screen.layer, sha256_hex(screen.html), sha256_hex(screen.png))


def frozen_version(config: SiteConfig) -> str:
    """The id of the version that publishing this draft now would make."""
    return version_of(version.freeze(config))
