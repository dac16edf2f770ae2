"""INF: what a visitor must read before choosing: who, why, and behind which companies.

CNIL Guidelines 2020-091, Article 2, and Recommendation 2020-092, Article 2.1; GDPR Article 13; CJEU C-673/17, Planet49.
"""

from __future__ import annotations

from collections.abc import Iterator

from temoin.compliance.examples import tracker
from temoin.compliance.rule import Draft, Problem, rule
from temoin.compliance.wording import OPTIONAL, banner_texts, says_nothing

# Purposes and languages for which the banner ships texts of its own; an exempt purpose has those of its exemption.
WELL_KNOWN_PURPOSES = frozenset(
    {
        "audience",
        "ads",
        "personalisation",
        "social",
        "video",
        "maps",
        "support",
        "testing",
        "necessary",
        "choice",
        "authentication",
        "cart",
        "preference",
        "load_balancing",
        "metering",
        "statistics",
    }
)
# The official languages of the European Union, then others.
SHIPPED_LANGUAGES = frozenset(
    {
        *("bg", "cs", "da", "de", "el", "en", "es", "et", "fi", "fr", "ga", "hr"),
        *("hu", "it", "lt", "lv", "mt", "nl", "pl", "pt", "ro", "sk", "sl", "sv"),
        *("ar", "br", "ca", "eu", "is", "nb", "tr", "uk"),
    }
)


def shipped(language: str) -> bool:
    """Whether the banner speaks `language` by itself; `fr-CA` has the texts of `fr`."""
    return language in SHIPPED_LANGUAGES or language.partition("-")[0] in SHIPPED_LANGUAGES


@rule(
    "INF-001",
    "error",
    "CNIL Guidelines 2020-091, Article 2; GDPR, Article 13(1)(a)",
    "The banner says who the controller is, where, and how to reach it.",
    breaks={"controller": {"contact": "TODO"}},
    keeps={"controller": {"contact": "dpo@boutique.example"}},
)
def controller_is_named(draft: Draft) -> Iterator[Problem]:
    controller = draft.config.controller
    for part in ("name", "address", "contact"):
        if says_nothing(getattr(controller, part)):
            yield Problem(
                f"$.controller.{part}",
                f"The controller's {part} is blank or a placeholder.",
                f"Write the {part} that a visitor can use.",
            )


@rule(
    "INF-002",
    "error",
    "CNIL Guidelines 2020-091, Article 2; CNIL Recommendation 2020-092, Article 2.1",
    "Each purpose has a title and a description, and the policy an address, in every language of the banner.",
    breaks={"purposes": [{"id": "audience"}, {"id": "club", "title": {"fr": "Le club"}}]},
    keeps={
        "purposes": [
            {"id": "audience"},
            {"id": "club", "title": {"fr": "Le club"}, "description": {"fr": "Vous proposer les offres du club."}},
        ],
        **tracker(purposes=["audience", "club"]),
    },
)
def every_language_is_complete(draft: Draft) -> Iterator[Problem]:
    config = draft.config
    for language in dict.fromkeys(config.languages):
        if language not in config.controller.policy_url:
            yield Problem(
                f"$.controller.policy_url.{language}",
                f"The address of the privacy policy in {language!r} is missing.",
                f"Add the policy's address for {language!r}; one page may serve several languages.",
            )
        for index, purpose in enumerate(config.purposes):
            has_default = shipped(language) and (purpose.basis == "exempt" or purpose.id in WELL_KNOWN_PURPOSES)
            for part, texts in (("title", purpose.title), ("description", purpose.description)):
                own = config.banner.texts.get(language, {}).get(f"purpose.{purpose.id}.{part}")
                if says_nothing(texts.get(language) or own or ("the default" if has_default else "")):
                    yield Problem(
                        f"$.purposes[{index}].{part}.{language}",
                        f"The purpose {purpose.id!r} has no {part} in {language!r}.",
                        f"Write its {part} in {language!r}, or use one of the ids that have texts of their own.",
                    )


@rule(
    "INF-003",
    "error",
    "CNIL Guidelines 2020-091, Article 2 (list of controllers); GDPR, Article 13(1)(e)",
    "The list of trackers names each tracker and the company behind it.",
    breaks=tracker(controller="???"),
    keeps=tracker(controller="Mesure SAS"),
)
def companies_are_named(draft: Draft) -> Iterator[Problem]:
    for index, item in enumerate(draft.config.trackers):
        for part, text in (("name", item.name), ("controller", item.controller)):
            if says_nothing(text):
                yield Problem(
                    f"$.trackers[{index}].{part}",
                    f"The {part} of the tracker {item.id!r} is blank or a placeholder.",
                    "Write the name that stands in that company's own privacy policy.",
                )
        for which, recipient in enumerate(item.recipients):
            if says_nothing(recipient):
                yield Problem(
                    f"$.trackers[{index}].recipients[{which}]",
                    f"A recipient of the tracker {item.id!r} is blank or a placeholder.",
                    "Name the recipient, or take it out of the list.",
                )


