"""The forms that the values of a configuration have: patterns, the types made of them, and their names in words."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta

# `$` alone also matches before a last newline in Python; `$(?!\n)` ends a text in Python and in JSON Schema alike.
SITE_ID = r"^[a-z0-9][a-z0-9-]{1,39}$(?!\n)"
_ID = r"^[a-z0-9][a-z0-9_-]{0,39}$(?!\n)"
ID_OR_NOTHING = r"^([a-z0-9][a-z0-9_-]{0,39})?$(?!\n)"
_LANGUAGE = r"^[a-z]{2,3}(-[A-Z]{2})?$(?!\n)"
_ORIGIN = r"^https?://[a-z0-9.-]+(:[0-9]{1,5})?$(?!\n)"
_SERVICE = r"^https?://[a-z0-9.-]+(:[0-9]{1,5})?(/[A-Za-z0-9._~-]+)*$(?!\n)"
_LENGTH = r"P(?=.*[1-9])(\d{1,3}Y)?(\d{1,4}M)?(\d{1,4}W)?(\d{1,5}D)?"
_PERIOD = f"^{_LENGTH}$(?!\\n)"
_LIFETIME = f"^(session|{_LENGTH})$(?!\\n)"
DEFAULT_LANGUAGE = r"^([a-z]{2,3}(-[A-Z]{2})?)?$(?!\n)"
_TEXT_KEY = r"^[A-Za-z][A-Za-z0-9_.-]{0,79}$(?!\n)"
_FONT = r"^[A-Za-z0-9 ,.'\"_-]+$(?!\n)"
_URL = r"^https?://[^\s\x00-\x1f\x7f]+$(?!\n)"
_COLOUR = r"^#[0-9a-fA-F]{6}$(?!\n)"
_ONE_LINE = r"^[^\x00-\x1f\x7f]+$(?!\n)"
LINE_OR_NOTHING = r"^[^\x00-\x1f\x7f]*$(?!\n)"
_NO_CONTROLS = r"^[^\x00-\x08\x0b-\x1f\x7f]+$"

SiteId = Annotated[str, Meta(pattern=SITE_ID, description="Lower-case letters, digits and hyphens, 2 to 40 of them.")]
Id = Annotated[
    str, Meta(pattern=_ID, description="Lower-case letters, digits, hyphens and underscores, at most 40 of them.")
]
Language = Annotated[str, Meta(pattern=_LANGUAGE, description="BCP 47 language tag, such as fr or pt-BR.")]
Period = Annotated[str, Meta(pattern=_PERIOD, description="ISO 8601 period of years, months, weeks or days, as P13M.")]
Lifetime = Annotated[str, Meta(pattern=_LIFETIME, description="session, or a period such as P6M.")]
Origin = Annotated[str, Meta(pattern=_ORIGIN, description="Scheme, host and port, without a path.")]
ServiceUrl = Annotated[str, Meta(pattern=_SERVICE, max_length=300)]
Url = Annotated[str, Meta(pattern=_URL, max_length=2048)]
Line = Annotated[str, Meta(pattern=_ONE_LINE, min_length=1, max_length=300)]
Prose = Annotated[str, Meta(pattern=_NO_CONTROLS, min_length=1, max_length=4000)]
Pattern = Annotated[str, Meta(pattern=_ONE_LINE, min_length=1, max_length=300)]
TextKey = Annotated[str, Meta(pattern=_TEXT_KEY)]
Colour = Annotated[str, Meta(pattern=_COLOUR, description="Six hex digits, as #1a1a1a.")]
Font = Annotated[str, Meta(max_length=200, pattern=_FONT)]

# What each pattern asks for, in words: for complaints and for the documentation.
FORMS = {
    SITE_ID: "2 to 40 lower-case letters, digits and hyphens",
    _ID: "1 to 40 lower-case letters, digits, hyphens and underscores",
    ID_OR_NOTHING: "the id of a purpose, or nothing",
    _LANGUAGE: "a language tag such as fr or pt-BR",
    DEFAULT_LANGUAGE: "a language tag such as fr or pt-BR",
    _ORIGIN: "an origin such as https://www.boutique.example, in lower case and without a path",
    _SERVICE: "an address such as https://consent.boutique.example, in lower case and without a slash at the end",
    _PERIOD: "a period of years, months, weeks or days such as P13M",
    _LIFETIME: "session, or a period of years, months, weeks or days such as P6M",
    _URL: "an address that begins with https:// or http://",
    _COLOUR: "a colour of six hex digits such as #1a1a1a",
    _ONE_LINE: "one line of text without control characters",
    LINE_OR_NOTHING: "one line of text without control characters",
    _NO_CONTROLS: "text without control characters",
    _TEXT_KEY: "the name of a text",
    _FONT: "CSS font family names",
}
