"""Reading texts as a visitor does: without regard to case, accents or invisible characters, in JUDGED languages.

The word lists see known tricks, not every trick: a text that passes still needs a person's eye. Texts in any other
language are only checked for being missing or blank.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from temoin.document import member
from temoin.site import SiteConfig

JUDGED = ("fr", "en", "de", "es", "it", "nl", "pt", "pl")

Control = Literal["accept", "refuse", "choose", "save", "withdraw", "close", "open", "reload"]

_CONTROLS: dict[str, Control] = {
    "button.accept": "accept",
    "button.refuse": "refuse",
    "button.choose": "choose",
    "button.save": "save",
    "button.withdraw": "withdraw",
    "button.close": "close",
    "control": "open",
    "placeholder_button": "open",
    "reload_button": "reload",
}

# What the banner fills in: in every text but those of purposes, and in some texts by themselves.
_FILLED_EVERYWHERE = frozenset({"controller", "choose", "control", "validity"})
_FILLED: dict[str, frozenset[str]] = {
    "preferences.trackers": frozenset({"count"}),
    "controller.contact": frozenset({"contact"}),
    "tracker.policy": frozenset({"party"}),
    "duration.join": frozenset({"first", "second"}),
    "receipt": frozenset({"recorded", "expires", "id"}),
    "placeholder": frozenset({"tracker"}),
    **{
        f"duration.{unit}.{n}": frozenset({"count"})
        for unit in ("year", "month", "week", "day")
        for n in ("zero", "one", "two", "few", "many", "other")
    },
}

# Texts that not every language has to have: those of purposes, and plural forms that many languages lack.
OPTIONAL = re.compile(r"purpose\.|duration\.\w+\.(zero|two|few|many)\Z")

NEGATION = re.compile(
    r"\b(pas|jamais|aucun\w*|sans|ni|not|never|none|no|nor|without|n'est|cannot"
    r"|nicht|kein\w*|ohne|ningun\w*|sin|nessun\w*|senza|non|niet|geen|zonder|nao|nenhum\w*|sem|nie|bez)\b|n't\b"
)
PLACEHOLDER = re.compile(
    r"(todo|tbd|fixme|x{2,}|\.{2,}|-+|_+|\?+|n/?a|a completer|lorem ipsum.*|change ?me|placeholder"
    r"|<[^<>]*>|\[[^\[\]]*\])"
)


@dataclass(frozen=True, slots=True)
class Text:
    """One text that the configuration gives: its path and language, itself as written and as `plain` reads it.

    For a text of the banner, `key` is its name, and `control` the control that it labels; for a text of a purpose,
    `purpose` is that purpose's index.
    """

    path: str
    language: str
    written: str
    plain: str
    key: str = ""
    purpose: int = -1
    control: Control | None = None

    @property
    def judged(self) -> bool:
        """Whether the word lists know this language."""
        return self.language.partition("-")[0] in JUDGED


def plain(text: str) -> str:
    """Lower case, no accents, straight apostrophes, single spaces, no invisible characters."""
    letters = unicodedata.normalize("NFKD", text.replace("’", "'").casefold())
    visible = "".join(letter for letter in letters if unicodedata.category(letter) not in ("Mn", "Cf"))
    return " ".join(visible.split())


def asserted(pattern: re.Pattern[str], words: str, unless: re.Pattern[str] = NEGATION) -> str:
    """What `pattern` finds in a sentence of `words` in which `unless` finds nothing; empty for none."""
    for sentence in re.split(r"[.!?](?:\s|$)", words):
        found = pattern.search(sentence)
        if found and not unless.search(sentence):
            return found[0]
    return ""


def says_nothing(text: str) -> bool:
    """Blank, or a placeholder such as TODO or [name]."""
    words = plain(text)
    return not words or PLACEHOLDER.fullmatch(words) is not None


def fills(key: str) -> frozenset[str]:
    """The names that may stand in braces in the text of this name."""
    if key.startswith("purpose."):
        return frozenset()
    return _FILLED_EVERYWHERE | _FILLED.get(key, frozenset())


def banner_texts(config: SiteConfig) -> Iterator[Text]:
    """The texts that replace a default of the banner, labels of controls among them."""
    for language, texts in config.banner.texts.items():
        for key, text in texts.items():
            path = member(f"$.banner.texts.{language}", key)
            yield Text(path, language, text, plain(text), key, control=_CONTROLS.get(key))


def labels(config: SiteConfig) -> Iterator[Text]:
    """The labels of controls that replace a default, in languages that the word lists know, blank ones left out."""
    return (text for text in banner_texts(config) if text.control and text.judged and text.plain)


def purpose_texts(config: SiteConfig, basis: str | None = None) -> Iterator[Text]:
    """Titles and descriptions of the purposes, of one basis only if given, wherever the configuration has them."""
    for index, purpose in enumerate(config.purposes):
        if basis and purpose.basis != basis:
            continue
        for part, texts in (("title", purpose.title), ("description", purpose.description)):
            key = f"purpose.{purpose.id}.{part}"
            for language, text in texts.items():
                yield Text(f"$.purposes[{index}].{part}.{language}", language, text, plain(text), key, index)
            for language, others in config.banner.texts.items():
                if key in others:
                    path = member(f"$.banner.texts.{language}", key)
                    yield Text(path, language, others[key], plain(others[key]), key, index)


def every_text(config: SiteConfig) -> Iterator[Text]:
    """Every text that a visitor may read, each once."""
    return iter({text.path: text for text in (*banner_texts(config), *purpose_texts(config))}.values())


def judged_texts(config: SiteConfig) -> Iterator[Text]:
    """Every text that a visitor may read and the word lists can judge."""
    return (text for text in every_text(config) if text.judged)
