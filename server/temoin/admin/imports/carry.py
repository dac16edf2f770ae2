"""What an import gathers: purposes, trackers, a few settings, and in words what was left behind or needs a look."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any

from temoin.admin import third_parties
from temoin.banner.texts import shipped_languages

# What other tools call the usual purposes.
_USUAL = {
    "audience": ("analytic", "analytics", "statistics", "statistic", "stats", "performance", "measurement", "tracking"),
    "ads": ("ads", "ad", "advertising", "advertisement", "advertisements", "marketing", "targeting", "retargeting"),
    "social": ("social", "socialmedia", "social-media", "comment"),
    "video": ("video", "videos", "media"),
    "support": ("support", "chat", "livechat", "customer-service"),
    "personalisation": ("personalisation", "personalization"),
}
_IDS = {name: purpose for purpose, names in _USUAL.items() for name in names}
_LONGEST_DAYS = 396  # thirteen months
_WILD = re.compile(r"(\.|\[\^?[^\]]+\]|\\[wdS])[*+]\??|\\[wdS]|\.(?![*+?])")


@dataclass(slots=True)
class Carried:
    """`notes` are whole sentences; `purposes` and `trackers` are as a site's file has them, by id."""

    languages: list[str] = field(default_factory=list)
    purposes: dict[str, dict[str, Any]] = field(default_factory=dict)
    trackers: dict[str, dict[str, Any]] = field(default_factory=dict)
    settings: dict[str, Any] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    def note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)

    def speak(self, languages: list[str]) -> None:
        """Takes the languages that have a locale here."""
        known = shipped_languages()
        for language in languages:
            if language in known or language.partition("-")[0] in known:
                self.languages.append(language)
            else:
                self.note(f"The language {language!r} is left out: there is no locale for it.")

    def purpose(self, name: str, titles: dict[str, Any] | None = None, texts: dict[str, Any] | None = None) -> str:
        """The id of the purpose that another tool calls `name`, made where it is new."""
        slug = slug_of(name)
        id_ = _IDS.get(slug, slug)
        made = self.purposes.setdefault(id_, {"id": id_, "basis": "consent"})
        for part, values in (("title", titles), ("description", texts)):
            for language, text in (values or {}).items():
                line = in_words(text)
                if language in self.languages and line:
                    made.setdefault(part, {}).setdefault(language, line)
        return id_

    def tracker(self, name: str, purposes: list[str], cookies: list[Any], policy_url: str = "") -> None:
        """A tracker under its name; who is behind it is looked up, and what it is for the law is for people to say."""
        known = _known(name)
        id_ = slug_of(name)
        patterns = [pattern for cookie in cookies if (pattern := self._pattern(name, cookie))]
        tracker: dict[str, Any] = {
            "id": id_,
            "name": name[:300],
            "controller": known.company if known else name[:300],
            "role": "controller",
            "purposes": list(dict.fromkeys(purposes)),
            "match": list(known.match) if known else [],
            "cookies": [{"name": pattern, "max_age": "P13M"} for pattern in dict.fromkeys(patterns)],
        }
        if policy_url.startswith(("https://", "http://")):
            tracker["policy_url"] = policy_url
        self.trackers[id_] = tracker
        if known is None:
            self.note(f"{name}: which company is behind it, and which addresses it calls, is not known: fill both in.")
        else:
            self.note(f"{name}: taken for {known.name} of {known.company}; check its hosts.")
        self.note(
            "Every tracker's role is set to controller, the most far-reaching one: state what each contract says."
        )
        if patterns:
            self.note("How long cookies stay is in none of these formats: P13M is written, correct what is shorter.")

    def valid_for(self, days: Any) -> None:
        """How long a choice holds."""
        if isinstance(days, (int, float)) and days >= 1:
            if days > _LONGEST_DAYS:
                self.note(f"A choice held {days:g} days: more than thirteen months is not lawful, P13M is written.")
            self.settings["choice_validity"] = f"P{int(days)}D" if days <= _LONGEST_DAYS else "P13M"

    def _pattern(self, tracker: str, cookie: Any) -> str | None:
        name = (
            cookie.get("name", cookie.get("pattern")) if isinstance(cookie, dict) and "regex" not in cookie else cookie
        )
        if isinstance(name, list):
            name = name[0] if name else None
        if isinstance(name, str) and name.strip():
            return name.strip()[:300]
        if isinstance(name, dict) and isinstance(name.get("regex"), str):
            if (pattern := pattern_of(name["regex"])) is not None:
                return pattern
            self.note(f"{tracker}: the cookie pattern /{name['regex']}/ is left out: write it with *.")
        return None


def _known(name: str) -> third_parties.ThirdParty | None:
    """The third party of that name without its brackets; or of its first words, if they are a whole name."""
    plain = re.sub(r"\s*\([^)]*\)", "", name).strip()
    words = plain.split()
    whole = [" ".join(words[:count]) for count in range(len(words), 0, -1)]
    exact = (found for part in whole for found in third_parties.found(part) if found.name.lower() == part.lower())
    return next(exact, None) or next((found for found in third_parties.found(plain, 1)), None)


def pattern_of(regex: str) -> str | None:
    """A regular expression as a pattern with `*`; None for one that says more than that."""
    start, end = regex.startswith("^"), regex.endswith("$") and not regex.endswith("\\$")
    body = regex[start : len(regex) - end]
    body = re.sub(r"\\([-._/$])", lambda found: f"\0{ord(found[1])};", body)
    body = _WILD.sub("*", body)
    if re.search(r"[\\()\[\]{}|^$+?]", body):
        return None
    body = re.sub(r"\0(\d+);", lambda found: chr(int(found[1])), body)
    whole = f"{'' if start else '*'}{body}{'' if end else '*'}"
    pattern = re.sub(r"\*+", "*", whole)
    return pattern if pattern.strip("*") else None


def slug_of(name: str) -> str:
    """An id from any name."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:40].strip("-") or "unnamed"


def mapping(value: Any) -> dict[str, Any]:
    """The value where it is one of names to values; else an empty one."""
    return value if isinstance(value, dict) else {}


def sequence(value: Any) -> list[Any]:
    """The value where it is a list; else an empty one."""
    return value if isinstance(value, list) else []


def in_words(text: Any) -> str:
    """A text without markup, on one line; empty for what is no text."""
    if not isinstance(text, str):
        return ""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", text)).strip()[:300]
