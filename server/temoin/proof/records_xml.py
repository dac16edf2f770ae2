"""Records as one XML 1.0 file that `schema/records.xsd` describes.

Every field of a record is in it, the salt too: its canonical bytes can be made from the file again, and their SHA-256
is the commitment that the file names. XML cannot hold most control characters. A text with one (a page's address may
have some) is written with backslash escapes, and its element says so by `escaped="true"`: there, and only there,
`\\\\` stands for a backslash and `\\uXXXX` for the character of that number.
"""

from __future__ import annotations

import re
from typing import Any, BinaryIO

from temoin.proof.entry import LoggedEntry

SCHEMA = "temoin.records/1"

# Elements in the order of the schema; `previous` is left out where it is null.
TEXTS = (
    *("schema", "id", "site", "subject", "event", "recorded_at", "expires_at", "config", "language", "layer"),
    *("control", "page", "viewport", "client_time", "previous", "salt"),
)
# All that is no Char of XML 1.0 (section 2.2).
_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_SPECIAL = re.compile("[&<>\r]")
# A parser turns a bare carriage return into a line feed.
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}


class XmlWriter:
    """See `temoin.proof.export.RecordWriter`."""

    def begin(self, file: BinaryIO) -> None:
        self._file = file
        file.write(f'<?xml version="1.0" encoding="UTF-8"?>\n<records schema="{SCHEMA}">\n'.encode())

    def write(self, entry: LoggedEntry, body: bytes, record: dict[str, Any]) -> None:  # noqa: ARG002  # the shape of RecordWriter
        texts = "".join(_element(name, record[name]) for name in TEXTS if record[name] is not None)
        choices = "".join(
            _element("choice", purpose, f' granted="{_boolean(granted)}"')
            for purpose, granted in record["choices"].items()
        )
        signals = "".join(
            _element("signal", name, f' value="{_boolean(value)}"') for name, value in record["signals"].items()
        )
        self._file.write(
            f'<record index="{entry.index}" commitment="{entry.commitment.hex()}">{texts}'
            f"<choices>{choices}</choices><signals>{signals}</signals></record>\n".encode()
        )

    def end(self) -> None:
        self._file.write(b"</records>\n")
        self._file.flush()

    def abandon(self) -> None:
        """Nothing is held back."""


def _element(name: str, value: object, attributes: str = "") -> str:
    text = str(value)
    if _FORBIDDEN.search(text):
        attributes += ' escaped="true"'
        text = _FORBIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text.replace("\\", "\\\\"))
    return f"<{name}{attributes}>{_SPECIAL.sub(lambda found: _ENTITIES[found[0]], text)}</{name}>"


def _boolean(value: bool) -> str:
    return "true" if value else "false"
