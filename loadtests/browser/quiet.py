"""Whether a measurement was left alone: what the hypervisor took, and how long our processes waited for a core."""

from __future__ import annotations

import os
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

STEAL = 0.03  # of the machine's time
WAITED_MS = 400  # the main threads of all our processes together, in the eight seconds of a visit
_PRIORITY = -15


@dataclass(frozen=True, slots=True)
class Disturbance:
    steal: float
    waited_ms: float

    @property
    def much(self) -> bool:
        return self.steal > STEAL or self.waited_ms > WAITED_MS

    @property
    def order(self) -> float:
        """The smaller, the calmer."""
        return self.steal / STEAL + self.waited_ms / WAITED_MS


class Watch:
    """Started when made; `read` says what has happened since."""

    def __init__(self) -> None:
        self._began = _ticks(), _waited_ns()

    def read(self) -> Disturbance:
        (total, stolen), waited = _ticks(), _waited_ns()
        (total_before, stolen_before), before = self._began
        steal = (stolen - stolen_before) / max(1, total - total_before)
        return Disturbance(steal, sum(time - before.get(pid, 0) for pid, time in waited.items()) / 1e6)


def go_first() -> None:
    """Puts this process and all below it before others that want the same cores. Only root may: else nothing happens.

    Linux shares cores out among sessions first (sched(7), autogroups), and a browser is a session of its own.
    """
    for pid in [os.getpid(), *_waited_ns()]:
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, pid, _PRIORITY)
            Path(f"/proc/{pid}/autogroup").write_text(str(_PRIORITY))


def _ticks() -> tuple[int, int]:
    """All and stolen ticks of all cores since the start (proc(5), /proc/stat)."""
    ticks = list(map(int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]))
    return sum(ticks), ticks[7]


def _waited_ns() -> dict[int, int]:
    """How long the main thread of each process below this one was ready and had no core (Linux, sched-stats)."""
    children: dict[int, list[int]] = defaultdict(list)
    waited: dict[int, int] = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError, IndexError):  # it may have ended meanwhile
                parent = (folder / "stat").read_text().rsplit(")", 1)[1].split()[1]
                waited[int(folder.name)] = int((folder / "schedstat").read_text().split()[1])
                children[int(parent)].append(int(folder.name))
    below, found = [os.getpid()], {}
    while below:
        for child in children[below.pop()]:
            found[child] = waited[child]
            below.append(child)
    return found
