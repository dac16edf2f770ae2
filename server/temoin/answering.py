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
import re
from typing import Any

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

WHOLE = "temoin.whole"
_CONTROLS = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]")


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
        lines = [b"%b: %b" % header for header in headers]
        if _CONTROLS.search(b"".join(lines)):
            raise RuntimeError("a control character stands in a header")
        if not self.keep_alive:
            lines.append(b"connection: close")
        self.response_started = True
        self.waiting_for_100_continue = False
        return STATUS_LINE[status] + b"\r\n".join(lines) + b"\r\n\r\n"

    def _finish(self, body: bytes) -> None:
        """As uvicorn ends an answer, but for the writing: nothing of this connection can come before it."""
        self._answer = self._head if self.scope["method"] == "HEAD" else self._head + body
        self._head = b""
        self.response_complete = True
        self.message_event.set()
        if self.keep_alive:
            asyncio.get_running_loop().call_soon(self.leave)
        else:
            self.leave()
            self.transport.close()
        self.on_response()

    def leave(self) -> None:
        """Writes the answer where that was not done yet; for whoever ends the connection, too."""
        answer, self._answer = self._answer, b""
        if answer and not self.disconnected:
            self.transport.write(answer)
