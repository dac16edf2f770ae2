"""Documents that people write: read strictly, and refused with the exact path of the field, in plain words.

msgspec prints the keys of objects as `[...]` and patterns as regular expressions; here the key is spelled out and the
pattern is replaced by what it asks for. A document that was complained of is used up: it is not to be read again.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from typing import Any

import msgspec

from temoin.errors import Malformed

_AT = re.compile(r" - at (`key` in )?`(?P<path>[^`]*)`$")
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")
_STEP = re.compile(r"\.(?P<field>\w+)|\[(?P<index>\d+)\]|\[\.\.\.\]")
_NAMED = re.compile(r"^Object (contains unknown|missing required) field `(?P<field>.*?)`( - at |$)", re.DOTALL)


def read(data: bytes, name: str) -> Any:
    """The value of a JSON file, or of a TOML file whose name ends in `.toml`; raises Malformed for what is neither."""
    try:
        if name.lower().endswith(".toml"):
            return tomllib.loads(data.decode())
        # msgspec refuses what JSON does not have (NaN, lone surrogates); the standard reader sees repeated names.
        value = msgspec.json.decode(data)
        json.loads(data, object_pairs_hook=_no_repeats)
        return value
    except (msgspec.DecodeError, tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError, ValueError) as error:
        raise Malformed(
            "bad_config",
            f"{name} cannot be read: {error}.",
            "Give a JSON file, or a TOML file whose name ends in .toml.",
        ) from error


def _no_repeats(pairs: list[tuple[str, Any]]) -> None:
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            raise ValueError(f"the name {name!r} stands twice in one object")
        seen.add(name)


def member(path: str, name: str) -> str:
    """The path of the member `name` of the object at `path`; a name that is not one plain word is quoted (RFC 9535)."""
    return f"{path}.{name}" if _PLAIN.fullmatch(name) else f"{path}[{name!r}]"


def explain(document: Any, shape: Any, error: msgspec.ValidationError, forms: Mapping[str, str]) -> tuple[str, str]:
    """The path (`$.purposes[0].title.fr`) and the words of `error`, raised when `document` was read as `shape`.

    `forms` says in words what each regular expression asks for.
    """
    complaint = str(error)
    words = complaint.partition(" - at ")[0]
    for pattern, form in forms.items():
        words = words.replace(f"`str` matching regex {pattern!r}", form)
    return _path(document, shape, complaint), words


def _path(document: Any, shape: Any, complaint: str) -> str:
    at = _AT.search(complaint)
    path, node = "$", document
    for step in _STEP.finditer((at["path"] if at else "$") + ("[...]" if at and at[1] else "")):
        if step["field"]:
            path, node = f"{path}.{step['field']}", node[step["field"]]
        elif step["index"]:
            path, node = f"{path}[{step['index']}]", node[int(step["index"])]
        else:
            key = _culprit(document, shape, node, complaint)
            path, node = member(path, key), node[key]
    named = _NAMED.match(complaint)
    return member(path, named["field"]) if named else path


def _culprit(document: Any, shape: Any, node: dict[str, Any], complaint: str) -> str:
    """The key of `node` that causes the complaint: the one that, alone in its object, causes it again."""
    entries = dict(node)
    for key, value in entries.items():
        node.clear()
        node[key] = value
        try:
            msgspec.convert(document, shape)
        except msgspec.ValidationError as error:
            if str(error) == complaint:
                return key
    raise LookupError(complaint)  # cannot be: one of the entries made the complaint
