"""What every command gets: the flags that stand before its name, and the store that they point at."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

import click
import orjson

from temoin.clock import SystemClock
from temoin.errors import NotFound
from temoin.settings import Settings
from temoin.storage.open import open_store, store_exists
from temoin.storage.ports import Store

T = TypeVar("T")

# A subject's id is base64url and may begin with a hyphen: what is no option of the command is its argument. `-h` is
# given up for that, `--help` stays.
TAKES_A_SUBJECT: dict[str, Any] = {"ignore_unknown_options": True, "help_option_names": ["--help"]}


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

    def has_store(self) -> bool:
        """Whether there is a store to read; raises Malformed for an address that no adapter answers to."""
        return store_exists(self.settings)

    def require_store(self) -> None:
        """Raises NotFound where there is no store yet."""
        if not self.has_store():
            raise NotFound(
                "no_store",
                f"There is no store in {self.settings.data}.",
                "Check --data and TEMOIN_DATA; 'temoin site put FILE' makes a store where there is none.",
            )

    def with_store(self, work: Callable[[Store], Coroutine[Any, Any, T]], *, create: bool = False) -> T:
        """Runs `work` on the store that the settings name, and closes it whatever happens.

        Raises NotFound where there is none, unless told to `create` it: a mistyped folder must not become a store.
        """
        if not create:
            self.require_store()

        async def run() -> T:
            store = open_store(self.settings, SystemClock())
            try:
                return await work(store)
            finally:
                await store.close()

        return asyncio.run(run())
