"""How far long work has come: a bar on a terminal, nothing in a pipe, or lines for a program that asked for them.

On standard error, for facts go to the other.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click
import orjson

BAR, LINES = "bar", "lines"
_SECONDS_BETWEEN = 1.0


@contextmanager
def progress_bar(length: int, label: str, form: str = BAR) -> Iterator[Callable[[int], None] | None]:
    """Told how many of `length` are done so far; None where nobody looks."""
    if form == LINES:
        yield _Lines(length)
        return
    if not sys.stderr.isatty():
        yield None
        return
    with click.progressbar(length=length, label=label, file=sys.stderr) as bar:
        yield lambda done: bar.update(done - bar.pos)


class _Lines:
    """`{"done":…,"of":…}`, at the start and then once a second."""

    def __init__(self, length: int) -> None:
        self._length = length
        self._write(0)

    def __call__(self, done: int) -> None:
        if time.monotonic() >= self._next:
            self._write(done)

    def _write(self, done: int) -> None:
        click.echo(orjson.dumps({"done": done, "of": self._length}), err=True)
        self._next = time.monotonic() + _SECONDS_BETWEEN
