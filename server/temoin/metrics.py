"""What an operator watches: Prometheus metrics of this process. No label ever names a visitor, an address or a page."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, generate_latest


class Metrics:
    """One registry an app, so that two apps in one process (tests, the demo) do not share numbers."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._decisions = Counter(
            "temoin_decisions",
            "Decisions by outcome: recorded, repeated, or the error's code.",
            ["outcome"],
            registry=self._registry,
        )
        self._by_outcome: dict[str, Counter] = {}
        self._unsealed = Gauge(
            "temoin_unsealed_entries",
            "Entries of all logs that are durable and not yet under a checkpoint.",
            registry=self._registry,
        )

    def decision(self, outcome: str) -> None:
        counter = self._by_outcome.get(outcome)
        if counter is None:
            counter = self._by_outcome[outcome] = self._decisions.labels(outcome)
        counter.inc()

    def text(self, unsealed: int) -> bytes:
        """The exposition format; `unsealed` is read from the store for each scrape."""
        self._unsealed.set(unsealed)
        return generate_latest(self._registry)
