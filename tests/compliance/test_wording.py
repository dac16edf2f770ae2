"""The word lists judge labels and texts as a visitor would, and leave the product's own texts alone."""

from __future__ import annotations

from typing import get_args

import pytest

from temoin.banner.texts import locale, placeholders, purpose_texts, shipped_languages, text_keys
from temoin.compliance.engine import lint
from temoin.compliance.examples import example
from temoin.compliance.information import SHIPPED_LANGUAGES, WELL_KNOWN_PURPOSES
from temoin.compliance.wording import fills, plain, says_nothing
from temoin.site import Exemption


def _rules(texts: dict[str, str], language: str = "fr") -> set[str]:
    """Ids of the rules that a banner with these texts breaks."""
    others = {"en", language} - {"fr"}
    changes = {
        "languages": ["fr", *sorted(others)],
        "controller": {"policy_url": dict.fromkeys(others, "https://www.boutique.example/privacy")},
        "banner": {"texts": {language: texts}},
    }
    return {each.rule for each in lint(example(changes), text_keys())}


@pytest.mark.parametrize(
    ("language", "label"),
    [
        ("fr", "Tout refuser"),
        ("fr", "Je refuse"),
        ("fr", "REFUSER TOUT"),
        ("fr", "Refu\u00adser"),
        ("en", "Reject all"),
        ("en", "Refuse"),
        ("en", "Decline all"),
    ],
)
def test_plain_refusals_pass(language: str, label: str) -> None:
    assert _rules({"button.refuse": label}, language) == set()


@pytest.mark.parametrize(
    "label",
    [
        *["OK", "Compris", "Plus tard", "Continuer", "Fermer", "Non merci", "Pas maintenant", "Ne pas refuser"],
        *["Later", "Not now", "Got it", "Don't reject", "Close", "Accept or refuse", "Gérer", "En savoir plus"],
    ],
)
def test_a_refuse_button_that_does_not_say_so_is_an_error(label: str) -> None:
    assert "CHO-003" in _rules({"button.refuse": label})


@pytest.mark.parametrize(
    ("language", "accept", "refuse", "withdraw"),
    [
        ("de", "Alle akzeptieren", "Alle ablehnen", "Einwilligung widerrufen"),
        ("de", "Zustimmen", "Ablehnen", "Zustimmung zurückziehen"),
        ("es", "Aceptar", "Rechazar", "Retirar el consentimiento"),
        ("it", "Accetto", "Rifiuto", "Revoca il consenso"),
        ("nl", "Accepteren", "Weigeren", "Toestemming intrekken"),
        ("pt", "Aceitar", "Recusar", "Retirar o consentimento"),
        ("pl", "Akceptuję", "Odrzucam", "Wycofaj zgodę"),
    ],
)
def test_plain_labels_pass_in_other_languages(language: str, accept: str, refuse: str, withdraw: str) -> None:
    labels = {"button.accept": accept, "button.refuse": refuse, "button.withdraw": withdraw}
    assert _rules(labels, language) == set()


@pytest.mark.parametrize(
    ("language", "label"),
    [
        *[("de", "Später"), ("de", "Weiter"), ("de", "Nicht ablehnen"), ("de", "Akzeptieren"), ("es", "Más tarde")],
        *[("es", "Entendido"), ("it", "Ho capito"), ("it", "Chiudi"), ("nl", "Later"), ("nl", "Sluiten")],
        *[("pt", "Fechar"), ("pt", "Agora não"), ("pl", "Później"), ("pl", "Zamknij")],
    ],
)
def test_a_refuse_button_that_does_not_say_so_is_an_error_in_other_languages(language: str, label: str) -> None:
    assert "CHO-003" in _rules({"button.refuse": label}, language)


