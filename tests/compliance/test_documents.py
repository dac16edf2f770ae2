"""Configuration files: the documented ones are taken, any wrong field is refused by its path, nothing else breaks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from temoin.banner.texts import problems, text_keys
from temoin.compliance.engine import lint
from temoin.errors import Malformed
from temoin.site import SiteConfig, parse_site, site_bytes
from tests.compliance.documents import ROOT, Place, as_toml, at, complete, documented, path_of, places, replaced
from tests.compliance.json_schema import valid

COMPLETE = complete()
SCHEMA = json.loads((ROOT / "schema/site.schema.json").read_text(encoding="utf-8"))


def _wrong(place: Place) -> Iterator[tuple[Any, str]]:
    """Values that may not stand at `place`, and the path that the complaint must name."""
    value, path = at(COMPLETE, place), path_of(place)
    yield 1.5, path
    yield "\x01" if isinstance(value, str) else "text", path
    yield {} if isinstance(value, list) else [], path
    if isinstance(value, dict):
        yield value | {"no such field\n": 1}, f"{path}['no such field\\n']"
    if isinstance(value, str):
        yield [value], path
        yield "a\x00", path
    if isinstance(value, list):
        yield [*value, 1.5], f"{path}[{len(value)}]"
    if isinstance(value, int):
        yield str(value), path


CASES = [(place, wrong, path) for place in places(COMPLETE) for wrong, path in _wrong(place)]


@pytest.mark.parametrize("kind", ["json", "toml"])
def test_any_field_of_a_wrong_type_or_shape_is_refused_by_its_path(kind: str) -> None:
    for place, wrong, path in CASES:
        document = replaced(COMPLETE, place, wrong)
        if kind == "toml" and not place:
            continue  # a TOML file is always a table
        data = json.dumps(document).encode() if kind == "json" else as_toml(document)
        with pytest.raises(Malformed) as refused:
            parse_site(data, f"site.{kind}")
        assert refused.value.message.startswith(f"site.{kind}: {path}: "), (path, wrong)
        assert "regex" not in refused.value.message
        assert refused.value.hint


def test_the_schema_refuses_what_the_reader_refuses() -> None:
    for place, wrong, _ in CASES:
        assert not valid(replaced(COMPLETE, place, wrong), SCHEMA, SCHEMA), (place, wrong)


@pytest.mark.parametrize("place", [p for p in places(COMPLETE) if p and isinstance(p[-1], str)], ids=path_of)
def test_a_missing_field_has_a_default_or_is_named(place: Place) -> None:
    document = json.loads(json.dumps(COMPLETE))
    del at(document, place[:-1])[place[-1]]
    if valid(document, SCHEMA, SCHEMA):
        assert parse_site(json.dumps(document).encode(), "site.json").site
    else:
        with pytest.raises(Malformed) as refused:
            parse_site(json.dumps(document).encode(), "site.json")
        assert refused.value.message.startswith(f"site.json: {path_of(place)}: ")


@pytest.mark.parametrize("kind", ["json", "toml"])
def test_documented_configurations_have_no_error_and_are_valid(kind: str) -> None:
    for text in documented(kind):
        config = parse_site(text.encode(), f"site.{kind}")
        assert [each for each in lint(config, text_keys()) if each.severity == "error"] == []
        assert valid(msgspec.to_builtins(config), SCHEMA, SCHEMA)


def test_the_complete_example_has_every_field_and_no_finding() -> None:
    config = parse_site(json.dumps(COMPLETE).encode(), "site.json")
    assert lint(config, text_keys()) == []
    used = {name for place in places(COMPLETE) for name in place if isinstance(name, str)}
    fields = {name for part in SCHEMA["$defs"].values() for name in part["properties"]}
    assert fields <= used


def test_json_and_toml_say_the_same() -> None:
    from_json = parse_site(json.dumps(COMPLETE).encode(), "site.json")
    assert parse_site(as_toml(COMPLETE), "SITE.TOML") == from_json
    assert msgspec.json.decode(site_bytes(from_json), type=SiteConfig) == from_json


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"site": NaN}',
        b'{"site": "\\ud800"}',
        b'{"site": "a", "site": "b"}',
        b"= 1",
    ],
    ids=["empty", "cut short", "not text", "too deep", "not a number", "lone surrogate", "twice", "no name"],
)
@pytest.mark.parametrize("name", ["site.json", "site.toml", "site"])
def test_what_is_no_document_is_refused_by_its_name(data: bytes, name: str) -> None:
    with pytest.raises(Malformed, match=f"^{name}"):
        parse_site(data, name)


@settings(max_examples=300, deadline=None, database=None)
@given(st.data())
def test_any_value_anywhere_is_refused_by_a_path_or_can_be_linted(data: st.DataObject) -> None:
    place = data.draw(st.sampled_from(list(places(COMPLETE))))
    text = st.text(max_size=20)
    leaves = st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False) | text
    value = data.draw(st.recursive(leaves, lambda inner: st.lists(inner) | st.dictionaries(text, inner), max_leaves=6))
    document = replaced(COMPLETE, place, value)
    if valid(document, SCHEMA, SCHEMA):
        config = parse_site(json.dumps(document).encode(), "site.json")
        findings = lint(config, text_keys())
        assert all(each.path.startswith("$.") for each in findings)
        if all(each.severity == "warning" for each in findings):
            assert list(problems(config)) == []  # what may be published has every text
    else:
        with pytest.raises(Malformed, match=r"^site\.json(: \$| cannot be read: )"):
            parse_site(json.dumps(document).encode(), "site.json")


@settings(max_examples=200, deadline=None, database=None)
@given(st.binary(max_size=60), st.sampled_from(["site.json", "site.toml"]))
def test_any_bytes_are_refused(data: bytes, name: str) -> None:
    with pytest.raises(Malformed):
        parse_site(data, name)
