"""The connection to Redis: one server or a cluster, by its address. Commands, scripts, and what a failure looks like.

Durability: under `appendfsync always` Redis flushes its log to the disk before it answers, once for everything that
came in meanwhile; an answer is therefore the proof that a write survives a crash of the machine. Where replicas may
take over, a script's answer counts only once `replicas` of them have what it wrote (WAIT): who is told of a write finds
it on the next master too.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from typing import Any, cast

from redis.asyncio import Redis, RedisCluster
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import ExponentialBackoff
from redis.exceptions import NoScriptError, RedisClusterException, RedisError

from temoin.errors import TemoinError, Unavailable
from temoin.storage.redis.address import CLUSTER, SENTINEL, read_sentinels
from temoin.storage.redis.scripts import Script

_SECONDS = 5.0
_ATTEMPTS = 3
_WAIT_MS = 2000
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
    """Opened by its first use, in the event loop that uses it. `replicas` have to have a script's writes."""

    def __init__(self, address: str, replicas: int = 0) -> None:
        self._address = address
        self._replicas = replicas
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
            elif self._address.startswith(SENTINEL):
                where = read_sentinels(self._address)
                asked = {name: options[name] for name in ("socket_timeout", "socket_connect_timeout")}
                sentinel = Sentinel(where.hosts, sentinel_kwargs=asked, **options)  # type: ignore[no-untyped-call]
                self._client = cast(Redis, sentinel.master_for(where.name, **where.login))
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

    async def calls(self, script: Script, calls: Sequence[Call], then: Sequence[Any] = ()) -> list[Any]:
        """Runs a script for several sites at once: in one round trip, in a cluster in one for each site.

        Each has an answer of its own, which is the error where it failed. `then` is a command that follows the scripts,
        in the same round trip where that can be; nobody hears of its answer or failure.
        """
        answers = await self._send(script, calls, then)
        missing = [number for number, answer in enumerate(answers) if isinstance(answer, NoScriptError)]
        if missing:  # a server that started anew, or took over
            await self.do("SCRIPT LOAD", script.text)
            again = await self._send(script, [calls[number] for number in missing], then)
            for number, answer in zip(missing, again, strict=True):
                answers[number] = answer
        return [unavailable(answer) if isinstance(answer, Exception) else answer for answer in answers]

    async def _send(self, script: Script, calls: Sequence[Call], then: Sequence[Any]) -> list[Any]:
        commands: list[Sequence[Any]] = [("EVALSHA", script.sha, len(keys), *keys, *args) for keys, args in calls]
        if isinstance(self._redis, RedisCluster):
            answers = await asyncio.gather(
                *(self._redis.execute_command(*command) for command in commands), return_exceptions=True
            )
            if then:
                with suppress(TemoinError):
                    await self.do(*then)
            return answers
        if self._replicas:
            return await self._send_and_wait(commands, then)
        return (await self._in_one_trip([*commands, then] if then else commands))[: len(commands)]

    async def _send_and_wait(self, commands: Sequence[Sequence[Any]], then: Sequence[Any]) -> list[Any]:
        """On one connection, for WAIT is about what was written there. Too few replicas in time: whoever asked does not
        know, and repeats; the write may be found then."""
        wait = ("WAIT", self._replicas, _WAIT_MS)
        answers = await self._in_one_trip([*commands, wait, then] if then else [*commands, wait])
        have = answers[len(commands)]
        if isinstance(have, int) and have >= self._replicas:
            return answers[: len(commands)]
        short = RedisError(f"{have} of {self._replicas} replicas have the write")
        return [answer if isinstance(answer, Exception) else short for answer in answers[: len(commands)]]

    async def _in_one_trip(self, commands: Sequence[Sequence[Any]]) -> list[Any]:
        """Answers or errors of commands to the one server, on one connection, in order."""
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
