"""The vocabulary of a site's configuration: Site, Purpose, Tracker, ConfigVersion (CONTRACT section 5).

Every field is described here once: the JSON Schema (`schema/site.schema.json`) and docs/configuration.md come from
these types. Decoding checks types, shapes and unknown fields and names the path of what is wrong; what the law asks is
checked in `compliance/`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

import msgspec
from msgspec import Meta, Struct, field

from temoin import document
from temoin.canonical import canonical_bytes, sha256_hex
from temoin.errors import Malformed
from temoin.forms import (
    DEFAULT_LANGUAGE,
    FORMS,
    ID_OR_NOTHING,
    LINE_OR_NOTHING,
    Colour,
    Font,
    Id,
    Language,
    Lifetime,
    Line,
    Origin,
    Pattern,
    Period,
    Prose,
    ServiceUrl,
    SiteId,
    TextKey,
    Url,
)

Exemption = Literal["choice", "authentication", "cart", "preference", "load_balancing", "metering", "audience"]


class _Strict(Struct, frozen=True, forbid_unknown_fields=True):
    """All parts of a configuration refuse unknown fields, so that a typo is an error and never a silent default."""


class Controller(_Strict, frozen=True):
    """Who decides why and how data is used, and answers for it (GDPR 4(7))."""

    name: Annotated[Line, Meta(description="Legal name of the company or person.")]
    address: Annotated[Line, Meta(description="Postal address, on one line.")]
    contact: Annotated[Line, Meta(description="How a visitor reaches it or its data protection officer.")]
    policy_url: Annotated[dict[Language, Url], Meta(description="The privacy policy in each language.")]


class Retention(_Strict, frozen=True):
    """How long the proof of a choice outlives the choice, and why (GDPR 5(1)(e))."""

    period: Annotated[Period, Meta(description="Counted from the end of the choice's validity.")] = "P5Y"
    reason: Annotated[Prose, Meta(description="Why that long: the claim or the duty that it serves.")] = (
        "Limitation period of civil claims (French Civil Code, art. 2224)."
    )


class Theme(_Strict, frozen=True):
    """The banner's looks. Accept, refuse and choose always look alike, so they share one colour pair."""

    mode: Annotated[
        Literal["system", "light", "dark"], Meta(description="Palette; system follows the visitor's setting.")
    ] = "system"
    background: Annotated[Colour | None, Meta(description="Of the banner. Default: the palette's.")] = None
    text: Annotated[Colour | None, Meta(description="Of the banner's text. Default: the palette's.")] = None
    button_background: Annotated[Colour | None, Meta(description="Of every button. Default: the palette's.")] = None
    button_text: Annotated[Colour | None, Meta(description="Of every button's label. Default: the palette's.")] = None
    font: Annotated[Font | None, Meta(description="CSS font families. Default: the system's.")] = None
    radius: Annotated[int, Meta(ge=0, le=32, description="Corner radius in CSS pixels.")] = 8
    logo: Annotated[Url | None, Meta(description="Address of an image, best on the site's own host.")] = None


class Banner(_Strict, frozen=True):
    """Which template draws the banner, its theme, and texts that replace the defaults."""

    template: Annotated[
        Literal["bar", "box", "modal", "centre", "none"],
        Meta(description="The layout; none where the site draws its own."),
    ] = "bar"
    theme: Annotated[Theme, Meta(description="Colours, font, corners and logo.")] = field(default_factory=Theme)
    control: Annotated[
        Literal["button", "none"],
        Meta(description="The floating preferences button; none where the page has its own data-temoin=open."),
    ] = "button"
    texts: Annotated[
        dict[Language, dict[TextKey, Prose]], Meta(description="For each language, texts that replace a default.")
    ] = field(default_factory=dict)


class Purpose(_Strict, frozen=True):
    """Why something is read or written on the visitor's device."""

    id: Annotated[Id, Meta(description="Name used in data-purpose and in records; never change its meaning.")]
    basis: Annotated[
        Literal["consent", "exempt"], Meta(description="consent: off until granted; exempt: of the CNIL's closed list.")
    ] = "consent"
    exemption: Annotated[
        Exemption | None, Meta(description="For basis exempt: which exemption of the CNIL's closed list.")
    ] = None
    title: Annotated[
        dict[Language, Line], Meta(description="Short title in each language. Usual ids have a default.")
    ] = field(default_factory=dict)
    description: Annotated[
        dict[Language, Prose], Meta(description="One or two sentences in each language. Usual ids have a default.")
    ] = field(default_factory=dict)


