"""Each shipped language on its own: nothing borrowed, plural forms of its own, labels that fit a phone."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import brotli
import pytest
from playwright.sync_api import Page

from temoin.banner.duration import UNITS, categories, category, in_words
from temoin.banner.render import html, tree
from temoin.banner.script import language_file
from temoin.banner.texts import locale, problems, shipped_languages, text_keys, texts_of
from temoin.banner.version import freeze, load
from temoin.compliance.engine import lint
from temoin.site import SiteConfig
from tests.banner.boutique import BOUTIQUE, boutique
from tests.banner.measured import PLACED, ROOT, inside
from tests.banner.shown import LAYERS, show

UNION = [
    "bg",
    "cs",
    "da",
    "de",
    "el",
    "en",
    "es",
    "et",
    "fi",
    "fr",
    "ga",
    "hr",
    "hu",
    "it",
    "lt",
    "lv",
    "mt",
    "nl",
    "pl",
    "pt",
    "ro",
    "sk",
    "sl",
    "sv",
]
OTHERS = ["ar", "br", "ca", "eu", "is", "nb", "tr", "uk"]
TRANSLATED = sorted({*UNION, *OTHERS} - {"en", "fr"})

# Words that a language shares with English or French, by key.
LOANS = {
    "da": {"duration.session"},
    "de": {"purpose.video.title"},
    "nl": {"preferences.trackers", "duration.week.one", "controller.contact"},
    "ro": {"duration.year.one", "controller.contact"},
    "sv": {"duration.session"},
}

# Words of English and French that no other language here has; `cookies` and `Video` are at home in many.
LEFTOVERS = re.compile(
    r"\b(the|your|you|and|all|with|choice|device|votre|vous|les|des|choix|tout|avec|traceurs)\b", re.I
)
HOMONYMS = {
    "br": {"all", "tout", "des"},
    "ca": {"les", "tot", "des"},
    "da": {"des"},
    "it": {"all"},
    "nb": {"all"},
    "sv": {"all"},
}

# 1, 2, 3, 5, 11, 13 and 21 months, then days.
SPOKEN = {
    "ar": (
        "شهر واحد|شهرين|3 أشهر|5 أشهر|11 شهرًا|13 شهرًا|21 شهرًا",
        "يوم واحد|يومين|3 أيام|5 أيام|11 يومًا|13 يومًا|21 يومًا",
    ),
    "cs": (
        "1 měsíc|2 měsíce|3 měsíce|5 měsíců|11 měsíců|13 měsíců|21 měsíců",
        "1 den|2 dny|3 dny|5 dnů|11 dnů|13 dnů|21 dnů",
    ),
    "de": (
        "1 Monat|2 Monate|3 Monate|5 Monate|11 Monate|13 Monate|21 Monate",
        "1 Tag|2 Tage|3 Tage|5 Tage|11 Tage|13 Tage|21 Tage",
    ),
    "fr": (
        "1 mois|2 mois|3 mois|5 mois|11 mois|13 mois|21 mois",
        "1 jour|2 jours|3 jours|5 jours|11 jours|13 jours|21 jours",
    ),
    "ga": (
        "1 mhí|2 mhí|3 mhí|5 mhí|11 mhí|13 mhí|21 mhí",
        "1 lá|2 lá|3 lá|5 lá|11 lá|13 lá|21 lá",
    ),
    "lt": (
        "1 mėnuo|2 mėnesiai|3 mėnesiai|5 mėnesiai|11 mėnesių|13 mėnesių|21 mėnuo",
        "1 diena|2 dienos|3 dienos|5 dienos|11 dienų|13 dienų|21 diena",
    ),
    "mt": (
        "xahar wieħed|xahrejn|3 xhur|5 xhur|11-il xahar|13-il xahar|21 xahar",
        "jum wieħed|jumejn|3 ijiem|5 ijiem|11-il jum|13-il jum|21 jum",
    ),
    "pl": (
        "1 miesiąc|2 miesiące|3 miesiące|5 miesięcy|11 miesięcy|13 miesięcy|21 miesięcy",
        "1 dzień|2 dni|3 dni|5 dni|11 dni|13 dni|21 dni",
    ),
    "sl": (
        "1 mesec|2 meseca|3 meseci|5 mesecev|11 mesecev|13 mesecev|21 mesecev",
        "1 dan|2 dneva|3 dnevi|5 dni|11 dni|13 dni|21 dni",
    ),
    "uk": (
        "1 місяць|2 місяці|3 місяці|5 місяців|11 місяців|13 місяців|21 місяць",
        "1 день|2 дні|3 дні|5 днів|11 днів|13 днів|21 день",
    ),
}
SESSIONS = {
    "cs": "relace",
    "de": "Sitzung",
    "lt": "sesija",
    "uk": "сеанс",
    "ar": "جلسة",
    "ga": "seisiún",
    "mt": "sessjoni",
}

# Whether each word of each choice stands on one line.
BROKEN = f"""(layer) => {{ {ROOT}
  const broken = [];
  for (const button of root.querySelectorAll(`[data-t=${{layer}}] .row button`)) {{
    const text = button.firstChild;
    for (const word of text.data.matchAll(/\\S+/g)) {{
      const range = document.createRange();
      range.setStart(text, word.index);
      range.setEnd(text, word.index + word[0].length);
      const boxes = [...range.getClientRects()], box = button.getBoundingClientRect();
      if (new Set(boxes.map(b => b.top)).size > 1 || boxes.some(b => b.left < box.left || b.right > box.right))
        broken.push(word[0]);
    }}
  }}
  return broken;
}}"""


def shop(language: str) -> SiteConfig:
    """The shop in one language, with no text of its own."""
    policy = {language: "https://www.boutique.example/policy"}
    return boutique(languages=[language], controller={**BOUTIQUE["controller"], "policy_url": policy})


def test_the_manual_lists_every_language_and_its_choices() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "texts.md").read_text(encoding="utf-8")
    for language in shipped_languages():
        choices = " | ".join(locale(language)[f"button.{name}"] for name in ("refuse", "accept", "choose"))
        assert re.search(rf"\| `{language}` \| [^|]+ \| {re.escape(choices)} \|", manual), language


def test_the_languages_of_the_union_and_eight_others_are_shipped() -> None:
    assert len(UNION) == 24
    assert shipped_languages() == sorted(UNION + OTHERS)


@pytest.mark.parametrize("language", TRANSLATED)
def test_no_text_is_borrowed_from_english_or_french(language: str) -> None:
    texts = locale(language)
    same = {key for key, text in texts.items() if text in (locale("en").get(key), locale("fr").get(key))}
    assert same == LOANS.get(language, set())
    found = {word.lower() for text in texts.values() for word in LEFTOVERS.findall(text)}
    assert found <= HOMONYMS.get(language, set())


@pytest.mark.parametrize("language", sorted(UNION + OTHERS))
def test_refusing_and_accepting_have_labels_of_like_strength(language: str) -> None:
    texts = locale(language)
    refuse, accept = texts["button.refuse"], texts["button.accept"]
    assert refuse != accept
    assert 0.6 <= len(refuse) / len(accept) <= 1.7
    assert abs(len(refuse.split()) - len(accept.split())) <= 1
    # "All" stands in both: neither is the weaker offer.
    assert set(refuse.casefold().split()) & set(accept.casefold().split()) or language in ("is", "et", "hr")
    labels = [texts[f"button.{name}"] for name in ("refuse", "accept", "choose", "save")]
    assert len(set(labels)) == 4
    assert max(len(label) for label in labels) <= (23 if language == "ga" else 18)
    assert max(len(word) for label in labels for word in label.split()) <= 12


@pytest.mark.parametrize("language", sorted(UNION + OTHERS))
def test_each_plural_form_that_whole_numbers_need_is_there_and_no_other(language: str) -> None:
    needed = categories(language) | {"one"}
    for unit in UNITS:
        prefix = f"duration.{unit}."
        assert {key.removeprefix(prefix) for key in locale(language) if key.startswith(prefix)} == needed
    for unit, letter in (("month", "M"), ("day", "D")):
        for count in (1, 2, 3, 5, 11, 13, 21, 100, 101, 400):
            spoken = in_words(f"P{count}{letter}", locale(language), language)
            form = locale(language)[f"duration.{unit}.{category(count, language)}"]
            assert spoken == form.replace("{count}", str(count))
            assert str(count) in spoken or count < 3


@pytest.mark.parametrize("language", sorted(SPOKEN))
def test_months_and_days_are_said_as_the_language_does(language: str) -> None:
    counts = (1, 2, 3, 5, 11, 13, 21)
    for letter, spoken in zip("MD", SPOKEN[language], strict=True):
        words = [in_words(f"P{count}{letter}", locale(language), language) for count in counts]
        assert "|".join(words) == spoken


@pytest.mark.parametrize("language", sorted(SESSIONS))
def test_a_session_has_a_word_of_its_own(language: str) -> None:
    assert in_words("session", locale(language), language) == SESSIONS[language]


@pytest.mark.parametrize(
    ("period", "language", "words"),
    [
        ("P20M", "ro", "20 de luni"),
        ("P101D", "ro", "101 zile"),
        ("P10M", "lv", "10 mēnešu"),
        ("P21D", "lv", "21 diena"),
        ("P7Y", "ga", "7 mbliana"),
        ("P2Y", "br", "2 vloaz"),
        ("P21D", "is", "21 dagur"),
        ("P1Y2M", "ar", "سنة واحدة وشهرين"),
        ("P1M", "eu", "hilabete bat"),
        ("P22D", "hr", "22 dana"),
    ],
)
def test_what_few_languages_have_is_right_in_them(period: str, language: str, words: str) -> None:
    assert in_words(period, locale(language), language) == words


@pytest.mark.browser
def test_plural_categories_are_those_of_the_browser(page: Page) -> None:
    # The browser's `pt` is that of Brazil, where 0 is singular; ours is that of Portugal.
    names = {language: "pt-PT" if language == "pt" else language for language in sorted(UNION + OTHERS)}
    told: dict[str, list[str]] = page.evaluate(
        """(names) => Object.fromEntries(names.filter((name) => Intl.PluralRules.supportedLocalesOf(name).length)
          .map((name) => [name, Array.from({length: 1100}, (_, n) => new Intl.PluralRules(name).select(n))]))""",
        list(names.values()),
    )
    assert len(told) >= 30
    for language, name in names.items():
        if name in told:
            assert [category(count, language) for count in range(1100)] == told[name], language


@pytest.mark.parametrize("language", sorted(UNION + OTHERS))
def test_a_shop_is_published_in_each_language_without_a_text_of_its_own(language: str) -> None:
    config = shop(language)
    assert list(problems(config)) == []
    version = load(config.site, freeze(config), datetime(2026, 11, 22, tzinfo=UTC))
    assert freeze(version.config) == version.body
    frozen = version.config.banner.texts[language]
    assert not [text for text in (frozen["banner.intro"], frozen["banner.change"]) if "{" in text]
    assert in_words("P13M", locale(language), language) in frozen["banner.change"]
    direction = "rtl" if language == "ar" else "ltr"
    built: list[Any] = list(tree(config, language))
    assert built[1] == {"class": "root", "lang": language, "dir": direction}
    size = len(brotli.compress(language_file(version, language)[1], quality=11))
    assert size <= 2400, f"{language} takes {size} bytes of brotli"


def test_names_from_left_to_right_keep_their_signs_in_arabic() -> None:
    shown = html(shop("ar"), "ar")
    for name in ("_ga*", "PostHog Inc.", "Boutique Saint-Malo SAS"):
        assert f"\u2068{name}\u2069" in shown
        assert f"\u2068{name}" not in html(shop("de"), "de")
    assert "\u2068Boutique Saint-Malo SAS\u2069" in texts_of(shop("ar"), "ar")["banner.intro"]


def test_a_site_may_bring_plural_forms_that_english_lacks() -> None:
    config = boutique(banner={"texts": {"fr": {"duration.month.many": "{count} de mois"}}})
    assert list(problems(config)) == []
    assert not {"STR-008", "STR-009"} & {finding.rule for finding in lint(config, text_keys())}
    config = boutique(banner={"texts": {"fr": {"duration.month.some": "{count} mois"}}})
    assert [path for path, _ in problems(config)] == ["$.banner.texts.fr['duration.month.some']"]


@pytest.mark.browser
@pytest.mark.parametrize("language", sorted(UNION + OTHERS))
def test_every_choice_fits_a_phone_with_its_words_whole(page: Page, language: str) -> None:
    config = shop(language)
    for width, height in ((320, 480), (390, 844)):
        page.set_viewport_size({"width": width, "height": height})
        for layer in LAYERS:
            show(page, config, language, layer)
            assert page.evaluate(BROKEN, layer) == [], (width, layer)
            placed = page.evaluate(PLACED, layer)
            assert placed["wide"] == [], (width, layer)
            assert all(inside(button, {"width": width, "height": height}) for button in placed["buttons"])
