"""Installing: whether the tag works on a page, and what is known of third parties."""

from __future__ import annotations

from msgspec import Struct

from temoin.admin.api.call import Call, Operation
from temoin.admin.publish import draft_of
from temoin.admin.tag_check import Result, check_tag
from temoin.admin.third_parties import ThirdParty, found
from temoin.banner import deferred
from temoin.banner.client import plain_tag


class Page(Struct, frozen=True, forbid_unknown_fields=True):
    """A page of one of the site's origins."""

    url: str


class Words(Struct, frozen=True, forbid_unknown_fields=True):
    """A name, a company or a host; two letters at least."""

    words: str = ""


class Tags(Struct, frozen=True):
    """What goes first into the head of every page: the plain tag, or the deferred form and its hash for a CSP."""

    plain: str
    deferred: str
    csp_hash: str


async def tags(call: Call) -> Tags:
    _, config = await draft_of(call.admin.sites, call.site)
    base = call.admin.base
    return Tags(plain_tag(config, base), deferred.tags(config, base), deferred.csp_hash(config, base))


async def try_tag(call: Call) -> Result:
    _, config = await draft_of(call.admin.sites, call.site)
    return await check_tag(call.body.url, config, call.admin.base, call.admin.chromium)


async def third_parties(call: Call) -> list[ThirdParty]:
    return found(call.query.words)


OPERATIONS = (
    Operation(*("GET", "/sites/{site}/tags", tags, "read", "The script tag, plain and deferred"), *(Tags,)),
    Operation(
        *("POST", "/sites/{site}/tag-check", try_tag, "edit", "Open a page and see whether the tag works"),
        *(Result, Page),
    ),
    Operation(
        *("GET", "/third-parties", third_parties, None, "Third parties by name, company or host"),
        *(list[ThirdParty], None, Words),
    ),
)
