"""Settings, addresses, errors and fields of a configuration: each is in the reference page where people look for it."""

from __future__ import annotations

import re
from dataclasses import fields

import msgspec

from temoin.admin.api.routes import PREFIX
from temoin.openapi import description
from temoin.settings import Settings
from temoin.site import SiteConfig
from tests.docs.sources import error_statuses, section, text


def test_every_setting_is_in_its_table_with_its_default_and_its_own_words() -> None:
    page = text("docs/settings.md")
    for setting in fields(Settings):
        default = f"`{setting.default}`" if setting.default else "empty"
        assert f"| `{setting.metadata['env']}` | {default} | {setting.metadata['help']} |" in page


def test_no_variable_is_described_that_is_not_there() -> None:
    described = re.findall(r"(?m)^\| `(TEMOIN_\w+)`", text("docs/settings.md"))
    assert sorted(described) == sorted(setting.metadata["env"] for setting in fields(Settings))


def test_every_address_has_a_section_under_its_method() -> None:
    operations = {
        f"{method.upper()} {path}"
        for path, item in description("http://localhost")["paths"].items()
        for method in item
        if method != "parameters" and not path.startswith(PREFIX)
    }
    described = re.findall(r"(?m)^## `((?:GET|POST) /\S+)`$", text("docs/http.md"))
    assert sorted(described) == sorted(operations | {"GET /openapi.json"})


def test_the_table_of_errors_has_every_code_with_its_status_and_no_other() -> None:
    rows = re.findall(r"(?m)^\| `(\w+)` \| ([\d, –]+) \|", section(text("docs/http.md"), "## All error codes"))
    table = {code: set(re.findall(r"\d+", statuses)) for code, statuses in rows}
    assert table == error_statuses()


def test_every_field_of_a_configuration_is_described() -> None:
    page = text("docs/configuration.md")
    parts = msgspec.json.schema(SiteConfig)["$defs"].values()
    names = {name for part in parts for name in part["properties"]}
    assert names
    assert [name for name in sorted(names) if f"| `{name}` |" not in page] == []
