"""As much of JSON Schema 2020-12 as schema/site.schema.json uses; an unknown keyword is an error, never ignored."""

from __future__ import annotations

import re
from typing import Any

_TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "null": type(None),
}
_NOTES = {"$schema", "$defs", "title", "description", "default"}


def valid(value: Any, schema: dict[str, Any], root: dict[str, Any]) -> bool:
    """Whether `value` is what `schema` asks for; `$ref` looks into `root`."""
    return all(
        _keeps(keyword, asked, value, schema, root) for keyword, asked in schema.items() if keyword not in _NOTES
    )


def _keeps(keyword: str, asked: Any, value: Any, schema: dict[str, Any], root: dict[str, Any]) -> bool:
    match keyword:
        case "$ref":
            return valid(value, root["$defs"][asked.removeprefix("#/$defs/")], root)
        case "anyOf":
            return any(valid(value, each, root) for each in asked)
        case "enum":
            return any(value == each for each in asked)
        case "type":
            whole = isinstance(value, int) and not isinstance(value, bool)
            return whole if asked == "integer" else isinstance(value, _TYPES[asked])
        case "pattern" | "minLength" | "maxLength":
            return not isinstance(value, str) or _text(keyword, asked, value)
        case "minimum" | "maximum":
            return not isinstance(value, int) or bool(value >= asked if keyword == "minimum" else value <= asked)
        case "items" | "minItems" | "maxItems":
            return not isinstance(value, list) or _list(keyword, asked, value, root)
        case "properties" | "required" | "additionalProperties" | "propertyNames":
            return not isinstance(value, dict) or _object(keyword, asked, value, schema, root)
    raise NotImplementedError(keyword)


def _text(keyword: str, asked: Any, value: str) -> bool:
    if keyword == "pattern":
        return re.search(asked, value) is not None
    return bool(len(value) >= asked if keyword == "minLength" else len(value) <= asked)


def _list(keyword: str, asked: Any, value: list[Any], root: dict[str, Any]) -> bool:
    if keyword == "items":
        return all(valid(each, asked, root) for each in value)
    return bool(len(value) >= asked if keyword == "minItems" else len(value) <= asked)


def _object(keyword: str, asked: Any, value: dict[str, Any], schema: dict[str, Any], root: dict[str, Any]) -> bool:
    if keyword == "required":
        return all(name in value for name in asked)
    if keyword == "propertyNames":
        return all(valid(name, asked, root) for name in value)
    if keyword == "properties":
        return all(valid(value[name], each, root) for name, each in asked.items() if name in value)
    others = [each for name, each in value.items() if name not in schema.get("properties", {})]
    return not others if asked is False else all(valid(each, asked, root) for each in others)
