"""An answer that is whole from the start leaves in one piece, after everybody was served whose turn it was.

uvicorn writes the head when an application begins its answer and the body when that comes, and looks at each header by
itself for what would break out of its line. `http.send_bytes` knows the whole answer: the ASGI message that begins it
has the body too, under WHOLE. Here the head is then looked at once, and both are written when the event loop comes
round again: the requests of one turn are answered in a row and their answers written in a row, which takes a processor
much less than doing the one and the other for each. Any other message takes uvicorn's way, and other servers take no
notice of WHOLE: for them the body follows as ASGI has it.
"""

from __future__ import annotations

import asyncio
from typing import Any
from weakref import WeakKeyDictionary

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

WHOLE = "temoin.whole"
_CONTROLS = bytes({*range(0x20), 0x7F} - {0x09})


class WholeCycle(RequestResponseCycle):
    """uvicorn's exchange of one request for one answer."""

    leaving: Leaving  # set by the connection
    _followed = True  # by the body's own message, which says nothing new after a whole answer
    _answer = b""  # until it is written

    async def send(self, message: Any) -> None:
        if WHOLE in message and not (self.response_started or self.disconnected or self.flow.write_paused):
            self._finish(message["status"], [*self.default_headers, *message["headers"]], message[WHOLE])
        elif self._followed:
            await super().send(message)
        else:
            self._followed = True

    def _finish(self, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
        """As uvicorn ends an answer, but for the writing: nothing of this connection can come before it."""
        head = STATUS_LINE[status] + b"".join([b"%b: %b\r\n" % header for header in headers])
        if len(head) - len(head.translate(None, _CONTROLS)) != 2 * len(headers) + 2:
            raise RuntimeError("a control character stands in a header")
        end = b"\r\n" if self.keep_alive else b"connection: close\r\n\r\n"
        self._answer = head + end if self.scope["method"] == "HEAD" else head + end + body
        self._followed = False
        self.response_started = self.response_complete = True
        self.waiting_for_100_continue = False
        self.message_event.set()
        if self.keep_alive:
            self.leaving.soon(self)
        else:
            self.leave()
            self.transport.close()
        self.on_response()

    def leave(self) -> None:
        """Writes the answer where that was not done yet; for whoever ends the connection, too."""
        answer, self._answer = self._answer, b""
        if answer and not self.disconnected:
            self.transport.write(answer)


class Leaving:
    """The answers that one event loop writes when it comes round again: one call for all of a turn."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: list[WholeCycle] = []

    def soon(self, cycle: WholeCycle) -> None:
        if not self._waiting:
            self._loop.call_soon(self._leave)
        self._waiting.append(cycle)

    def _leave(self) -> None:
        for cycle in self._waiting:
            cycle.leave()
        self._waiting.clear()


_of_loops: WeakKeyDictionary[asyncio.AbstractEventLoop, Leaving] = WeakKeyDictionary()


def leaving(loop: asyncio.AbstractEventLoop) -> Leaving:
    """The one of this event loop."""
    return _of_loops.setdefault(loop, Leaving(loop))
