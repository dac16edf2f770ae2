"""What a verification found, in words: a step for each question, and failures by the file that they are in."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

_MOST_LISTED = 50

DATA_ERRORS = (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError)


def words(error: Exception) -> str:
    """What is wrong with a file, from one of DATA_ERRORS."""
    return str(error) if isinstance(error, ValueError) else f"it has not the shape that it should ({error!r})"


@dataclass(frozen=True, slots=True)
class Failure:
    """What is wrong, and with which file of the bundle (or the bundle itself)."""

    path: str
    words: str


@dataclass(slots=True)
class Step:
    """One question. `said` is what was checked, with numbers; `failures` lists the first 50, `failed` counts all."""

    title: str
    said: str = ""
    failures: list[Failure] = field(default_factory=list)
    failed: int = 0

    @property
    def ok(self) -> bool:
        return self.failed == 0

    def fail(self, path: str, words: str) -> None:
        self.failed += 1
        if len(self.failures) < _MOST_LISTED:
            self.failures.append(Failure(path, words))


@dataclass(slots=True)
class Report:
    """All steps in the order they were taken; `ok` only if every one of them passed and there was one."""

    steps: list[Step] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        return bool(self.steps) and all(step.ok for step in self.steps)

    def step(self, title: str) -> Step:
        step = Step(title)
        self.steps.append(step)
        return step

    def lines(self) -> list[str]:
        """For a terminal: a line a step, a line a failure, and the verdict."""
        out = []
        for step in self.steps:
            out.append(f"{'ok    ' if step.ok else 'FAILED'}  {step.title}{': ' + step.said if step.said else ''}")
            out.extend(f"        {failure.path}: {failure.words}" for failure in step.failures)
            if step.failed > len(step.failures):
                out.append(f"        and {step.failed - len(step.failures)} more")
        failed = sum(not step.ok for step in self.steps)
        out.append("VERIFIED" if self.ok else f"NOT VERIFIED: {failed} of {len(self.steps)} steps failed")
        return out

    def as_dict(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "ok": self.ok,
            "steps": [
                {
                    "title": step.title,
                    "ok": step.ok,
                    "said": step.said,
                    "failed": step.failed,
                    "failures": [{"path": failure.path, "words": failure.words} for failure in step.failures],
                }
                for step in self.steps
            ],
        }
