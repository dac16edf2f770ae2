"""The deferred form of the tag: a small script in the page holds what trackers would do, and the site's script loads
beside the page instead of before it.

The inline half is a pure function of the site's trackers and of this release: after a publication that changes trackers
it has to be put into the pages anew. The check of the tag (`temoin.admin.tag_check`) says where that was forgotten.
"""

from __future__ import annotations

import base64
import hashlib
import re
from urllib.parse import urlsplit

from temoin.banner.client import script_address, service_of
from temoin.banner.script import filled
from temoin.site import SiteConfig

TOKEN = "__TEMOIN_TRACKERS__"  # noqa: S105 - the place of the expression in the bundle, no secret


def inline(config: SiteConfig, base: str) -> str:
    """What stands between the script tags; nothing of it can end the element, for what is the site's is escaped.

    Raises Unavailable where the SDK was not built.
    """
    return filled("deferred.js", TOKEN, f"/{_expression(config, base)}/i".encode()).decode().strip()


def tags(config: SiteConfig, base: str) -> str:
    """Both tags as they are put first into the head."""
    return f'<script>{inline(config, base)}</script>\n<script async src="{script_address(config, base)}"></script>'


def csp_hash(config: SiteConfig, base: str) -> str:
    """What a page's `script-src` has to name for the inline half (CSP level 3, 2.3.1)."""
    digest = hashlib.sha256(inline(config, base).encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"


def _expression(config: SiteConfig, base: str) -> str:
    """Of JavaScript: addresses of trackers anywhere in a text, or the name of a cookie or key at its start."""
    exempt = {purpose.id for purpose in config.purposes if purpose.basis == "exempt"}
    trackers = [each for each in config.trackers if not exempt.issuperset(each.purposes)]
    own = sorted({urlsplit(address).hostname or "" for address in (*config.origins, service_of(config, base))})
    names = _names({item.name for tracker in trackers for item in (*tracker.cookies, *tracker.storage)})
    # Thousands of hosts would not be small: whatever is not the site's own waits for the moment.
    if config.third_parties:
        return "|".join([rf"[/\\]{{2}}(?!(?:{'|'.join(map(_escaped, own))})(?![\w.-]))", *names])
    patterns = {pattern.lower() for tracker in trackers for pattern in tracker.match}
    return "|".join([*_foreign(patterns, own), *_paths(patterns, own), *names]) or "(?!)"


def _foreign(patterns: set[str], own: list[str]) -> list[str]:
    """Whole hosts, their subdomains and ports; `www.` stands for all of its domain, unless that is the site's own."""
    named = {_host(each) for each in patterns} - set(own)
    hosts = {each if each.removeprefix("www.") in own else each.removeprefix("www.") for each in named}
    least = sorted(host for host in hosts if not any(host.endswith(f".{each}") for each in hosts))
    return [rf"[/\\.@](?:{'|'.join(map(_wild, least))})(?![\w.-])"] if least else []


def _paths(patterns: set[str], own: list[str]) -> list[str]:
    """Trackers behind one of the site's own hosts: by their paths."""
    return [
        rf"^(?:[^?#]*[/.]{_escaped(_host(each))}(?::\d+)?)?\/{_wild(each.partition('/')[2])}"
        for each in sorted(patterns)
        if _host(each) in own
    ]


def _names(names: set[str]) -> list[str]:
    """Of cookies and keys: the whole of it, up to the `=` of a cookie, or its beginning where it ends in `*`."""
    whole = [_wild(name) for name in sorted(names) if not name.endswith("*")]
    begun = [_wild(name[:-1]) for name in sorted(names) if name.endswith("*")]
    every = [rf"(?:{'|'.join(whole)})(?![^ =])", *begun] if whole else begun
    return [rf"^ *(?:{'|'.join(every)})"] if every else []


def _host(pattern: str) -> str:
    """The host that a pattern names, without `*.` and port."""
    return re.sub(r":\d+$", "", pattern.partition("/")[0]).removeprefix("*.")


def _wild(text: str) -> str:
    return _escaped(text).replace(r"\x2a", "[^ =]*")


def _escaped(text: str) -> str:
    """As characters that an expression takes for themselves, in plain ASCII."""
    units = text.encode("utf-16-be")
    codes = (int.from_bytes(units[at : at + 2]) for at in range(0, len(units), 2))
    return "".join(chr(code) if re.match(r"[\w-]", chr(code), re.ASCII) else _code(code) for code in codes)


def _code(code: int) -> str:
    return r"\." if code == ord(".") else f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
