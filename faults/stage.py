"""Where a fault happens: services on one store, visitors, and a mirror outside. And what is checked after it.

After each fault: the services are back by their ordinary start, every decision acknowledged until then is in the log,
once, at a dense index, under a signed checkpoint that continues all earlier ones. At the end of a run besides: the
exported records are those that were acknowledged, with the commitments on their receipts, and `temoin verify` and
`temoin doctor` find nothing.
"""

from __future__ import annotations

import hashlib
import json
import random
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.made import site_config
from tests.service_process import Service

from faults.load import SITE, Broken, Load
from faults.mirror import Mirror


@dataclass
class Outcome:
    """What was counted in one run, or in many. `back_after`: seconds from a fault's end to the next acknowledgement."""

    faults: int = 0
    acknowledged: int = 0
    missing: int = 0
    twice: int = 0
    answers: dict[str, int] = field(default_factory=dict)
    checkpoints: int = 0
    back_after: list[float] = field(default_factory=list)
    seconds: float = 0.0
    notes: dict[str, int] = field(default_factory=dict)

    def note(self, what: str, number: int = 1) -> None:
        self.notes[what] = self.notes.get(what, 0) + number


@dataclass
class Stage:
    """Services that answer for one store, the first of them the one that is asked."""

    services: list[Service]
    load: Load
    mirror: Mirror
    outcome: Outcome

    @property
    def url(self) -> str:
        return self.services[0].url

    def some_work(self, longest: float = 0.5) -> None:
        """Until something was acknowledged, and then to a random moment."""
        self.load.acknowledged_since(time.monotonic())
        time.sleep(random.uniform(0.0, longest))

    @contextmanager
    def fault(self) -> Iterator[None]:
        """One fault: in the block it happens and ends; then the service is back and nothing is missing."""
        told = list(self.load.ledger.commitments.values())
        yield
        self.outcome.back_after.append(round(self.load.acknowledged_since(time.monotonic()), 3))
        self.mirror.holds(self.url, [c for c in told if bytes.fromhex(c) not in self.mirror.known])
        self.outcome.faults += 1


@contextmanager
def stage(folder: Path, services: Sequence[Service], outcome: Outcome, *options: str) -> Iterator[Stage]:
    """Starts the services and the visitors; at the end of the block everything is checked once more."""
    began = time.monotonic()
    try:
        for service in services:
            service.start(*options)
        version = services[0].publish(site_config(log_access="public"))
        vkey = json.loads(services[0].must("--json", "site", "show", SITE))["log_key"]
        with Load([service.port for service in services], version) as load:
            made = Stage(list(services), load, Mirror(vkey), outcome)
            load.acknowledged_since(0.0)
            yield made
            load.drain()
        _check_all(folder, made)
    except Exception:
        for service in services:
            print(f"--- the log of {service.data.name} ends ---\n{service.log()[-4000:]}", flush=True)
        raise
    finally:
        for service in services:
            service.kill()
    outcome.seconds += time.monotonic() - began


def _check_all(folder: Path, made: Stage) -> None:
    ledger, service = made.load.ledger, made.services[0]
    made.mirror.holds(made.url, list(ledger.commitments.values()))
    exported, bundle = folder / "records.jsonl", folder / "proof.zip"
    service.must("export", SITE, "--format", "jsonl", "--out", str(exported))
    records = exported.read_bytes().splitlines()  # each in the canonical form that its commitment is the hash of
    kept = {json.loads(record)["id"]: hashlib.sha256(record).hexdigest() for record in records}
    outcome = made.outcome
    outcome.acknowledged += len(ledger.commitments)
    outcome.missing += len(ledger.commitments.items() - kept.items())
    outcome.twice += len(records) - len(kept)
    if outcome.missing or outcome.twice or len(kept) != len(ledger.commitments):
        counted = f"{len(ledger.commitments)} acknowledged, {len(kept)} kept"
        raise Broken(f"{counted}, {outcome.missing} missing, {outcome.twice} twice")
    if len(made.mirror.entries) != len(ledger.commitments) + 1:  # the publication
        raise Broken(f"{len(made.mirror.entries)} entries for {len(ledger.commitments)} decisions and a publication")
    service.must("export", SITE, "--format", "bundle", "--out", str(bundle))
    service.must("verify", str(bundle))
    service.must("doctor")
    outcome.checkpoints += made.mirror.checkpoints
    for answer, number in ledger.answers.items():
        outcome.answers[answer] = outcome.answers.get(answer, 0) + number


Scenario = Callable[[Path, int, Outcome], None]
"""Works in a folder of its own, does so many faults, and counts."""