@pytest.mark.parametrize(
    ("language", "key", "text", "rule"),
    [
        ("de", "button.refuse", "Ablehnen, schade", "CHO-007"),
        ("es", "button.refuse", "Rechazar, prefiero una peor experiencia", "CHO-007"),
        ("it", "button.refuse", "Rifiuto, peccato", "CHO-007"),
        ("nl", "button.refuse", "Weigeren, jammer", "CHO-007"),
        ("pt", "button.refuse", "Recusar, que pena", "CHO-007"),
        ("pl", "button.refuse", "Odrzucam, szkoda", "CHO-007"),
        ("de", "banner.effect", "Für das beste Erlebnis auf unserer Seite.", "CHO-008"),
        ("es", "banner.effect", "Para la mejor experiencia posible.", "CHO-008"),
        ("it", "banner.effect", "Per la migliore esperienza possibile.", "CHO-008"),
        ("nl", "banner.effect", "Voor de beste ervaring.", "CHO-008"),
        ("pt", "banner.effect", "Para a melhor experiência.", "CHO-008"),
        ("pl", "banner.effect", "Dla najlepszych doświadczeń na stronie.", "CHO-008"),
        ("de", "banner.effect", "Wenn Sie weitersurfen, akzeptieren Sie unsere Cookies.", "DEF-002"),
        ("de", "banner.effect", "Durch die weitere Nutzung der Seite stimmen Sie zu.", "DEF-002"),
        ("es", "banner.effect", "Si continúa navegando, acepta nuestras cookies.", "DEF-002"),
        ("it", "banner.effect", "Continuando la navigazione accetti i cookie.", "DEF-002"),
        ("nl", "banner.effect", "Door verder te surfen accepteert u onze cookies.", "DEF-002"),
        ("pt", "banner.effect", "Ao continuar a navegar, aceita os nossos cookies.", "DEF-002"),
        ("pl", "banner.effect", "Korzystając ze strony, zgadza się Pan na cookies.", "DEF-002"),
        ("de", "purpose.audience.title", "Notwendige Cookies", "PUR-006"),
        ("es", "purpose.audience.title", "Cookies necesarias", "PUR-006"),
        ("it", "purpose.audience.title", "Cookie essenziali", "PUR-006"),
        ("nl", "purpose.audience.title", "Noodzakelijke cookies", "PUR-006"),
        ("pt", "purpose.audience.title", "Cookies essenciais", "PUR-006"),
        ("pl", "purpose.audience.title", "Niezbędne pliki cookie", "PUR-006"),
        ("de", "purpose.audience.description", "Statistik, standardmäßig aktiviert.", "DEF-001"),
        ("es", "purpose.audience.description", "Estadísticas, activadas por defecto.", "DEF-001"),
        ("it", "purpose.audience.description", "Statistiche, attive per impostazione predefinita.", "DEF-001"),
        ("nl", "purpose.audience.description", "Statistieken, standaard ingeschakeld.", "DEF-001"),
        ("pt", "purpose.audience.description", "Estatísticas, ativadas por defeito.", "DEF-001"),
        ("pl", "purpose.audience.description", "Statystyki, domyślnie włączone.", "DEF-001"),
        ("de", "banner.effect", "Mit dem Klick akzeptieren Sie auch unsere AGB.", "DEF-003"),
        ("es", "banner.effect", "Acepta las cookies y las condiciones de uso.", "DEF-003"),
    ],
)
def test_known_tricks_are_found_in_other_languages(language: str, key: str, text: str, rule: str) -> None:
    assert rule in _rules({key: text}, language)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Weitersurfen ist keine Einwilligung."),
        ("es", "Seguir navegando no equivale a aceptar."),
        ("it", "Continuare a navigare non equivale ad accettare."),
        ("nl", "Verder surfen is geen toestemming."),
        ("pt", "Continuar a navegar não é consentimento."),
        ("pl", "Dalsze przeglądanie nie jest zgodą."),
    ],
)
def test_texts_that_deny_implied_consent_pass_in_other_languages(language: str, text: str) -> None:
    assert _rules({"banner.effect": text}, language) == set()


@pytest.mark.parametrize("label", ["Continuer sans accepter", "Continue without accepting"])
def test_continuing_without_accepting_is_a_warning_on_refuse_and_an_error_elsewhere(label: str) -> None:
    assert _rules({"button.refuse": label}) == {"CHO-006"}
    assert "CHO-003" in _rules({"button.accept": label})
    assert "CHO-003" in _rules({"button.choose": label})


@pytest.mark.parametrize("label", ["OK", "Compris", "Continuer", "D'accord", "Super !", "Got it", "Ne pas accepter"])
def test_an_accept_button_that_does_not_say_so_is_an_error(label: str) -> None:
    assert "CHO-003" in _rules({"button.accept": label})


@pytest.mark.parametrize("label", ["J'accepte", "Tout accepter", "Accept all", "Allow all", "J'autorise"])
def test_plain_acceptances_pass(label: str) -> None:
    assert _rules({"button.accept": label}) == set()


@pytest.mark.parametrize("key", ["button.choose", "button.save", "button.close", "control", "placeholder_button"])
def test_acceptance_is_offered_by_one_button_only(key: str) -> None:
    assert "CHO-004" in _rules({key: "Tout accepter"})


@pytest.mark.parametrize("label", ["Refuser, tant pis pour moi", "Refuser : je préfère une expérience dégradée"])
def test_labels_that_shame_are_errors(label: str) -> None:
    assert "CHO-007" in _rules({"button.refuse": label})
    assert "CHO-007" in _rules({"button.refuse": "Refuse, I don't like discounts"}, "en")


