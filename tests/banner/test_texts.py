"""The locales are complete and alike, and a site's own texts are checked before they can reach a visitor."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from temoin.banner.duration import in_words
from temoin.banner.texts import fill, locale, placeholders, problems, purpose_texts, shipped_languages, texts_of
from temoin.site import Purpose, SiteConfig
from tests.banner.boutique import boutique

KNOWN = {
    "controller", "validity", "control", "choose", "count", "first", "second", "party", "contact", "recorded",
    "expires", "id", "tracker",
}  # fmt: skip


@pytest.mark.parametrize("language", shipped_languages())
def test_each_locale_has_the_same_texts_with_the_same_placeholders(language: str) -> None:
    english, texts = locale("en"), locale(language)
    plurals = {key for key in texts if key.startswith("duration.")} - set(english)
    assert set(texts) - plurals == set(english)
    # "Un mois" may be said without its number where the form is for that number alone.
    alike = [key for key in english if placeholders(texts[key]) or not key.endswith(".one")]
    assert {key: placeholders(texts[key]) for key in alike} == {key: placeholders(english[key]) for key in alike}
    assert all(placeholders(text) <= KNOWN for text in texts.values())


@pytest.mark.parametrize("language", shipped_languages())
def test_no_text_of_a_locale_is_blank_or_holds_markup(language: str) -> None:
    for key, text in locale(language).items():
        assert text.strip() == text, key
        assert text, key
        assert not set("<>&") & set(text), key


def test_a_shop_with_usual_purposes_needs_no_text_of_its_own() -> None:
    assert list(problems(boutique())) == []


def test_the_first_layer_names_the_controller_and_the_way_back() -> None:
    texts = texts_of(boutique(), "fr")
    assert "Boutique Saint-Malo SAS" in texts["banner.intro"]
    assert "« Choisir »" in texts["banner.intro"]
    assert "13 mois" in texts["banner.change"]
    assert "« Gérer mes cookies »" in texts["banner.change"]


def test_a_sites_own_label_is_the_one_that_other_texts_name() -> None:
    config = boutique(banner={"texts": {"fr": {"control": "Mes traceurs", "button.choose": "Détailler"}}})
    texts = texts_of(config, "fr")
    assert "« Mes traceurs »" in texts["banner.change"]
    assert "« Détailler »" in texts["banner.intro"]


def test_a_regional_language_borrows_its_main_language() -> None:
    assert texts_of(boutique(languages=["fr-CA"]), "fr-CA")["button.refuse"] == "Tout refuser"


def test_a_value_that_looks_like_a_placeholder_is_not_filled_again() -> None:
    assert fill("{controller} et {party}", {"controller": "{party}", "party": "X"}) == "{party} et X"


def test_an_exempt_purpose_never_borrows_the_words_of_consent() -> None:
    config = boutique()
    exempt = Purpose(id="audience", basis="exempt", exemption="audience")
    assert purpose_texts(config, exempt, "fr")[0] == "Statistiques anonymes"
    assert purpose_texts(config, Purpose(id="audience"), "fr")[0] == "Mesure d’audience"


def test_a_default_of_a_purpose_can_be_replaced_with_the_other_texts() -> None:
    config = boutique(banner={"texts": {"fr": {"purpose.audience.title": "Statistiques de visite"}}})
    assert purpose_texts(config, config.purposes[0], "fr")[0] == "Statistiques de visite"
    assert purpose_texts(config, config.purposes[0], "en")[0] == "Audience measurement"


def test_a_purpose_without_words_is_reported_in_each_language() -> None:
    config = boutique(purposes=[{"id": "club", "title": {"fr": "Le club"}}])
    assert [path for path, _ in problems(config)] == [
        "$.purposes[0].description.fr",
        "$.purposes[0].title.en",
        "$.purposes[0].description.en",
    ]


def in_welsh(*without: str) -> SiteConfig:
    """The shop in a language that has no locale: it brings every text itself, but those named."""
    config = boutique()
    purposes = [
        msgspec.structs.replace(purpose, title={"cy": "Diben"}, description={"cy": "Disgrifiad."})
        for purpose in config.purposes
    ]
    texts = {key: text for key, text in locale("en").items() if not key.startswith("purpose.") and key not in without}
    banner = msgspec.structs.replace(config.banner, texts={"cy": texts})
    return msgspec.structs.replace(config, languages=["cy"], purposes=purposes, banner=banner)


def test_a_language_without_a_locale_has_to_bring_every_text() -> None:
    assert list(problems(in_welsh())) == []
    assert [path for path, _ in problems(in_welsh("button.refuse"))] == ["$.banner.texts.cy['button.refuse']"]


@pytest.mark.parametrize(
    ("key", "text", "message"),
    [
        ("button.refues", "Tout refuser", "not the name of a text"),
        ("banner.title", "Chez {company}", "{company} means nothing"),
        ("banner.intro", "Nous aimerions lire votre appareil.", "must name the controller"),
    ],
)
def test_a_text_that_cannot_be_shown_is_reported(key: str, text: str, message: str) -> None:
    found = list(problems(boutique(banner={"texts": {"fr": {key: text}}})))
    assert [path for path, _ in found] == [f"$.banner.texts.fr['{key}']"]
    assert message in found[0][1]


@pytest.mark.parametrize(
    ("period", "language", "words"),
    [
        ("P13M", "fr", "13 mois"),
        ("P1Y", "fr", "1 an"),
        ("P2Y", "fr", "2 ans"),
        ("P1Y1M", "fr", "1 an et 1 mois"),
        ("P0D", "fr", "0 jour"),
        ("P1W", "en", "1 week"),
        ("P1Y1M", "en", "1 year and 1 month"),
        ("P0D", "en", "0 days"),
        ("P180D", "en", "180 days"),
        ("session", "fr", "session"),
    ],
)
def test_lifetimes_are_said_in_words(period: str, language: str, words: str) -> None:
    assert in_words(period, locale(language), language) == words


def test_what_is_no_period_is_refused() -> None:
    with pytest.raises(ValueError, match="not a period"):
        in_words("13 months", locale("fr"), "fr")


def test_the_manual_lists_every_text_as_it_is_shipped() -> None:
    manual = (Path(__file__).parents[2] / "docs" / "texts.md").read_text(encoding="utf-8")
    for key, text in locale("fr").items():
        assert f"| `{key}` | {text} | {locale('en')[key]} |" in manual, key
