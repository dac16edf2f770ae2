"""The connection to Redis: one server or a cluster, by its address. Commands, scripts, and what a failure looks like.

Durability: under `appendfsync always` Redis flushes its log to the disk before it answers, once for everything that
came in meanwhile; an answer is therefore the proof that a write survives a crash of the machine.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

from redis.asyncio import Redis, RedisCluster
from redis.asyncio.retry import Retry
from redis.backoff import ExponentialBackoff
from redis.exceptions import NoScriptError, RedisClusterException, RedisError

from temoin.errors import TemoinError, Unavailable
from temoin.storage.redis.scripts import Script

CLUSTER = "redis+cluster://"
_SECONDS = 5.0
_ATTEMPTS = 3
_FAILURES = (RedisError, RedisClusterException, OSError, asyncio.TimeoutError)

Call = tuple[Sequence[str], Sequence[Any]]
"""Keys and arguments of a script."""


def unavailable(error: Exception) -> TemoinError:
    """What a store that does not answer looks like to a caller."""
    return Unavailable(
        "store_unavailable",
        f"The store did not answer: {error}.",
        "Try again shortly; if it stays so, look at Redis and the network to it.",
        retry_after=1,
    )


@contextmanager
def answering() -> Iterator[None]:
    """Errors of the connection and of Redis as Unavailable."""
    try:
        yield
    except (TimeoutError, RedisError, OSError) as error:
        raise unavailable(error) from error


class Link:
    """Opened by its first use, in the event loop that uses it."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._client: Redis | RedisCluster | None = None

    @property
    def _redis(self) -> Any:
        if self._client is None:
            options: dict[str, Any] = {
                "socket_timeout": _SECONDS,
                "socket_connect_timeout": _SECONDS,
                "retry": Retry(ExponentialBackoff(cap=0.5, base=0.05), _ATTEMPTS),
            }
            if self._address.startswith(CLUSTER):
                self._client = RedisCluster.from_url(f"redis://{self._address.removeprefix(CLUSTER)}", **options)
            else:
                self._client = Redis.from_url(self._address, **options)
        return self._client

    async def do(self, *command: Any) -> Any:
        """One command on one key."""
        with answering():
            return await self._redis.execute_command(*command)

    async def each(self, commands: Sequence[Sequence[Any]]) -> list[Any]:
        """Independent commands, each on one key, in as few round trips as the servers allow."""
        if not commands:
            return []
        with answering():
            pipeline = self._redis.pipeline(transaction=False)
            for command in commands:
                pipeline.execute_command(*command)
            return cast(list[Any], await pipeline.execute())

    async def call(self, script: Script, keys: Sequence[str], args: Sequence[Any] = ()) -> Any:
        """Runs a script; its effects are one atomic, durable step."""
        (answer,) = await self.calls(script, [(keys, args)])
        if isinstance(answer, TemoinError):
            raise answer
        return answer

    async def calls(self, script: Script, calls: Sequence[Call]) -> list[Any]:
        """Runs a script for several sites at once: in one round trip, in a cluster in one for each site.

        Each has an answer of its own, which is the error where it failed.
        """
        answers = await self._send(script, calls)
        missing = [number for number, answer in enumerate(answers) if isinstance(answer, NoScriptError)]
        if missing:  # a server that started anew, or took over
            await self.do("SCRIPT LOAD", script.text)
            for number, answer in zip(missing, await self._send(script, [calls[n] for n in missing]), strict=True):
                answers[number] = answer
        return [unavailable(answer) if isinstance(answer, Exception) else answer for answer in answers]

    async def _send(self, script: Script, calls: Sequence[Call]) -> list[Any]:
        commands = [("EVALSHA", script.sha, len(keys), *keys, *args) for keys, args in calls]
        if len(commands) == 1 or isinstance(self._redis, RedisCluster):
            return await asyncio.gather(
                *(self._redis.execute_command(*command) for command in commands), return_exceptions=True
            )
        pipeline = self._redis.pipeline(transaction=False)
        for command in commands:
            pipeline.execute_command(*command)
        try:
            return cast(list[Any], await pipeline.execute(raise_on_error=False))
        except (TimeoutError, RedisError, OSError) as error:
            return [error] * len(commands)

    async def on_every_server(self, *command: Any) -> list[Any]:
        """A command to each server that takes writes."""
        with answering():
            if isinstance(self._redis, RedisCluster):
                await self._redis.initialize()
                return [
                    await self._redis.execute_command(*command, target_nodes=[node])
                    for node in self._redis.get_primaries()
                ]
            return [await self._redis.execute_command(*command)]

    async def close(self) -> None:
        if self._client is not None:
            await self._client.aclose()
