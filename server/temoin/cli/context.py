"""What every command gets: the flags that stand before its name, and the store that they point at."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

import click
import orjson

from temoin.clock import SystemClock
from temoin.settings import Settings
from temoin.storage.open import open_store
from temoin.storage.sqlite.store import SqliteStore

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Context:
    """Settings and the form of the output. Facts go to standard output, errors and progress to standard error."""

    settings: Settings
    json: bool

    def print(self, facts: Any, text: str) -> None:
        """`facts` as JSON where --json was given, `text` for people otherwise."""
        if self.json:
            click.echo(orjson.dumps(facts, option=orjson.OPT_INDENT_2).decode())
        elif text:
            click.echo(text)

    def with_store(self, work: Callable[[SqliteStore], Coroutine[Any, Any, T]]) -> T:
        """Runs `work` on the store that the settings name, and closes it whatever happens."""

        async def run() -> T:
            store = open_store(self.settings, SystemClock())
            try:
                return await work(store)
            finally:
                await store.close()

        return asyncio.run(run())
