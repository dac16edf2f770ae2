"""PUR: every tracker serves a purpose that visitors know, and only what the law exempts goes without their consent.

CNIL Guidelines 2020-091, Article 5 (closed list of exemptions); GDPR Articles 5(1)(b) and 7, recitals 32 and 43; EDPB
Guidelines 05/2020. That a new purpose or a new company asks visitors again is the product's doing (`site.scope_of`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from temoin.compliance.examples import tracker
from temoin.compliance.rule import Draft, Problem, rule
from temoin.compliance.wording import asserted, plain, purpose_texts
from temoin.site import Purpose

# LINC developer guide, sheet 16: these always need consent, whatever they are called.
ALWAYS_CONSENT = frozenset(
    [
        "ads",
        "advertising",
        "marketing",
        "publicite",
        "retargeting",
        "personalisation",
        "personalization",
        "recommendations",
        "social",
        "video",
        "videos",
        "maps",
        "map",
        "testing",
        "ab-testing",
    ]
)
_ALWAYS_CONSENT = re.compile(
    r"\b(publicit|advertis|ads?\b|marketing|retarget|reciblage|prospection|reseaux sociaux|social (media"
    r"|network|shar)"
    r"|profilage|profiling|partenaires commerciaux|affiliat|a/b test|tests? a/b|tests? de versions)"
)
# Content fitted to the person needs consent; an interface fitted to a wish that they expressed does not.
_PERSONALISED = re.compile(r"\b(personnalis|personali[sz])")
_NECESSARY = re.compile(
    r"\b(necessaires?|essentiel(le)?s?|indispensables?|obligatoires?|necessary|essential|required|mandatory"
    r"|notwendig\w*|erforderlich\w*|necesari[oa]s?|imprescindibles?|esencial(es)?|obligatori[oa]s?|necessari[oaei]s?"
    r"|essenzial[ei]|indispensabil[ei]|noodzakelijk\w*|essentieel|essentiele|essencia(l|is)|obrigatori[oa]s?"
    r"|niezbedn\w*"
    r"|konieczn\w*)\b"
)
_NOT_NECESSARY = re.compile(
    r"\b((non|pas|not|nullement|aucunement) (strictement |strictly )?(necessaire|essentiel|indispensable|obligatoire"
    r"|necessary|essential|required|mandatory)|n'est pas|isn't|nicht (unbedingt )?(notwendig|erforderlich)"
    r"|no (es |son )?(necesari|esencial|imprescindible)|non (e |sono )?(strettamente )?(necessari|essenzial"
    r"|indispensabil)"
    r"|niet (strikt )?(noodzakelijk|essentieel)|nao (e |sao )?(necessari|essencia|obrigatori)"
    r"|nie (jest |sa )?(niezbedn|konieczn))"
)
_KINDS = (
    re.compile(r"\b(audience|statisti|analytic|mesure des visites|reichweite|audiencia|estadistic|bereik|publiczn)"),
    re.compile(r"\b(publicit|advertis|marketing|ads\b|werbung|publicidad|pubblicit|reclame|advertentie|reklam)"),
    re.compile(r"\b(reseaux sociaux|social|sozial|redes sociales|redes sociais|spo[łl]eczno)"),
    re.compile(r"\b(videos?|maps?|cartes?|karten|mapas?|mappe|kaarten|mapy)\b"),
)
_CATCH_ALL = re.compile(
    r"(\betc\b|\.\.\.|…|\bautres? (finalites?|usages?)\b|\bother (purposes?|uses?)\b|\band more\b"
    r"|\b(weitere zwecke|otras finalidades|altre finalita|andere doeleinden|outras finalidades|inne cele)\b)"
)


@rule(
    "PUR-001",
    "error",
    "GDPR, Article 5(1)(b); CNIL Guidelines 2020-091, Article 2",
    "Every tracker serves purposes that the configuration declares.",
    breaks=tracker(purposes=["mesure"]),
    keeps=tracker(purposes=["audience"]),
)
def trackers_have_purposes(draft: Draft) -> Iterator[Problem]:
    declared = {purpose.id for purpose in draft.config.purposes}
    for index, item in enumerate(draft.config.trackers):
        for which, purpose in enumerate(item.purposes):
            if purpose not in declared:
                yield Problem(
                    f"$.trackers[{index}].purposes[{which}]",
                    f"The tracker {item.id!r} names the purpose {purpose!r}, which is not declared.",
                    f"Declare {purpose!r} in purposes, or name one of: {', '.join(sorted(declared))}.",
                )


@rule(
    "PUR-002",
    "error",
    "CNIL Guidelines 2020-091, Article 5; French Data Protection Act, Article 82",
    "What runs without consent is on the closed list of exemptions, and is not of a kind that always needs consent.",
    breaks={"purposes": [{"id": "audience"}, {"id": "ads", "basis": "exempt", "exemption": "preference"}]},
    keeps={"purposes": [{"id": "audience"}, {"id": "cart", "basis": "exempt", "exemption": "cart"}]},
)
def exemptions_are_real(draft: Draft) -> Iterator[Problem]:
    for index, purpose in enumerate(draft.config.purposes):
        if purpose.basis != "exempt":
            continue
        if purpose.exemption is None:
            yield Problem(
                f"$.purposes[{index}].exemption",
                f"The purpose {purpose.id!r} goes without consent and does not say under which exemption.",
                "Name the exemption, or set basis to consent.",
            )
        if purpose.id in ALWAYS_CONSENT:
            yield _needs_consent(f"$.purposes[{index}].basis", purpose, purpose.id)
    for text in purpose_texts(draft.config, "exempt"):
        purpose = draft.config.purposes[text.purpose]
        word = asserted(_ALWAYS_CONSENT, text.plain)
        if not word and purpose.exemption != "preference":
            word = asserted(_PERSONALISED, text.plain)
        if text.judged and word:
            yield _needs_consent(text.path, purpose, word)


def _needs_consent(path: str, purpose: Purpose, word: str) -> Problem:
    return Problem(
        path,
        f"The purpose {purpose.id!r} is declared exempt, but {word!r} always needs consent.",
        "Set basis to consent, or split what is exempt from what is not.",
    )


@rule(
    "PUR-004",
    "error",
    "CNIL Guidelines 2020-091, Article 5",
    "A purpose that asks for consent claims no exemption.",
    breaks={"purposes": [{"id": "audience", "exemption": "audience"}]},
    keeps={"purposes": [{"id": "audience"}]},
)
def consent_claims_no_exemption(draft: Draft) -> Iterator[Problem]:
    for index, purpose in enumerate(draft.config.purposes):
        if purpose.basis == "consent" and purpose.exemption:
            yield Problem(
                f"$.purposes[{index}].exemption",
                f"The purpose {purpose.id!r} asks for consent and claims the exemption {purpose.exemption!r} as well.",
                "Take the exemption out, or set basis to exempt if all its conditions are met.",
            )


@rule(
    "PUR-005",
    "warning",
    "GDPR, recitals 32 and 43; EDPB Guidelines 05/2020, paragraphs 42 to 44",
    "One purpose asks for one thing, so that each can be granted or refused apart.",
    breaks={"purposes": [{"id": "audience", "title": {"fr": "Statistiques et publicité"}}]},
    keeps={"purposes": [{"id": "audience", "title": {"fr": "Mesure d'audience"}}]},
)
def purposes_are_single(draft: Draft) -> Iterator[Problem]:
    for text in purpose_texts(draft.config, "consent"):
        if not text.key.endswith(".title") or not text.judged:
            continue
        if sum(bool(kind.search(text.plain)) for kind in _KINDS) > 1 or _CATCH_ALL.search(text.plain):
            yield Problem(
                text.path,
                f"The title {text.written!r} bundles several purposes.",
                "Make one purpose of each.",
            )


@rule(
    "PUR-006",
    "error",
    "EDPB Guidelines 03/2022 (misleading information); CNIL Guidelines 2020-091, Article 5",
    "A purpose that needs consent is not called necessary or essential.",
    breaks={"purposes": [{"id": "audience", "title": {"fr": "Cookies essentiels"}}]},
    keeps={"purposes": [{"id": "audience", "title": {"fr": "Mesure d'audience"}}]},
)
def consent_is_not_called_necessary(draft: Draft) -> Iterator[Problem]:
    for index, purpose in enumerate(draft.config.purposes):
        if purpose.basis == "consent" and purpose.id in ("necessary", "essential"):
            yield Problem(
                f"$.purposes[{index}].basis",
                f"The purpose {purpose.id!r} asks for consent to what its name says cannot be refused.",
                "Set basis to exempt and name the exemption, or give it another id.",
            )
    for text in purpose_texts(draft.config, "consent"):
        found = _NECESSARY.search(text.plain)
        if text.judged and found and not _NOT_NECESSARY.search(text.plain):
            yield Problem(
                text.path,
                f"The word {found[0]!r} makes a purpose that may be refused sound as if it could not.",
                "Say what the purpose does, without this word.",
                text.written,
            )


@rule(
    "PUR-007",
    "warning",
    "CNIL Recommendation 2020-092, Article 2.1",
    "A purpose's description says more than its title, in a sentence or two.",
    breaks={"purposes": [{"id": "audience", "title": {"fr": "Mesures"}, "description": {"fr": "Mesures."}}]},
    keeps={"purposes": [{"id": "audience", "description": {"fr": "Savoir quelles pages sont lues."}}]},
)
def descriptions_say_more(draft: Draft) -> Iterator[Problem]:
    for index, purpose in enumerate(draft.config.purposes):
        for language, text in purpose.description.items():
            words = plain(text).rstrip(".")
            if words and (words == plain(purpose.title.get(language, "")).rstrip(".") or len(words) < 12):
                yield Problem(
                    f"$.purposes[{index}].description.{language}",
                    f"The description {text!r} does not say what the purpose does.",
                    "Say what is read or written, and what for.",
                )


RULES = (
    trackers_have_purposes,
    exemptions_are_real,
    consent_claims_no_exemption,
    purposes_are_single,
    consent_is_not_called_necessary,
    descriptions_say_more,
)
