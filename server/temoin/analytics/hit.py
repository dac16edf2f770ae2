"""What a page sends, and what of it may be counted.

A hit says what happened on one page. It has no time (the service's clock decides), no address, no id. Whatever the
page's script did, the service cuts and masks again before it counts.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct

from temoin.errors import Invalid, Malformed

BODY_LIMIT = 4096
_LONGEST_PAGE = 1024
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
_HOST = re.compile(r"(?:[\w-]{1,63}\.)*[\w-]{1,63}\Z")

Type = Literal["view", "leave", "consent", "event", "outbound", "download", "search", "shown"]
Text = Annotated[str, Meta(max_length=_LONGEST_PAGE)]
Label = Annotated[str, Meta(max_length=100)]


class Campaign(Struct, frozen=True, forbid_unknown_fields=True):
    """The campaign of the address that brought the visitor; only ever counted with consent."""

    source: Label = ""
    medium: Label = ""
    name: Label = ""

    @property
    def text(self) -> str:
        return " / ".join((self.source or "-", self.medium or "-", self.name or "-"))


class Hit(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """One thing that happened on a page.

    `page` is a path. `entry`: the page was reached from elsewhere, so a visit began. `consented`: audience measurement
    was agreed to. On `leave`, `seconds` is how long the page was looked at and `next` whether the visitor went on to
    another page of the site. `value` is the event's name, the link's host, the file's path or the search's words.
    `shown` says that the banner asked on this page: of which version, in which language, in a window of which class.
    """

    type: Type
    page: Text
    entry: bool = False
    consented: bool = False
    referrer: Annotated[str, Meta(max_length=253)] = ""
    missing: bool = False
    seconds: Annotated[int, Meta(ge=0, le=14_400)] = 0
    next: bool = False
    value: Text = ""
    campaign: Campaign | None = None
    config: Annotated[str, Meta(max_length=16)] = ""
    language: Annotated[str, Meta(max_length=12)] = ""
    viewport: Literal["", "mobile", "desktop"] = ""


_DECODER = msgspec.json.Decoder(Hit)


def decode(body: bytes) -> Hit:
    """A hit from its JSON; raises Malformed for what is no JSON, Invalid for what is no hit."""
    try:
        hit = _DECODER.decode(body)
    except msgspec.ValidationError as error:
        raise Invalid("bad_hit", f"The hit is not valid: {error}.", "See POST …/hits in docs/http.md.") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise Malformed("bad_json", "The body is not JSON.", "Send one JSON object in UTF-8.") from error
    _check(hit)
    return hit


def _check(hit: Hit) -> None:
    text = f"{hit.page}{hit.referrer}{hit.value}"
    if hit.campaign is not None:
        text += hit.campaign.text
    if not text.isprintable() and _CONTROLS.search(text):
        raise _bad("control characters stand in a text")
    if not hit.page.startswith("/"):
        raise _bad("$.page is not a path that begins with a slash")
    if hit.referrer and not _HOST.match(hit.referrer):
        raise _bad("$.referrer is not the name of a host")
    if hit.type in ("event", "outbound", "download", "search") and not hit.value:
        raise _bad(f"$.value is empty, and {hit.type} needs one")
    if hit.type == "outbound" and not _HOST.match(hit.value):
        raise _bad("$.value is not the name of a host")
    about = (hit.config, hit.language, hit.viewport)
    if not all(about) if hit.type == "shown" else any(about):
        raise _bad("$.config, $.language and $.viewport belong to shown, and shown needs all of them")
    if hit.type == "consent" and not hit.consented:
        raise _bad("$.consented is false on a hit that tells of consent")


def _bad(what: str) -> Invalid:
    return Invalid("bad_hit", f"The hit is not valid: {what}.", "See POST …/hits in docs/http.md.")
