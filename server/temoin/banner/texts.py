"""Every text that the banner shows, in every language of a site.

A text comes from the site's own `banner.texts`, or else from the shipped locale (`banner_templates/locales`). Texts are
plain text with a few placeholders in braces; nothing in them is ever markup (see render.py). What neither the site nor
a locale provides is reported by `problems`, so that no banner shows half in one language and half in another
(rules R1, R7).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache

from temoin.assets import folder
from temoin.banner.duration import CATEGORIES, UNITS, in_words
from temoin.site import Purpose, SiteConfig

_PLACEHOLDER = re.compile(r"\{([a-z_]+)\}")
_PARTS = ("title", "description")

# What the whole banner fills in, whatever the text; the other placeholders belong to one text each.
_SHARED = frozenset({"controller", "validity", "control", "choose"})

# What English has no form for, and other languages have.
_PLURALS = frozenset(
    f"duration.{unit}.{category}" for unit in UNITS for category in CATEGORIES if category not in ("one", "other")
)


@cache
def shipped_languages() -> list[str]:
    """Languages with a locale of their own, sorted."""
    return sorted(path.stem for path in (folder("banner_templates") / "locales").glob("*.json"))


def locale(language: str) -> Mapping[str, str]:
    """The shipped texts for `language`, or for its main language (`fr` for `fr-CA`); empty where there are none."""
    shipped = shipped_languages()
    name = language if language in shipped else language.partition("-")[0]
    return _read(name) if name in shipped else {}


def text_keys() -> frozenset[str]:
    """Names that a site's `banner.texts` may use: all texts of the shipped locales, and every plural form.

    Only those of the English locale have to be there: a language has `duration.{unit}.few` only if it needs it.
    """
    return frozenset(_read("en")) | _PLURALS


def texts_of(config: SiteConfig, language: str) -> dict[str, str]:
    """The banner's texts in one language, the site's own first, with what is the same everywhere filled in.

    Default texts of purposes are not among them: see `purpose_texts`.
    A language without a locale falls back to English for texts that the site does not give: `problems` reports
    those before publication, so visitors meet it only where a later release added a text.
    """
    keys = _banner_keys() | _PLURALS
    texts = {**_read("en"), **locale(language), **config.banner.texts.get(language, {})}
    merged = {key: texts[key] for key in sorted(keys & texts.keys())}
    shared = {
        "controller": config.controller.name,
        "validity": in_words(config.choice_validity, merged, language),
        "control": merged["control"],
        # Where the partners are named: behind that button, or below that heading where one layer shows all.
        "choose": merged["preferences.purposes" if config.banner.template == "centre" else "button.choose"],
    }
    return {key: fill(text, shared) for key, text in merged.items()}


def purpose_texts(config: SiteConfig, purpose: Purpose, language: str) -> tuple[str, str]:
    """Title and description of a purpose: its own, or the default of a usual id; empty where there is none."""
    return (
        purpose.title.get(language) or _purpose_default(config, purpose, language, "title"),
        purpose.description.get(language) or _purpose_default(config, purpose, language, "description"),
    )


def _purpose_default(config: SiteConfig, purpose: Purpose, language: str, part: str) -> str:
    """The text for a usual purpose id, or for an exemption: an exempt purpose never borrows the words of consent."""
    kinds = [purpose.id]
    if purpose.basis == "exempt":
        kinds = ["statistics" if purpose.exemption == "audience" else purpose.exemption or "necessary"]
    own, shipped = config.banner.texts.get(language, {}), locale(language)
    given = own.get(f"purpose.{purpose.id}.{part}", "")
    return given or next((shipped[key] for kind in kinds if (key := f"purpose.{kind}.{part}") in shipped), "")


def fill(text: str, values: Mapping[str, str]) -> str:
    """`text` with its `{placeholders}` replaced in one pass: a value that looks like a placeholder stays as it is."""
    return _PLACEHOLDER.sub(lambda match: values.get(match[1], match[0]), text)


def placeholders(text: str) -> frozenset[str]:
    """Names in braces in `text`."""
    return frozenset(_PLACEHOLDER.findall(text))


def problems(config: SiteConfig) -> Iterator[tuple[str, str]]:
    """Path and message of each text that is missing, unknown, or says what cannot be filled in."""
    for language in config.languages:
        yield from _text_problems(config, language)
        for index, purpose in enumerate(config.purposes):
            for part, text in zip(_PARTS, purpose_texts(config, purpose, language), strict=True):
                if not text:
                    yield (
                        f"$.purposes[{index}].{part}.{language}",
                        f"{purpose.id!r} has no {part} in {language}, and none by default",
                    )


def _text_problems(config: SiteConfig, language: str) -> Iterator[tuple[str, str]]:
    own, shipped = config.banner.texts.get(language, {}), locale(language)
    known = {**dict.fromkeys(_PLURALS, "{count}"), **_read("en")}
    path = f"$.banner.texts.{language}"
    for key in sorted(_banner_keys() - set(own) - set(shipped)):
        yield f"{path}['{key}']", f"there is no text {key!r} in {language}, and none by default"
    for key, text in own.items():
        if key not in known:
            yield f"{path}['{key}']", f"{key!r} is not the name of a text"
            continue
        allowed = placeholders(known[key]) | (frozenset() if key.startswith("purpose.") else _SHARED)
        for name in sorted(placeholders(text) - allowed):
            yield f"{path}['{key}']", f"{{{name}}} means nothing in this text"
    if "banner.intro" in own and config.controller.name not in texts_of(config, language)["banner.intro"]:
        yield f"{path}['banner.intro']", "the first layer must name the controller: use {controller}"


@cache
def _banner_keys() -> frozenset[str]:
    return frozenset(key for key in _read("en") if not key.startswith("purpose."))


@cache
def _read(language: str) -> Mapping[str, str]:
    path = folder("banner_templates") / "locales" / f"{language}.json"
    texts: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
    return texts
