"""The files of the delivery plane: `/s/{site}.js` and the banner's other languages.

Both are pure functions of a config version, the service's address and this release: the same input gives the same
bytes, so their hashes can stand in the log.
"""

from __future__ import annotations

import orjson

from temoin.assets import folder
from temoin.banner.client import client_config
from temoin.banner.render import ui
from temoin.canonical import sha256_hex
from temoin.errors import Unavailable
from temoin.site import ConfigVersion

TOKEN = "__TEMOIN_CONFIG__"  # noqa: S105 - the place of the config in the bundle, no secret


def bundle(version: ConfigVersion, base: str) -> bytes:
    """The SDK with the site's config and its banner in the default language; `base` has no trailing slash.

    Raises Unavailable where the SDK was not built.
    """
    config = version.config
    languages = {language: language_file(version, language)[0] for language in config.languages}
    client = client_config(version, base, languages, ui(config, config.language, css=True))
    before, after = _sdk()
    return before + _literal(client) + after


def language_file(version: ConfigVersion, language: str) -> tuple[str, bytes]:
    """The banner in one language as JSON, and the 16 hex digits that name it."""
    data = orjson.dumps(ui(version.config, language, css=False))
    return sha256_hex(data)[:16], data


def _literal(value: object) -> bytes:
    """JSON that is also a JavaScript expression, and cannot end a script element that somebody inlines it into."""
    data = orjson.dumps(value).replace(b"<", b"\\u003c")
    return data.replace("\u2028".encode(), b"\\u2028").replace("\u2029".encode(), b"\\u2029")


def _sdk() -> tuple[bytes, bytes]:
    path = folder("sdk") / "temoin.js"
    hint = "In a checkout, run 'make install'; otherwise install the published wheel."
    if not path.is_file():
        raise Unavailable("sdk_missing", "The SDK has not been built: there is no temoin.js.", hint)
    parts = path.read_bytes().split(TOKEN.encode())
    if len(parts) != 2:
        raise Unavailable("sdk_broken", f"temoin.js names {TOKEN} {len(parts) - 1} times instead of once.", hint)
    return parts[0], parts[1]
