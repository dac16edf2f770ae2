"""What a visitor's browser sends: decoded and checked in one step, then held against the config version it names.

Two kinds of refusal (CONTRACT section 3): 400 where the body is not of the format at all, 422 where it is, but is not
valid for this config version. The message names the path of the field.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Annotated, Literal, NoReturn

import msgspec
from msgspec import Meta, Struct, field

from temoin.errors import Invalid, Malformed
from temoin.site import PublishedConfig

BODY_LIMIT = 16 * 1024

_UUID7 = r"^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"
_SUBJECT = r"^[A-Za-z0-9_-]{22}$"
_PAGE = r"^https?://[^/?#@\s\\]+([/?#]\S*)?$"

DecisionId = Annotated[str, Meta(pattern=_UUID7, description="UUIDv7, made by the browser; makes repeats safe.")]
SubjectId = Annotated[str, Meta(pattern=_SUBJECT, description="128 random bits as 22 characters of base64url.")]


class Decision(Struct, frozen=True, forbid_unknown_fields=True):
    """One act of a subject on the banner."""

    id: DecisionId
    subject: SubjectId
    config: Annotated[str, Meta(pattern=r"^[0-9a-f]{16}$", description="The config version that the banner showed.")]
    action: Literal["accept_all", "refuse_all", "save", "withdraw"]
    choices: Annotated[
        dict[Annotated[str, Meta(max_length=40)], bool],
        Meta(max_length=50, description="Every consent purpose of that version, and no other."),
    ]
    language: Annotated[str, Meta(max_length=12, description="The language that the banner showed.")]
    layer: Annotated[Literal[1, 2], Meta(description="1: the banner; 2: the preferences.")]
    control: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.:-]{1,64}$", description="Id of the control used.")]
    page: Annotated[str, Meta(pattern=_PAGE, max_length=2048, description="Loses its query and fragment.")]
    viewport: Literal["mobile", "desktop"]
    client_time: Annotated[datetime, Meta(tz=True, description="RFC 3339. The visitor's clock; kept as a claim.")]
    signals: Annotated[dict[Literal["gpc", "dnt"], bool], Meta(description="Signals that the browser sent.")] = field(
        default_factory=dict
    )

    @property
    def digest(self) -> bytes:
        """16 bytes that tell a true repeat from another body under the same id."""
        return hashlib.sha256(msgspec.json.encode(self, order="sorted")).digest()[:16]

    @property
    def bare_page(self) -> str:
        """The page without query and fragment: what they carry is none of the proof's business."""
        return self.page.split("#", 1)[0].split("?", 1)[0]


_decoder = msgspec.json.Decoder(Decision)


def decode(body: bytes) -> Decision:
    """A Decision from JSON; raises Malformed naming the path of the first field that is wrong."""
    try:
        return _decoder.decode(body)
    except msgspec.ValidationError as error:
        message, _, path = str(error).partition(" - at ")
        where = path.strip("`") or "$"
        raise Malformed(
            "bad_decision", f"{where}: {message}.", "See docs/http.md for the body of a decision."
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Malformed("bad_json", f"The body is not JSON: {error}.", "Send one JSON object, in UTF-8.") from error


def check(decision: Decision, config: PublishedConfig, purposes: frozenset[str]) -> None:
    """Holds a decision against the version that it names; raises Invalid naming the path.

    `purposes` are that version's consent purposes.
    """
    if decision.choices.keys() != purposes:
        _wrong_purposes(decision.choices.keys(), purposes)
    if decision.language not in config.languages:
        _invalid("$.language", f"{decision.language!r} is not a language of this version")
    granted = any(decision.choices.values())
    if decision.action == "accept_all" and not all(decision.choices.values()):
        _invalid("$.choices", "accept_all must grant every purpose")
    if decision.action in ("refuse_all", "withdraw") and granted:
        _invalid("$.choices", f"{decision.action} must refuse every purpose")


def _wrong_purposes(given: object, purposes: frozenset[str]) -> NoReturn:
    names = set(given)  # type: ignore[call-overload]  # a dict's keys
    unknown, missing = sorted(names - purposes), sorted(purposes - names)
    if unknown:
        _invalid(f"$.choices.{unknown[0]}", "this version has no such consent purpose")
    _invalid(f"$.choices.{missing[0]}", "every consent purpose of this version must be named")


def _invalid(path: str, message: str) -> NoReturn:
    raise Invalid(
        "not_valid_for_config",
        f"{path}: {message}.",
        "Read the version that the decision names at /v1/sites/{site}/config/{version}.",
    )