@pytest.mark.parametrize(
    "text",
    [
        "Acceptez les cookies ou abonnez-vous pour 2 euros par mois.",
        "Accept cookies or pay 2 euros a month.",
        "Pour accéder au site, vous devez accepter les cookies.",
    ],
)
def test_walls_are_errors(text: str) -> None:
    assert "CHO-005" in _rules({"banner.effect": text})


@pytest.mark.parametrize(
    "text",
    [
        "En poursuivant votre navigation, vous acceptez nos cookies.",
        "En continuant sans modifier vos paramètres, vous acceptez les cookies.",
        "La poursuite de la navigation vaut acceptation.",
        "By continuing to use this site you agree to our cookies.",
        "Votre choix compte. Si vous continuez à naviguer, vous consentez.",
    ],
)
def test_silence_taken_for_consent_is_an_error(text: str) -> None:
    assert "DEF-002" in _rules({"banner.effect": text})


@pytest.mark.parametrize(
    "text",
    [
        "En continuant sans accepter, vous gardez l'accès à tout le site.",
        "La poursuite de la navigation ne vaut pas acceptation.",
        "By scrolling you do not move anything: closing is not consent.",
    ],
)
def test_texts_that_deny_implied_consent_pass(text: str) -> None:
    assert _rules({"banner.effect": text}) == set()


@pytest.mark.parametrize("language", sorted(SHIPPED_LANGUAGES))
def test_the_products_own_texts_break_no_rule(language: str) -> None:
    own = {key: text for key, text in locale(language).items() if key in text_keys()}
    assert _rules(own, language) == set()


def test_the_usual_purposes_and_languages_are_those_that_the_banner_has_texts_for() -> None:
    assert sorted(SHIPPED_LANGUAGES) == shipped_languages()
    for language in SHIPPED_LANGUAGES:
        ids = {key.split(".")[1] for key in locale(language) if key.startswith("purpose.")}
        assert ids == WELL_KNOWN_PURPOSES


@pytest.mark.parametrize("exemption", [*get_args(Exemption), None])
def test_an_exempt_purpose_has_texts_whatever_its_id(exemption: str | None) -> None:
    purpose = {"id": "technique", "basis": "exempt", "exemption": exemption}
    draft = example({"purposes": [{"id": "audience"}, purpose]})
    assert "INF-002" not in {each.rule for each in lint(draft, text_keys())}
    assert all(purpose_texts(draft, draft.purposes[1], "fr"))


def test_texts_of_a_purpose_are_judged_where_they_stand() -> None:
    texts = {"purpose.audience.title": "Cookies essentiels"}
    assert _rules(texts) == {"PUR-006"}


def test_what_may_stand_in_braces_is_what_the_banner_fills_in() -> None:
    for language in SHIPPED_LANGUAGES:
        for key in text_keys():
            assert placeholders(locale(language).get(key, "")) <= fills(key), key
    assert fills("banner.title") == {"controller", "choose", "control", "validity"}


@pytest.mark.parametrize(
    "text", ["", " ", "\u200b", "\u00a0", "TODO", "tbd", "…", "...", "XXX", "N/A", "[nom]", "<name>"]
)
def test_blanks_and_placeholders_say_nothing(text: str) -> None:
    assert says_nothing(text)


def test_texts_are_read_without_case_accents_or_invisible_characters() -> None:
    assert plain(" J’Acc\u200bepte\u00a0 l’ÉTÉ\n") == "j'accepte l'ete"
    assert plain("ﬁn") == "fin"


@pytest.mark.parametrize(
    ("title", "breaks"),
    [
        ("Publicité ciblée", True),
        ("Réseaux sociaux", True),
        ("Mesure de fréquentation sans publicité", False),
        ("Personnalisation de l'affichage", False),
        ("Test A/B", True),
    ],
)
def test_an_exempt_purpose_is_judged_by_what_it_says_it_does(title: str, breaks: bool) -> None:
    purpose = {"id": "confort", "basis": "exempt", "exemption": "preference", "title": {"fr": title}}
    draft = example({"purposes": [{"id": "audience"}, purpose]})
    assert ("PUR-002" in {each.rule for each in lint(draft)}) == breaks


@pytest.mark.parametrize("identifier", ["necessary", "essential"])
def test_consent_is_not_asked_for_what_is_called_necessary(identifier: str) -> None:
    draft = example({"purposes": [{"id": "audience"}, {"id": identifier}]})
    assert ("PUR-006", "$.purposes[1].basis") in {(each.rule, each.path) for each in lint(draft)}
