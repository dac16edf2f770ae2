"""The files of the delivery plane: `/s/{site}.js` and the banner's other languages.

Both are pure functions of a config version, the service's address and this release: the same input gives the same
bytes, so their hashes can stand in the log.
"""

from __future__ import annotations

import orjson

from temoin.assets import folder
from temoin.banner.client import client_config, service_of, signals_of
from temoin.banner.render import ui
from temoin.canonical import sha256_hex
from temoin.errors import NotFound, Unavailable
from temoin.site import ConfigVersion

_HINT = "In a checkout, run 'make install'; otherwise install the published wheel."
TOKEN = "__TEMOIN_CONFIG__"  # noqa: S105 - the place of the config in the bundle, no secret
ALONE = "__TEMOIN_MEASURE__"


def bundle(version: ConfigVersion, base: str) -> bytes:
    """The SDK with the site's config and its banner in the default language; `base` has no trailing slash.

    Raises Unavailable where the SDK was not built.
    """
    config = version.config
    languages = {language: language_file(version, language)[0] for language in config.languages}
    client = client_config(version, base, languages, ui(config, config.language, css=True))
    name = "temoin" if config.analytics.mode == "off" else "temoin-measure"
    signals = b",".join(_read(f"signals/{signal}.js") for signal in signals_of(config))
    return filled(f"{name}.js", TOKEN, _literal(client)[:-1] + b',"signals":[' + signals + b"]}")


def measure_alone(version: ConfigVersion, base: str) -> bytes:
    """The measurement without a banner, for pages of the site that have nothing to ask.

    Raises NotFound where the site measures nothing, Unavailable where the SDK was not built.
    """
    measure = client_config(version, base, {}, {}).get("measure")
    if measure is None:
        raise NotFound("not_measured", "This site measures nothing.", "Set analytics.mode to exempt and publish.")
    hits = {"url": f"{service_of(version.config, base)}/v1/sites/{version.site}/hits"}
    return filled("measure.js", ALONE, _literal({**hits, **{name: measure[name] for name in ("search", "objections")}}))


def language_file(version: ConfigVersion, language: str) -> tuple[str, bytes]:
    """The banner in one language as JSON, and the 16 hex digits that name it."""
    data = orjson.dumps(ui(version.config, language, css=False))
    return sha256_hex(data)[:16], data


def _literal(value: object) -> bytes:
    """JSON that is also a JavaScript expression, and cannot end a script element that somebody inlines it into."""
    data = orjson.dumps(value).replace(b"<", b"\\u003c")
    return data.replace("\u2028".encode(), b"\\u2028").replace("\u2029".encode(), b"\\u2029")


def filled(name: str, token: str, literal: bytes) -> bytes:
    """A built script with `literal` in its token's place; raises Unavailable where it was not built."""
    parts = _read(name).split(token.encode())
    if len(parts) != 2:
        raise Unavailable("sdk_broken", f"{name} names {token} {len(parts) - 1} times instead of once.", _HINT)
    return parts[0] + literal + parts[1]


def _read(name: str) -> bytes:
    path = folder("sdk") / name
    if not path.is_file():
        raise Unavailable("sdk_missing", f"The SDK has not been built: there is no {name}.", _HINT)
    return path.read_bytes()
