"""Waiting for what becomes true by itself."""

from __future__ import annotations

import time
from collections.abc import Callable

_MOST_SECONDS = 30


def until(there: Callable[[], bool]) -> None:
    """Asks again and again; fails where it does not become true."""
    deadline = time.monotonic() + _MOST_SECONDS
    while not there():
        assert time.monotonic() < deadline, "it did not become true"
