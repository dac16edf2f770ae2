"""Writes what is made from the types, the rules and the API's table: schema/site.schema.json, and the tables of
docs/configuration.md, docs/rules.md and docs/api.md. With --check it writes nothing, names the files that are out of
date, and ends with 1 if any is.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
from msgspec import inspect

from temoin.admin.api.routes import OPERATIONS, PREFIX
from temoin.compliance import rendered
from temoin.compliance.engine import RULES
from temoin.compliance.rule import Rule
from temoin.forms import FORMS
from temoin.site import SiteConfig

ROOT = Path(__file__).resolve().parent.parent
SCHEMA = ROOT / "schema/site.schema.json"
CONFIGURATION = ROOT / "docs/configuration.md"
RULE_LIST = ROOT / "docs/rules.md"
API = ROOT / "docs/api.md"
BEGIN, END = "<!-- begin: made by scripts/configuration_docs.py -->", "<!-- end -->"


def main(arguments: list[str]) -> int:
    stale = [path for path, text in made().items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        if "--check" in arguments:
            print(f"{path.relative_to(ROOT)} is out of date: run scripts/configuration_docs.py")
        else:
            path.write_text(made()[path], encoding="utf-8")
            print(f"wrote {path.relative_to(ROOT)}")
    return 1 if stale and "--check" in arguments else 0


def made() -> dict[Path, str]:
    """Each file and what it should hold."""
    return {
        SCHEMA: json.dumps(schema(), indent=2, ensure_ascii=False) + "\n",
        CONFIGURATION: _filled(CONFIGURATION, "\n".join(_tables())),
        RULE_LIST: _filled(RULE_LIST, "\n".join(_rules())),
        API: _filled(API, "\n".join(_operations())),
    }


def schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of a site's configuration file."""
    body = msgspec.json.schema(SiteConfig)
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Témoin site configuration"}
    return head | body


def _filled(path: Path, text: str) -> str:
    before, _, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{text}\n{END}{after}"


def _tables() -> Iterator[str]:
    """One table for each part of a configuration, in the order in which a reader meets them."""
    parts: dict[str, tuple[str, inspect.StructType]] = {}
    _collect("", _struct(SiteConfig), parts)
    for place, part in parts.values():
        yield f"### {f'`{place}`' if place else 'The whole file'}\n"
        if place:
            yield f"{_sentence(part.cls)}\n"
        yield "| field | value | default | what it is |"
        yield "|---|---|---|---|"
        for field in part.fields:
            yield f"| `{field.encode_name}` | {_kind(field.type)} | {_default(field)} | {_description(field.type)} |"
        yield ""


def _operations() -> Iterator[str]:
    yield f"| below `{PREFIX}` | scope | what it does |"
    yield "|---|---|---|"
    for one in OPERATIONS:
        yield f"| `{one.method} {one.path}` | {f'`{one.needs}`' if one.needs else ''} | {one.summary} |"
    yield "\nWhere no scope is named, rights are looked at one by one ([which there are](administration.md#roles))."


def _collect(place: str, part: inspect.StructType, parts: dict[str, tuple[str, inspect.StructType]]) -> None:
    parts.setdefault(part.cls.__name__, (place, part))
    for field in part.fields:
        inner, suffix = _bare(field.type), ""
        if isinstance(inner, inspect.ListType):
            inner, suffix = _bare(inner.item_type), "[]"
        if isinstance(inner, inspect.StructType) and inner.cls.__name__ not in parts:
            _collect(f"{place}.{field.encode_name}{suffix}".lstrip("."), inner, parts)


def _struct(cls: type) -> inspect.StructType:
    info = inspect.type_info(cls)
    assert isinstance(info, inspect.StructType)
    return info


def _bare(kind: inspect.Type) -> inspect.Type:
    return kind.type if isinstance(kind, inspect.Metadata) else kind


def _description(kind: inspect.Type) -> str:
    found = (kind.extra_json_schema or {}).get("description", "") if isinstance(kind, inspect.Metadata) else ""
    return str(found).replace("|", "\\|")


def _sentence(cls: type) -> str:
    return (cls.__doc__ or "").strip().split("\n")[0]


def _kind(kind: inspect.Type) -> str:
    """The values that a field takes, in words."""
    kind = _bare(kind)
    match kind:
        case inspect.StructType():
            return "an object, see below"
        case inspect.LiteralType():
            return " or ".join(f"`{json.dumps(value)}`" for value in kind.values)
        case inspect.ListType():
            return f"a list: {_kind(kind.item_type)}"
        case inspect.DictType():
            return f"an object: {_kind(kind.key_type)} → {_kind(kind.value_type)}"
        case inspect.UnionType():
            return ", or ".join(_kind(each) for each in kind.types if not isinstance(_bare(each), inspect.NoneType))
        case inspect.IntType():
            return f"a whole number, {kind.ge} to {kind.le}"
        case inspect.BoolType():
            return "`true` or `false`"
        case inspect.StrType():
            longest = f", at most {kind.max_length} characters" if kind.max_length else ""
            return f"{FORMS[kind.pattern] if kind.pattern else 'text'}{longest}"
    raise TypeError(f"no words for {kind!r}")


def _default(field: inspect.Field) -> str:
    if field.required:
        return "**required**"
    value = field.default if field.default is not msgspec.NODEFAULT else field.default_factory()
    if isinstance(value, msgspec.Struct):
        return "each field's own"
    return "" if value in (None, "", [], {}) else f"`{json.dumps(value, ensure_ascii=False)}`"


def _rules() -> Iterator[str]:
    yield "| rule | severity | what it asks | source |"
    yield "|---|---|---|---|"
    for rule in RULES:
        yield f"| [{rule.id}](#{rule.id.lower()}) | {rule.severity} | {rule.asks} | {rule.source} |"
    for drawn in rendered.RULES:
        yield f"| {drawn.id} | {drawn.severity} | {drawn.asks} | {drawn.source} |"
    yield ""
    for rule in RULES:
        yield from _rule(rule)


def _rule(rule: Rule) -> Iterator[str]:
    yield f"### {rule.id}\n"
    yield f"**{rule.severity}.** {rule.asks}  "
    yield f"Source: {rule.source}.\n"
    for heading, patch in (("Breaks it:", rule.breaks), ("Keeps it:", rule.keeps)):
        yield f"{heading}\n\n```json\n{json.dumps(patch, ensure_ascii=False)}\n```\n"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
