"""The documented configurations, and ways to write them down and to spoil them."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
Step = str | int
Place = tuple[Step, ...]


def documented(kind: str) -> list[str]:
    """The code blocks of `kind` (json, toml) in docs/configuration.md that are whole configurations."""
    text = (ROOT / "docs/configuration.md").read_text(encoding="utf-8")
    return re.findall(rf"```{kind}\n(.*?)```", text, re.DOTALL)


def complete() -> dict[str, Any]:
    """The documented example that has every field."""
    value: dict[str, Any] = json.loads(max(documented("json"), key=len))
    return value


def as_toml(document: dict[str, Any]) -> bytes:
    """`document`, which holds no null, as TOML: every value inline."""
    return "".join(f"{json.dumps(name)} = {_inline(value)}\n" for name, value in document.items()).encode()


def _inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(name)} = {_inline(each)}" for name, each in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_inline, value)) + "]"
    return json.dumps(value)


def places(value: Any, here: Place = ()) -> Iterator[Place]:
    """Every place in `value`, itself first."""
    yield here
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, each in inside:
        yield from places(each, (*here, step))


def at(value: Any, place: Place) -> Any:
    for step in place:
        value = value[step]
    return value


def replaced(document: dict[str, Any], place: Place, value: Any) -> Any:
    """A copy of `document` with `value` at `place`."""
    if not place:
        return value
    changed = copy.deepcopy(document)
    at(changed, place[:-1])[place[-1]] = value
    return changed


def path_of(place: Place) -> str:
    """The place as the product writes it."""
    path = "$"
    for step in place:
        plain = isinstance(step, str) and re.fullmatch(r"[A-Za-z0-9_-]+", step)
        path += f".{step}" if plain else f"[{step!r}]"
    return path
