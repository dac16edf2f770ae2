"""A network that can be made slow, cut, or silent, between a service and its store: a TCP proxy in a thread."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from typing import Literal

from tests.service_process import free_port

Mood = Literal["well", "slow", "cut", "silent"]
_STEP = 65_536
_SLOW_SECONDS = 0.3


class Proxy:
    """Listens on `port`. slow: each piece waits 0.3 s. cut: connections are reset and new ones too. silent: what is
    sent arrives nowhere, and no connection is closed."""

    def __init__(self, target: int) -> None:
        self.port = free_port()
        self._target = target
        self._mood: Mood = "well"
        self._writers: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._listening = threading.Event()
        threading.Thread(target=self._serve, daemon=True).start()
        if not self._listening.wait(10):
            raise AssertionError("the proxy does not listen")

    @property
    def address(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    def become(self, mood: Mood) -> None:
        asyncio.run_coroutine_threadsafe(self._become(mood), self._loop).result(10)

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)

    async def _become(self, mood: Mood) -> None:
        # What was swallowed is lost to both sides: after a silence no connection can go on where it was.
        ended = mood == "cut" or self._mood == "silent"
        self._mood = mood
        for writer in list(self._writers) if ended else []:
            with suppress(Exception):
                writer.transport.abort()

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(asyncio.start_server(self._accept, "127.0.0.1", self.port))
        self._listening.set()
        self._loop.run_forever()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._mood == "cut":
            writer.transport.abort()
            return
        try:
            there, back = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, back}
        await asyncio.gather(self._carry(reader, back), self._carry(there, writer))
        self._writers -= {writer, back}

    async def _carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await source.read(_STEP):
                if self._mood == "slow":
                    await asyncio.sleep(_SLOW_SECONDS)
                if self._mood != "silent":
                    target.write(data)
                    await target.drain()
        with suppress(Exception):
            target.close()
