"""The first-party cookie `temoin`, in the one form that SDK and service share (docs/cookie.md).

`1.{config}.{subject}.{id}.{recorded}.{expires}.{entries}`: times are epoch milliseconds in base 36, the id is the
decision's UUID without hyphens, entries are `{-}{purpose}:{scope}` joined by `~`, a `-` meaning refused.
"""

from __future__ import annotations

from email.utils import format_datetime
from functools import lru_cache

from temoin.clock import parse_rfc3339
from temoin.consent.record import Receipt
from temoin.site import PublishedConfig

NAME = "temoin"
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"


def value(receipt: Receipt, config: PublishedConfig) -> str:
    """The cookie's value for a receipt under the config version that it names."""
    entries = "~".join(
        f"{'' if receipt['choices'][purpose] else '-'}{purpose}:{config.scopes[purpose]}"
        for purpose in config.consent_purposes
    )
    return ".".join(
        (
            *("1", receipt["config"], receipt["subject"], receipt["id"].replace("-", "")),
            *(_base36(receipt["recorded_at"]), _base36(receipt["expires_at"]), entries),
        )
    )


def set_cookie(receipt: Receipt, config: PublishedConfig, domain: str | None, *, secure: bool) -> bytes:
    """A Set-Cookie header that ends with the choice. Safari's seven-day cap is on script-written cookies only."""
    parts = [
        f"{NAME}={value(receipt, config)}",
        "Path=/",
        f"Expires={_http_date(receipt['expires_at'][:19] + 'Z')}",
        "SameSite=Lax",
    ]
    if domain:
        parts.append(f"Domain={domain}")
    if secure:
        parts.append("Secure")
    return "; ".join(parts).encode()


@lru_cache(maxsize=64)
def _http_date(time: str) -> str:
    """RFC 9110's form of a time in whole seconds, which all decisions of one second share."""
    return format_datetime(parse_rfc3339(time), usegmt=True)


@lru_cache(maxsize=256)
def _base36(time: str) -> str:
    """Epoch milliseconds."""
    number = round(parse_rfc3339(time).timestamp() * 1000)
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = _DIGITS[digit] + digits
    return digits or "0"
