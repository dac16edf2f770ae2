"""An answer that is whole from the start leaves in one piece, after everybody was served whose turn it was.

uvicorn writes the head when an application begins its answer and the body when that comes, and looks at each header by
itself for what would break out of its line. `http.send_bytes` knows the whole answer: it marks the ASGI message that
begins it with WHOLE. Here the head then waits for the body, is looked at once, and both are written when the event loop
comes round again: the requests of one turn are answered in a row and their answers written in a row, which takes a
processor much less than doing the one and the other for each. Any other message takes uvicorn's way, and other servers
take no notice of the mark.
"""

from __future__ import annotations

import asyncio
from typing import Any
from weakref import WeakKeyDictionary

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

WHOLE = "temoin.whole"
_CONTROLS = bytes({*range(0x20), 0x7F} - {0x09})


class WholeCycle(RequestResponseCycle):
    """uvicorn's exchange of one request for one answer. Its own state is the head that waits, then the answer."""

    _head = b""
    _answer = b""

    async def send(self, message: Any) -> None:
        if self._head:
            self._finish(message["body"])
        elif WHOLE not in message or self.response_started or self.disconnected or self.flow.write_paused:
            await super().send(message)
        else:
            self._head = self._begin(message["status"], [*self.default_headers, *message["headers"]])

    def _begin(self, status: int, headers: list[tuple[bytes, bytes]]) -> bytes:
        head = STATUS_LINE[status] + b"".join([b"%b: %b\r\n" % header for header in headers])
        if len(head) - len(head.translate(None, _CONTROLS)) != 2 * len(headers) + 2:
            raise RuntimeError("a control character stands in a header")
        self.response_started = True
        self.waiting_for_100_continue = False
        return head + (b"\r\n" if self.keep_alive else b"connection: close\r\n\r\n")

    def _finish(self, body: bytes) -> None:
        """As uvicorn ends an answer, but for the writing: nothing of this connection can come before it."""
        self._answer = self._head if self.scope["method"] == "HEAD" else self._head + body
        self._head = b""
        self.response_complete = True
        self.message_event.set()
        if self.keep_alive:
            _leave_soon(self)
        else:
            self.leave()
            self.transport.close()
        self.on_response()

    def leave(self) -> None:
        """Writes the answer where that was not done yet; for whoever ends the connection, too."""
        answer, self._answer = self._answer, b""
        if answer and not self.disconnected:
            self.transport.write(answer)


_leaving: WeakKeyDictionary[asyncio.AbstractEventLoop, list[WholeCycle]] = WeakKeyDictionary()


def _leave_soon(cycle: WholeCycle) -> None:
    """One call for all answers of a turn."""
    loop = asyncio.get_running_loop()
    waiting = _leaving.get(loop)
    if waiting is None:
        waiting = _leaving[loop] = []
    if not waiting:
        loop.call_soon(_leave_all, waiting)
    waiting.append(cycle)


def _leave_all(waiting: list[WholeCycle]) -> None:
    for cycle in waiting:
        cycle.leave()
    waiting.clear()
