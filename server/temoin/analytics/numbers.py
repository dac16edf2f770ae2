"""What the admin's pages read of a site's numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from temoin.analytics.assessment import Assessment, as_html, as_pdf, assess
from temoin.analytics.insights import Wanted, insights
from temoin.analytics.ports import AudienceReader
from temoin.analytics.report import parse_span, report
from temoin.analytics.table import insights_csv, write
from temoin.clock import SystemClock
from temoin.site import SiteConfig


class Numbers:
    """See `temoin.admin.ports.Numbers`."""

    def __init__(self, store: AudienceReader, clock: SystemClock) -> None:
        self._store = store
        self._clock = clock

    async def insights(self, site: str, wanted: Mapping[str, str | None]) -> dict[str, Any]:
        return await insights(self._store, site, *Wanted(**wanted).sides(self._clock.now()))

    async def audience(self, site: str, wanted: Mapping[str, str | None]) -> dict[str, Any]:
        now = self._clock.now()
        span = parse_span(wanted["since"], wanted["until"], now)
        against = None
        if wanted["against_since"] or wanted["against_until"]:
            against = parse_span(wanted["against_since"], wanted["against_until"], now)
        return await report(self._store, site, span, now, against=against)

    def audience_file(self, report: dict[str, Any], form: str) -> bytes:
        return write(report, form)

    def assessment(self, config: SiteConfig, version: str | None, language: str) -> Assessment:
        return assess(config, version, self._clock.now(), language)

    async def assessment_file(self, assessment: Assessment, form: str, chromium: str) -> bytes:
        return await as_pdf(assessment, chromium) if form == "pdf" else as_html(assessment).encode()

    def insights_csv(self, report: dict[str, Any]) -> bytes:
        return insights_csv(report)
