"""The draft that an import makes: a site's own, with its purposes, trackers and languages replaced."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from temoin import document
from temoin.admin.imports import cookieconsent, klaro, tarteaucitron
from temoin.admin.imports.carry import Carried
from temoin.admin.imports.source import TOOLS, Source, read_source
from temoin.errors import Malformed
from temoin.forms import FORMS
from temoin.site import SiteConfig

_CARRY = {"klaro": klaro.carry, "cookieconsent": cookieconsent.carry, "tarteaucitron": tarteaucitron.carry}


async def imported(file: Path, onto: SiteConfig, chromium: str) -> tuple[str, SiteConfig, list[str]]:
    """The tool that `file` configures, the draft, and in sentences what could not be carried over.

    Who the controller is, the origins, the retention and every exempt purpose stay those of `onto`. Raises Malformed
    where the file is no such configuration or makes no draft.
    """
    source = await read_source(file, chromium)
    carried = _CARRY[source.tool](source.config)
    if not carried.trackers and not carried.purposes:
        raise Malformed("bad_import", f"{file}: it names no purpose and no tracker.", "Is it the file in use?")
    return TOOLS[source.tool], _draft(file, source, carried, onto), carried.notes


def _draft(file: Path, source: Source, carried: Carried, onto: SiteConfig) -> SiteConfig:
    value: dict[str, Any] = msgspec.to_builtins(onto)
    kept = [
        purpose
        for purpose in value["purposes"]
        if purpose["basis"] == "exempt" and purpose["id"] not in carried.purposes
    ]
    value["purposes"] = [*carried.purposes.values(), *kept]
    value["trackers"] = list(carried.trackers.values())
    if carried.languages:
        value["languages"] = carried.languages
        if value["default_language"] not in carried.languages:
            value["default_language"] = ""
        carried.note("The privacy policy's address is needed in each language: complete controller.policy_url.")
    settings = carried.settings
    value["choice_validity"] = settings.get("choice_validity", value["choice_validity"])
    value["banner"]["template"] = settings.get("template", value["banner"]["template"])
    for name in ("google_consent_mode", "uet"):
        value["signals"][name] = settings.get(name, value["signals"][name])
    names = {purpose["id"] for purpose in value["purposes"]}
    if value["analytics"]["consent_purpose"] not in names:
        value["analytics"]["consent_purpose"] = ""
    try:
        return msgspec.convert(value, SiteConfig)
    except msgspec.ValidationError as error:
        path, words = document.explain(value, SiteConfig, error, FORMS)
        raise Malformed(
            "bad_import",
            f"{file}: what {TOOLS[source.tool]} has there makes no draft: {path}: {words}.",
            "Change it there.",
        ) from error