class Kept(_Strict, frozen=True):
    """Something that a tracker keeps on the device; `*` in `name` stands for any characters."""

    name: Annotated[Pattern, Meta(description="Name of the cookie or key, such as _ga*.")]
    max_age: Annotated[Lifetime, Meta(description="How long it stays: session, or a period such as P13M.")] = "session"


class Tracker(_Strict, frozen=True, kw_only=True):
    """A script, pixel, frame or cookie that serves one or more purposes, and who is behind it."""

    id: Annotated[Id, Meta(description="Name used in data-tracker.")]
    name: Annotated[Line, Meta(description="Name that visitors may know it by.")]
    controller: Annotated[Line, Meta(description="Legal name of the company behind it.")]
    role: Annotated[
        Literal["processor", "joint_controller", "controller"],
        Meta(description="What that company is for this data (GDPR 4(7), 4(8), 26)."),
    ]
    agreement: Annotated[
        str, Meta(max_length=300, pattern=LINE_OR_NOTHING, description="Reference of the contract (GDPR 26 or 28).")
    ] = ""
    purposes: Annotated[
        list[Id], Meta(min_length=1, description="It runs only where all that need consent are granted.")
    ]
    match: Annotated[list[Pattern], Meta(description="Host and path patterns; * stands for any characters.")] = field(
        default_factory=list
    )
    cookies: Annotated[list[Kept], Meta(description="Cookies that it sets, deleted on withdrawal where readable.")] = (
        field(default_factory=list)
    )
    storage: Annotated[list[Kept], Meta(description="localStorage and sessionStorage keys.")] = field(
        default_factory=list
    )
    recipients: Annotated[list[Line], Meta(description="Third parties that receive what it collects.")] = field(
        default_factory=list
    )
    policy_url: Annotated[
        Url | dict[Language, Url] | None,
        Meta(description="That company's privacy policy, one or one for each language."),
    ] = None


class Analytics(_Strict, frozen=True):
    """Exempt audience measurement."""

    mode: Annotated[
        Literal["exempt", "off"], Meta(description="exempt: Témoin's own measurement, which needs no consent.")
    ] = "off"
    objections: Annotated[
        list[Literal["gpc", "dnt"]], Meta(description="Browser signals after which nothing is measured.")
    ] = field(default_factory=list)
    events: Annotated[list[Id], Meta(max_length=50, description="Names of the page's own events that are counted.")] = (
        field(default_factory=list)
    )
    search: Annotated[
        list[TextKey], Meta(max_length=10, description="Query parameters that hold the words of the site's search.")
    ] = field(default_factory=list)
    consent_purpose: Annotated[
        str,
        Meta(
            pattern=ID_OR_NOTHING,
            description="Purpose whose consent adds campaigns and the consented series. Empty: none.",
        ),
    ] = ""


class Signals(_Strict, frozen=True):
    """What the SDK tells others, and what it listens to. A signal may only reduce, never grant."""

    gpc: Annotated[Literal["refuse", "ignore"], Meta(description="What Global Privacy Control does.")] = "refuse"
    google_consent_mode: Annotated[
        Literal["basic", "off"], Meta(description="basic: all denied first, Google's tags held until a choice.")
    ] = "off"
    uet: Annotated[bool, Meta(description="Tell Microsoft Advertising (UET) of the choice.")] = False
    meta: Annotated[bool, Meta(description="Tell Meta's pixel (fbq) of the choice.")] = False
    tiktok: Annotated[bool, Meta(description="Tell TikTok's pixel (ttq) of the choice.")] = False
    matomo: Annotated[
        Literal["tracking", "cookies", "off"],
        Meta(description="tracking: Matomo sends nothing before a grant; cookies: it measures without any until then."),
    ] = "off"


# Categories of third-party-web that a site may hold whole; its others (cdn, hosting …) are no trackers.
Category = Literal["ad", "analytics", "content", "customer-success", "marketing", "social", "tag-manager", "video"]