@rule(
    "INF-004",
    "warning",
    "CJEU C-673/17 (Planet49), paragraph 81; CNIL Guidelines 2020-091, Article 2",
    "A purpose that needs consent shows the trackers behind it, how long they last and who receives their data.",
    breaks={"purposes": [{"id": "audience"}, {"id": "video"}]},
    keeps={"purposes": [{"id": "audience"}]},
)
def purposes_have_trackers(draft: Draft) -> Iterator[Problem]:
    served = {purpose for item in draft.config.trackers for purpose in item.purposes}
    for index, purpose in enumerate(draft.config.purposes):
        if purpose.basis == "consent" and purpose.id not in served:
            yield Problem(
                f"$.purposes[{index}]",
                f"No tracker serves the purpose {purpose.id!r}: visitors are asked without learning for whom.",
                "Add the trackers that run under it, or take the purpose out.",
            )


@rule(
    "INF-005",
    "warning",
    "CNIL Recommendation 2020-092, Article 2.1 (controllers and their policies); GDPR, Articles 13 and 14",
    "A company that uses the data for itself has a link to its own privacy policy.",
    breaks=tracker(role="joint_controller"),
    keeps=tracker(role="joint_controller", policy_url="https://mesure.example/privacy"),
)
def controllers_have_policies(draft: Draft) -> Iterator[Problem]:
    for index, item in enumerate(draft.config.trackers):
        if item.role != "processor" and not item.policy_url:
            yield Problem(
                f"$.trackers[{index}].policy_url",
                f"The tracker {item.id!r} has no link to the privacy policy of {item.controller!r}.",
                "Add the address of that company's policy.",
            )


@rule(
    "INF-006",
    "error",
    "CNIL Guidelines 2020-091, Article 2; GDPR, Articles 7(2) and 12(1)",
    "A text of the banner that replaces a default says something.",
    breaks={"banner": {"texts": {"fr": {"banner.title": " "}}}},
    keeps={"banner": {"texts": {"fr": {"banner.title": "Vos choix"}}}},
)
def texts_say_something(draft: Draft) -> Iterator[Problem]:
    for text in banner_texts(draft.config):
        if text.control not in ("refuse", "choose") and says_nothing(text.written):
            yield Problem(
                text.path,
                "This text is blank or a placeholder: the banner would not say what it must.",
                "Write it, or take it out to have the default.",
            )


@rule(
    "INF-007",
    "error",
    "GDPR, Articles 7(2) and 12(1); CNIL Recommendation 2020-092, Article 2",
    "A language without texts of the product's own has every text in the configuration.",
    breaks={
        "languages": ["fr", "cy"],
        "controller": {"policy_url": {"cy": "https://www.boutique.example/preifatrwydd"}},
        "purposes": [
            {"id": "audience", "title": {"cy": "Ystadegau"}, "description": {"cy": "Cyfrif ymweliadau â’r tudalennau."}}
        ],
        "banner": {"texts": {"cy": {"banner.title": "Eich dewis"}}},
    },
    keeps={"languages": ["fr", "en"], "controller": {"policy_url": {"en": "https://www.boutique.example/privacy"}}},
)
def other_languages_are_complete(draft: Draft) -> Iterator[Problem]:
    for language in dict.fromkeys(draft.config.languages):
        if shipped(language):
            continue
        given = frozenset(draft.config.banner.texts.get(language, {}))
        # Texts of purposes are INF-002's: they may stand with the purpose instead.
        missing = sorted(key for key in (draft.text_keys or ()) if key not in given and not OPTIONAL.match(key))
        if missing or not given:
            yield Problem(
                f"$.banner.texts.{language}",
                f"The banner has no {language!r} of its own; these texts are missing: {', '.join(missing) or 'all'}.",
                f"Write every text in {language!r}, or take {language!r} out of languages.",
            )


@rule(
    "INF-008",
    "error",
    "CNIL Guidelines 2020-091, Article 2; GDPR, Article 13(1)(a)",
    "The first layer names the controller, in the words of the site too.",
    breaks={
        "banner": {"texts": {"fr": {"banner.intro": "Nous souhaitons lire des informations sur votre appareil :"}}}
    },
    keeps={
        "banner": {
            "texts": {"fr": {"banner.intro": "{controller} souhaite lire des informations sur votre appareil :"}}
        }
    },
)
def first_layer_names_the_controller(draft: Draft) -> Iterator[Problem]:
    name = draft.config.controller.name
    for text in banner_texts(draft.config):
        if text.key == "banner.intro" and "{controller}" not in text.written and name not in text.written:
            yield Problem(
                text.path,
                "This text replaces the one that names the controller, and does not name it.",
                "Write {controller} where the name is to stand.",
            )


RULES = (
    controller_is_named,
    every_language_is_complete,
    companies_are_named,
    purposes_have_trackers,
    controllers_have_policies,
    texts_say_something,
    other_languages_are_complete,
    first_layer_names_the_controller,
)
