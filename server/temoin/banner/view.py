"""What the banner's templates see: a site's configuration in one language, in the order shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from temoin.banner.duration import in_words
from temoin.banner.texts import fill, purpose_texts, texts_of
from temoin.site import Purpose, SiteConfig, Tracker

_RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ur", "yi"})


@dataclass(frozen=True, slots=True)
class TrackerView:
    """A tracker in words. `kept` pairs each cookie or key with its lifetime; `also` names the other purposes needed."""

    name: str
    party: str
    role: str
    kept: list[tuple[str, str]]
    recipients: str
    also: str
    policy: str
    policy_url: str | None


@dataclass(frozen=True, slots=True)
class PurposeView:
    id: str
    title: str
    description: str
    trackers: list[TrackerView]
    trackers_label: str


@dataclass(frozen=True, slots=True)
class BannerView:
    """`asked` are the purposes that the visitor decides on, `titles` their names in a row; `t` the texts by key."""

    t: Mapping[str, str]
    template: str
    language: str
    direction: str
    asked: list[PurposeView]
    exempt: list[PurposeView]
    controller: str
    address: str
    contact: str
    policy_url: str | None
    logo: str | None
    control: bool
    change: str
    titles: str


def view_of(config: SiteConfig, language: str) -> BannerView:
    """`config` in `language`, which should be one of `config.languages`."""
    texts = texts_of(config, language)
    control = config.banner.control == "button"
    asked = [_purpose(p, config, texts, language) for p in config.purposes if p.basis == "consent"]
    return BannerView(
        t=texts,
        template=config.banner.template,
        language=language,
        direction="rtl" if _is_right_to_left(language) else "ltr",
        asked=asked,
        exempt=[_purpose(p, config, texts, language) for p in config.purposes if p.basis == "exempt"],
        controller=_set_apart(config.controller.name, language),
        address=_set_apart(config.controller.address, language),
        contact=fill(texts["controller.contact"], {"contact": config.controller.contact}),
        policy_url=_in_language(config.controller.policy_url, config, language),
        logo=config.banner.theme.logo,
        control=control,
        change=texts["banner.change" if control else "banner.change.link"],
        titles=", ".join(purpose.title for purpose in asked),
    )


def _purpose(purpose: Purpose, config: SiteConfig, texts: Mapping[str, str], language: str) -> PurposeView:
    behind = [tracker for tracker in config.trackers if purpose.id in tracker.purposes]
    title, description = purpose_texts(config, purpose, language)
    return PurposeView(
        id=purpose.id,
        title=title or purpose.id,
        description=description,
        trackers=[_tracker(tracker, purpose, config, texts, language) for tracker in behind],
        trackers_label=fill(texts["preferences.trackers"], {"count": str(len(behind))}),
    )


def _tracker(
    tracker: Tracker, purpose: Purpose, config: SiteConfig, texts: Mapping[str, str], language: str
) -> TrackerView:
    # A tracker runs only if all its purposes that need consent are granted (rule R28): the switch alone may not do.
    also = [
        purpose_texts(config, other, language)[0] or other.id
        for other in config.purposes
        if other.id in tracker.purposes and other.id != purpose.id and other.basis == "consent"
    ]
    return TrackerView(
        name=_set_apart(tracker.name, language),
        party=_set_apart(tracker.controller, language),
        role=texts[f"tracker.role.{tracker.role}"],
        kept=[
            (_set_apart(kept.name, language), in_words(kept.max_age, texts, language))
            for kept in (*tracker.cookies, *tracker.storage)
        ],
        recipients=", ".join(_set_apart(name, language) for name in tracker.recipients)
        or texts["tracker.recipients.none"],
        also=", ".join(also),
        policy=fill(texts["tracker.policy"], {"party": tracker.controller}),
        policy_url=_in_language(tracker.policy_url, config, language),
    )


def _is_right_to_left(language: str) -> bool:
    return language.partition("-")[0] in _RIGHT_TO_LEFT


def _set_apart(name: str, language: str) -> str:
    """`name` as it is, or between the isolates of Unicode (UAX #9) where it would stand in text from right to left.

    Without them `_ga*` and `Inc.` lose their first or last sign to the other side.
    """
    return f"\u2068{name}\u2069" if _is_right_to_left(language) else name


def _in_language(url: str | Mapping[str, str] | None, config: SiteConfig, language: str) -> str | None:
    """The address for `language`, else for its main language, the site's default, or any that there is."""
    if url is None or isinstance(url, str):
        return url
    for name in (language, language.partition("-")[0], config.language):
        if name in url:
            return url[name]
    return next(iter(url.values()), None)
