"""The objects of one process, each built once, and what runs in the background between its start and its stop."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from temoin.admin.access import LogAccess
from temoin.admin.exporting import Exporting
from temoin.admin.overrides import Overrides
from temoin.admin.people import open_people
from temoin.admin.publish import Published, publish
from temoin.admin.purging import open_purger
from temoin.admin.schedule import Plan, Schedule, Scheduler
from temoin.admin.sign_on import open_sign_on
from temoin.analytics.fold import Flusher, Fold
from temoin.analytics.letter import Mail
from temoin.analytics.place import parse_networks
from temoin.analytics.reporting import Reporter, parse_targets
from temoin.analytics.routes import AnalyticsPlane
from temoin.analytics.visitor import DaySalt
from temoin.catalog import Catalog
from temoin.clock import SystemClock, parse_period
from temoin.consent.routes import ConsentPlane
from temoin.delivery.routes import DeliveryPlane
from temoin.limits import RateLimit
from temoin.metrics import Metrics
from temoin.proof.endorser import Endorser, Source
from temoin.proof.outside import Outside
from temoin.proof.routes import ProofPlane
from temoin.proof.sealer import Sealer
from temoin.proof.timestamp import Authority
from temoin.proof.upkeep import Upkeep
from temoin.proof.witness import parse_witnesses
from temoin.settings import Settings
from temoin.storage.open import open_store
from temoin.storage.ports import Store
from temoin.tracing import open_tracing


class Service:
    """The objects of one process, opened by the server's start and closed, in turn, by its stop."""

    def __init__(self, settings: Settings, clock: SystemClock) -> None:
        self.settings = settings
        self.clock = clock
        self.store: Store = open_store(settings, clock)
        self.tracing = open_tracing(settings)
        log = self.tracing.seals(self.store.log) if self.tracing else self.store.log
        appender = self.tracing.appender(self.store) if self.tracing else self.store
        self.catalog = Catalog(self.store.sites, settings.service_url)
        self.sealer = Sealer(log, self.store.log, self.store.log, clock)
        after = parse_period(settings.archive_after) if settings.archive_after else None
        self.metrics = Metrics(self.store.commits, self.sealer.counts)
        self.upkeep = Upkeep(self.store.erasure, self.store.erasure, self.store.archiving, after, clock)
        self.outside = Outside()
        sources = _sources(settings, self.outside)
        self.endorser = Endorser(self.store.log, sources, clock, interval=settings.endorse_interval)
        self.delivery = DeliveryPlane(self.catalog)
        fold, salt = Fold(), DaySalt(self.store.audience)
        decisions, hits = (
            RateLimit(int(most), settings.address_header, clock) for most in (settings.decision_rate, settings.hit_rate)
        )
        self.consent = ConsentPlane(
            self.catalog, appender, self.store.log, clock, self.metrics.decision, fold.answered, decisions
        )
        self.analytics = AnalyticsPlane(
            *(self.catalog, fold, salt, clock, hits, self.metrics.hit, settings.address_header),
            parse_networks(settings.own_networks),
        )
        self.flusher = Flusher(fold, self.store.audience, salt, clock)
        self.people = open_people(self.store.keyed, self.store.sites, self.store, clock)
        self.sign_on = open_sign_on(settings, self.people.accounts, self.outside, clock)
        self.exporting = Exporting(self.store.keyed, self.store.exports, self.people.journal, settings, clock)
        self.proof = ProofPlane(self.store.log, LogAccess(self.catalog, self.people.tokens))
        self.overrides = Overrides(self.store.keyed, self.people.journal, clock)
        self.schedule = Schedule(self.store.keyed, self.store.sites, self.overrides, self.people.journal, clock)
        self.scheduler = Scheduler(self.schedule, self.store.sites, self._publish_planned, clock)
        self.reporter = Reporter(
            parse_targets(settings.reports),
            "month" if settings.report_every == "month" else "week",
            Mail(settings.smtp, settings.mail_from, settings.service_url),
            *(self.store.erasure, self.store.audience, self.store.keyed, self.outside, clock),
        )
        self.purger = open_purger(settings, self.store.sites, self.store.keyed, self.outside)
        self._tasks: list[asyncio.Task[None]] = []

    async def start(self) -> None:
        await self.store.sites.set_service_url(self.settings.service_url)
        background = (
            self.catalog.follow(),
            self.sealer.run(),
            self.endorser.run(),
            self.upkeep.run(),
            self.flusher.run(),
            self.exporting.run(),
            self.scheduler.run(),
            self.reporter.run(),
            *((self.purger.run(),) if self.purger else ()),
        )
        self._tasks = [asyncio.create_task(work) for work in background]

    async def _publish_planned(self, plan: Plan) -> Published:
        return await publish(
            *(self.store.sites, plan.site, self.overrides),
            base=self.settings.service_url,
            actor=plan.actor,
            chromium=None if plan.without_evidence else self.settings.chromium,
            clock=self.clock,
            draft=plan.draft.encode(),
        )

    async def stop(self) -> None:
        self.endorser.stop()
        await self.exporting.stop()
        await self.sealer.stop()
        for task in self._tasks:
            task.cancel()
        for task in self._tasks:
            with suppress(asyncio.CancelledError):
                await task
        await self.flusher.stop()
        self.outside.close()
        await self.store.close()
        if self.tracing:
            self.tracing.close()


def _sources(settings: Settings, outside: Outside) -> list[Source]:
    """The witnesses and the authority that checkpoints are taken to; raises Malformed."""
    witnesses: list[Source] = [*parse_witnesses(settings.witnesses, outside)]
    return [*witnesses, Authority(settings.tsa_url, outside)] if settings.tsa_url else witnesses