class SiteConfig(_Strict, frozen=True, kw_only=True):
    """A site's draft: what `site put` takes."""

    site: Annotated[SiteId, Meta(description="Id of the site: lower-case letters, digits and hyphens, 2 to 40.")]
    origins: Annotated[
        list[Origin], Meta(min_length=1, max_length=200, description="The only origins whose pages may send choices.")
    ]
    service_url: Annotated[ServiceUrl | None, Meta(description="The service on a host of this site's own.")] = None
    languages: Annotated[
        list[Language], Meta(min_length=1, max_length=40, description="Languages that the banner speaks.")
    ] = field(default_factory=lambda: ["fr"])
    default_language: Annotated[str, Meta(pattern=DEFAULT_LANGUAGE, description="Empty: the first of languages.")] = ""
    controller: Annotated[Controller, Meta(description="Who answers for the site's trackers.")]
    choice_validity: Annotated[
        Period, Meta(description="How long a choice holds, at most P13M; the CNIL recommends P6M.")
    ] = "P13M"
    proof_retention: Annotated[Retention, Meta(description="How long proofs are kept after that, and why.")] = field(
        default_factory=Retention
    )
    banner: Annotated[Banner, Meta(description="Template, theme and texts.")] = field(default_factory=Banner)
    purposes: Annotated[
        list[Purpose], Meta(min_length=1, max_length=50, description="What visitors decide on, in the order shown.")
    ]
    trackers: Annotated[list[Tracker], Meta(max_length=500, description="What runs, and for which purposes.")] = field(
        default_factory=list
    )
    third_parties: Annotated[
        dict[Category, Id], Meta(description="Known third parties, by category: held until that purpose is granted.")
    ] = field(default_factory=dict)
    analytics: Annotated[Analytics, Meta(description="Exempt audience measurement.")] = field(default_factory=Analytics)
    log_access: Annotated[
        Literal["private", "public"], Meta(description="Who may read the log; its size tells the site's traffic.")
    ] = "private"
    signals: Annotated[Signals, Meta(description="Signals listened to and sent.")] = field(default_factory=Signals)

    @property
    def language(self) -> str:
        return self.default_language or self.languages[0]

    @property
    def consent_purposes(self) -> list[str]:
        """Ids of the purposes that a visitor decides on, in the order shown."""
        return [purpose.id for purpose in self.purposes if purpose.basis == "consent"]


class PublishedConfig(SiteConfig, frozen=True, kw_only=True):
    """A frozen configuration: every default filled in, every text of every language, and the scope of each purpose."""

    schema: Literal["temoin.config/1"]
    scopes: Annotated[
        dict[Id, str],
        Meta(description="8 hex digits for each purpose; they change when visitors must be asked again."),
    ]


class ConfigVersion(Struct, frozen=True):
    """An immutable published version: `body` is its canonical bytes, `version` their SHA-256's first 16 hex digits."""

    site: str
    version: str
    body: bytes
    config: PublishedConfig
    published_at: datetime


def version_of(body: bytes) -> str:
    """The id of a config version (CONTRACT section 1)."""
    return sha256_hex(body)[:16]


def scope_of(purpose: Purpose, trackers: list[Tracker]) -> str:
    """What a visitor agreed to when they granted this purpose, as 8 hex digits.

    It covers the purpose's id and basis and, of each tracker behind it, who receives what: a new tracker, a new
    recipient or another controller asks again, a corrected wording does not (EDPB 05/2020, paragraph 110).
    """
    behind = sorted(
        [tracker.id, tracker.controller, tracker.role, *sorted(tracker.recipients)]
        for tracker in trackers
        if purpose.id in tracker.purposes
    )
    return sha256_hex(canonical_bytes([purpose.id, purpose.basis, behind]))[:8]


def parse_site(data: bytes, name: str) -> SiteConfig:
    """A draft from the bytes of a JSON or TOML file; `name` tells which by its ending.

    Raises Malformed naming the path of the first field that is wrong.
    """
    value = document.read(data, name)
    try:
        return msgspec.convert(value, SiteConfig)
    except msgspec.ValidationError as error:
        path, words = document.explain(value, SiteConfig, error, FORMS)
        hint = "See docs/configuration.md for this field."
        raise Malformed("bad_config", f"{name}: {path}: {words}.", hint) from error


def site_bytes(config: SiteConfig) -> bytes:
    """The canonical bytes of a draft or of a published configuration."""
    return canonical_bytes(msgspec.to_builtins(config))
