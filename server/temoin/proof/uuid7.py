"""UUIDv7 (RFC 9562, section 5.7): 48 bits of milliseconds, then 74 random bits, so that ids sort by time."""

from __future__ import annotations

import re
import secrets
from datetime import datetime

_SHAPE = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\Z")


def uuid7(moment: datetime) -> str:
    """A fresh id of `moment`, in its usual lower-case text form of 36 characters."""
    milliseconds = int(moment.timestamp() * 1000) & (2**48 - 1)
    random = secrets.randbits(74)
    value = milliseconds << 80 | 0x7 << 76 | (random >> 62) << 64 | 0b10 << 62 | random & (2**62 - 1)
    digits = f"{value:032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


def is_uuid7(text: str) -> bool:
    """Whether `text` is a UUIDv7 in the one form that Témoin writes (lower case, with hyphens)."""
    return _SHAPE.match(text) is not None


def uuid7_milliseconds(text: str) -> int:
    """Milliseconds since 1970 that the id was made at, by the clock of whoever made it; `text` is a UUIDv7."""
    return int(text[:8] + text[9:13], 16)
