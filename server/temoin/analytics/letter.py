"""A report as a letter, and the server that takes letters (SMTP, RFC 5321; STARTTLS where it is offered)."""

from __future__ import annotations

import asyncio
import hashlib
import smtplib
import ssl
from collections.abc import Mapping
from email.message import EmailMessage
from typing import Any
from urllib.parse import unquote, urlsplit

from temoin.errors import Malformed
from temoin.proof.outside import Unreachable

_SECONDS = 20.0
_TITLES = {
    "page": "Pages",
    "referrer": "Came from",
    "country": "Countries",
    "device": "Devices",
    "event": "Events",
    "missing": "Not found",
    "dropped": "Left out, by reason",
}


class Mail:
    """Sends by the server that TEMOIN_SMTP names, `smtp://` or `smtps://`, with a name and a word where it holds them.

    `base` is the service's public address: the letter says where the whole report is. Raises Malformed.
    """

    def __init__(self, server: str, sender: str, base: str) -> None:
        parts = urlsplit(server)
        if server and (parts.scheme not in ("smtp", "smtps") or not parts.hostname or "@" not in sender):
            raise Malformed(
                "bad_setting",
                "TEMOIN_SMTP and TEMOIN_MAIL_FROM do not name a server and a sender.",
                "Give smtp://HOST:PORT (or smtps, with user:word@ before the host), and an address to write from.",
            )
        self._parts = parts
        self._sender = sender
        self._base = base

    async def send(self, to: str, made: Mapping[str, Any], key: str) -> None:
        """Raises Unreachable where the letter was not taken."""
        if not self._parts.hostname:
            raise Unreachable("TEMOIN_SMTP names no server")
        try:
            await asyncio.to_thread(self._deliver, self._message(to, made, key))
        except (OSError, smtplib.SMTPException) as error:
            raise Unreachable(f"{self._parts.hostname}: {str(error) or type(error).__name__}") from error

    def _message(self, to: str, made: Mapping[str, Any], key: str) -> EmailMessage:
        message = EmailMessage()
        message["Subject"] = f"{made['site']}: {made['from']} – {made['to']}"
        message["From"] = self._sender
        message["To"] = to
        host = urlsplit(self._base).hostname
        message["Message-ID"] = f"<{hashlib.sha256(key.encode()).hexdigest()[:32]}@{host}>"
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(as_text(made, self._base))
        return message

    def _deliver(self, message: EmailMessage) -> None:
        parts, context = self._parts, ssl.create_default_context()
        with self._connected(context) as server:
            server.ehlo()
            if parts.scheme == "smtp" and server.has_extn("starttls"):
                server.starttls(context=context)
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            server.send_message(message)

    def _connected(self, context: ssl.SSLContext) -> smtplib.SMTP:
        host, port = str(self._parts.hostname), self._parts.port or 0
        if self._parts.scheme == "smtps":
            return smtplib.SMTP_SSL(host, port, timeout=_SECONDS, context=context)
        return smtplib.SMTP(host, port, timeout=_SECONDS)


def as_text(made: Mapping[str, Any], base: str) -> str:
    """The letter: totals beside the period before, then the longest cuts."""
    now, before = made["totals"], made["before"]["totals"]
    lines = [f"The audience of {made['site']}, {made['from']} to {made['to']} (UTC)", ""]
    lines.append(f"{'':<18}{'all':>12}{'with consent':>14}{'before':>12}")
    for label, name in (
        *(("Visits", "visits"), ("Views", "views"), ("Bounce, %", "bounce_percent")),
        ("Seconds a visit", "seconds_a_visit"),
    ):
        figures = (now["exempt"][name], now["consented"][name], before["exempt"][name])
        shown = ["-" if figure is None else f"{figure:,}" for figure in figures]
        lines.append(f"{label:<18}{shown[0]:>12}{shown[1]:>14}{shown[2]:>12}")
    most = max(made["days"], key=lambda day: int(day["exempt"]["visitors"]))
    lines.append(f"Most visitors in a day: {most['exempt']['visitors']:,} on {most['day']}")
    for kind, title in _TITLES.items():
        rows = made["cuts"][kind]
        if rows:
            lines += ["", title, *(f"{row['views']:>10,}  {row['value']}" for row in rows)]
    lines += ["", f"The whole report: {base}/admin/sites/{made['site']}/audience", "", *made["notes"]]
    return "\n".join(lines)
