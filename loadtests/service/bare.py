"""What a bare ASGI application does under the same uvicorn: the limits that the service is held against.

`hello` answers five bytes. `same` answers the bytes of the file SAME with all of HEADERS. `batched` stores
each body with XADD in the Redis at REDIS, all that wait together in one pipeline, and answers when Redis has.
"""

from __future__ import annotations

import asyncio
import json
import os
from pathlib import Path
from typing import Any

from redis.asyncio import Redis

_HELLO = {"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"5")]}


async def hello(scope: Any, receive: Any, send: Any) -> None:
    await send(_HELLO)
    await send({"type": "http.response.body", "body": b"hello"})


_SAME = Path(os.environ["SAME"]).read_bytes() if "SAME" in os.environ else b""
_HEADERS = [(name.encode(), value.encode()) for name, value in json.loads(os.environ.get("HEADERS", "[]"))]


async def same(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    await send({"type": "http.response.body", "body": _SAME})


_waiting: list[tuple[bytes, asyncio.Future[None]]] = []
_wake: asyncio.Event | None = None
_task: asyncio.Task[None] | None = None


async def _store(wake: asyncio.Event) -> None:
    redis = Redis.from_url(os.environ["REDIS"])
    while True:
        await wake.wait()
        wake.clear()
        while _waiting:
            batch = _waiting[:]
            _waiting.clear()
            pipeline = redis.pipeline(transaction=False)
            for body, _ in batch:
                pipeline.xadd("bare", {"body": body})
            await pipeline.execute()
            for _, done in batch:
                done.set_result(None)


async def batched(scope: Any, receive: Any, send: Any) -> None:
    global _wake, _task
    if _wake is None:
        _wake = asyncio.Event()
        _task = asyncio.create_task(_store(_wake))
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body"):
            break
    done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
    _waiting.append((body, done))
    _wake.set()
    await done
    await send({"type": "http.response.start", "status": 201, "headers": [(b"content-length", b"5")]})
    await send({"type": "http.response.body", "body": b"hello"})
