"""The admin's two languages. Templates and pages are written in English; `texts/fr.json` gives the French of each text,
`texts/errors.fr.json` that of each error.

A missing translation falls back to the English text, and a test fails over it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from starlette.requests import Request

from temoin.clock import parse_rfc3339
from temoin.compliance.french import french as rule_in_french
from temoin.phrases import Phrases

LANGUAGES: Mapping[str, str] = {"en": "English", "fr": "Français"}
COOKIE = "temoin_language"

# Each language's name for itself.
AUTONYMS: Mapping[str, str] = {
    "ar": "العربية", "bg": "Български", "br": "Brezhoneg", "ca": "Català", "cs": "Čeština", "da": "Dansk",
    "de": "Deutsch", "el": "Ελληνικά", "en": "English", "es": "Español", "et": "Eesti", "eu": "Euskara",
    "fi": "Suomi", "fr": "Français", "ga": "Gaeilge", "hr": "Hrvatski", "hu": "Magyar", "is": "Íslenska",
    "it": "Italiano", "lt": "Lietuvių", "lv": "Latviešu", "mt": "Malti", "nb": "Norsk bokmål", "nl": "Nederlands",
    "pl": "Polski", "pt": "Português", "ro": "Română", "sk": "Slovenčina", "sl": "Slovenščina", "sv": "Svenska",
    "tr": "Türkçe", "uk": "Українська",
}  # fmt: skip

_MONTHS = {
    "en": ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"],
    "fr": ["janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc."],
}


def language_of(request: Request) -> str:
    """What the reader chose in the header, else what their browser asks for first, else English."""
    chosen = request.cookies.get(COOKIE)
    if chosen in LANGUAGES:
        return str(chosen)
    for part in request.headers.get("accept-language", "").split(","):
        main = part.partition(";")[0].strip().lower().partition("-")[0]
        if main in LANGUAGES:
            return main
    return "en"


def said(text: str, language: str) -> str:
    """`text` in `language`."""
    return text if language == "en" else french().get(text) or text


def told(text: str, language: str) -> str:
    """The message or the hint of an error in `language`."""
    return text if language == "en" else _errors().said(text) or said(text, language)


def counted(one: str, many: str, count: int, language: str) -> str:
    """`one` or `many`, by the plural rule of `language`: French takes the singular for 0 too."""
    return said(one if count == 1 or (language == "fr" and count == 0) else many, language)


def moment(value: str | None, language: str) -> str:
    """An RFC 3339 time in words, UTC; empty for none."""
    if not value:
        return ""
    at = parse_rfc3339(value)
    return f"{day(at, language)}, {at:%H:%M} UTC"


def day(at: date, language: str) -> str:
    """`26 Nov 2026`, `26 nov. 2026`."""
    return f"{at.day} {_MONTHS[language][at.month - 1]} {at.year}"


def number(value: float, language: str, digits: int = 0) -> str:
    """Thousands apart: `12,345` in English, `12 345` (narrow no-break spaces) in French."""
    text = f"{value:,.{digits}f}"
    return text.replace(",", "\u202f").replace(".", ",") if language == "fr" else text


@cache
def french() -> Mapping[str, str]:
    """The French of each English text."""
    texts: dict[str, str] = _read("fr.json")
    return texts


@cache
def _errors() -> Phrases:
    """The French of each error that somebody at the admin can meet; what a rule says in it is the rules' to say."""
    table = _read("errors.fr.json")
    return Phrases(table["texts"], lambda part: table["words"].get(part) or rule_in_french(part))


def _read(name: str) -> Any:
    return json.loads((Path(__file__).parent.parent / "texts" / name).read_text(encoding="utf-8"))
