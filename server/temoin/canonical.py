"""Canonical JSON (RFC 8785, JCS) and the hashes taken over it.

Only what the RFC and orjson agree on to the byte is accepted: objects with ASCII keys, arrays,
strings without lone surrogates, booleans, null and integers of at most 53 bits. Floats are refused:
JCS prints them as ECMAScript does, and nothing that Témoin hashes needs one.
"""

from __future__ import annotations

import hashlib
from typing import Any

import orjson

_SAFE_INTEGER = 2**53 - 1


def canonical_bytes(value: Any) -> bytes:
    """The RFC 8785 form of `value`; raises ValueError for what has no agreed form."""
    _check(value, "$")
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def canonical_trusted(value: dict[str, Any]) -> bytes:
    """The same bytes without the check, for values that a typed decoder built just before."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def sha256_hex(data: bytes) -> str:
    """SHA-256 of `data` as 64 lower-case hex digits."""
    return hashlib.sha256(data).hexdigest()


def _check(value: Any, path: str) -> None:
    if value is None or isinstance(value, bool | str):
        return
    if isinstance(value, int):
        if abs(value) > _SAFE_INTEGER:
            raise ValueError(f"{path}: {value} is beyond the 53 bits that JSON readers keep exactly")
        return
    if isinstance(value, list | tuple):
        for index, item in enumerate(value):
            _check(item, f"{path}[{index}]")
        return
    if isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str) or not key.isascii():
                raise ValueError(f"{path}: the key {key!r} is not ASCII text")
            _check(item, f"{path}.{key}")
        return
    raise ValueError(f"{path}: a {type(value).__name__} has no canonical form here")
