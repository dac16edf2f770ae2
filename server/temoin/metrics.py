"""What an operator watches: Prometheus metrics of this process. No label ever names a visitor, an address or a page.

Requests count into plain lists and dictionaries; the families that Prometheus reads are made when it asks. So watching
a hit costs it a microsecond.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

from temoin.histogram import Histogram
from temoin.proof.append import CommitCounts
from temoin.proof.sealer import SealCounts

SECONDS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
Family = CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily


class Metrics(Collector):
    """One registry an app, so that two apps in one process (tests, the demo) do not share numbers."""

    def __init__(self, commits: CommitCounts, seals: SealCounts) -> None:
        self._commits = commits
        self._seals = seals
        self._decisions: Counter[str] = Counter()
        self._hits: Counter[str] = Counter()
        self._taken = {plane: Histogram(SECONDS) for plane in ("script", "decisions", "hits", "other")}
        self._unsealed = 0
        self._behind = 0.0
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def decision(self, outcome: str) -> None:
        self._decisions[outcome] += 1

    def hit(self, outcome: str) -> None:
        self._hits[outcome] += 1

    def took(self, path: str, seconds: float) -> None:
        """A request to `path` was answered after that time."""
        if path.startswith("/s/"):
            plane = "script"
        elif path.endswith("/hits"):
            plane = "hits"
        else:
            plane = "decisions" if path.endswith("/consents") else "other"
        self._taken[plane].add(seconds)

    def text(self, unsealed: int, behind: float) -> bytes:
        """The exposition format; `unsealed` is read from the store for each scrape, `behind` is in seconds."""
        self._unsealed, self._behind = unsealed, behind
        return generate_latest(self._registry)

    def describe(self) -> Iterator[Family]:
        """Nothing in advance: the families are known when they are collected."""
        yield from ()

    def collect(self) -> Iterator[Family]:
        yield _counter(
            "temoin_decisions", "Decisions by outcome: recorded, repeated, or the error's code.", self._decisions
        )
        yield _counter("temoin_hits", "Hits by outcome: taken, or the error's code.", self._hits)
        taken = HistogramMetricFamily("temoin_request_seconds", "Until a request was answered.", labels=["plane"])
        for plane, values in self._taken.items():
            taken.add_metric([plane], _buckets(values), values.total)
        yield taken
        size = HistogramMetricFamily("temoin_commit_entries", "Entries that shared one commit.", labels=[])
        size.add_metric([], _buckets(self._commits.sizes), self._commits.sizes.total)
        yield size
        yield GaugeMetricFamily("temoin_waiting_entries", "Entries that wait for a commit.", self._commits.waiting())
        yield GaugeMetricFamily(
            "temoin_unsealed_entries",
            "Entries of all logs that are durable and not yet under a checkpoint.",
            self._unsealed,
        )
        yield GaugeMetricFamily(
            "temoin_seal_behind_seconds", "Since this process last saw every log sealed to its end.", self._behind
        )
        yield CounterMetricFamily("temoin_sealed_entries", "Entries that this process sealed.", self._seals.entries)
        yield CounterMetricFamily("temoin_seal_failures", "Sealing steps that failed.", self._seals.failures)


def _counter(name: str, text: str, counts: Counter[str]) -> CounterMetricFamily:
    family = CounterMetricFamily(name, text, labels=["outcome"])
    for outcome, count in sorted(counts.items()):
        family.add_metric([outcome], count)
    return family


def _buckets(values: Histogram) -> list[tuple[str, float]]:
    """Cumulative, as Prometheus has them."""
    bounds = [*(str(bound) for bound in values.bounds), "+Inf"]
    found, sum_so_far = [], 0
    for bound, count in zip(bounds, values.counts, strict=True):
        sum_so_far += count
        found.append((bound, float(sum_so_far)))
    return found
