"""Having Redis write its files anew, so that they no longer hold what was destroyed."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any

from temoin.errors import TemoinError
from temoin.storage.redis.link import Link

_POLL_SECONDS = 0.05
_LONGEST_SECONDS = 600.0


async def begin_rewriting(link: Link) -> None:
    """Asks for it and does not wait: for what may be gone a little later."""
    with suppress(TemoinError):
        await link.on_every_server("BGREWRITEAOF")


async def rewrite(link: Link) -> bool:
    """Whether every server wrote its append-only file, and its snapshot where it keeps one, anew from what it holds.

    False where a server does not allow it or fails: then its files may hold what was destroyed.
    """
    try:
        async with asyncio.timeout(_LONGEST_SECONDS):
            await _idle(link)
            await link.on_every_server("BGREWRITEAOF")
            done = await _idle(link)
            if any(state["rdb_last_save_time"] and state["saves"] for state in done):
                await link.on_every_server("BGSAVE")
                done = await _idle(link)
            return all(
                state["aof_last_bgrewrite_status"] == "ok" and state["rdb_last_bgsave_status"] == "ok" for state in done
            )
    except (TemoinError, TimeoutError):
        return False


async def _idle(link: Link) -> list[dict[str, Any]]:
    """Waits until no server writes a file; what each says of its files."""
    while True:
        states = await link.on_every_server("INFO", "persistence")
        busy = ("aof_rewrite_in_progress", "aof_rewrite_scheduled", "rdb_bgsave_in_progress")
        if not any(state[name] for state in states for name in busy):
            saves = await link.on_every_server("CONFIG GET", "save")
            return [state | {"saves": _value(save)} for state, save in zip(states, saves, strict=True)]
        await asyncio.sleep(_POLL_SECONDS)


def _value(answer: Any) -> bytes:
    """The one value of a CONFIG GET, which comes as a list or a mapping."""
    values = list(answer.values()) if isinstance(answer, dict) else answer[1::2]
    value = values[0] if values else b""
    return value.encode() if isinstance(value, str) else value
