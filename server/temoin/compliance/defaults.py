"""DEF: nothing is granted but by a clear act of the visitor.

GDPR Articles 4(11) and 7(2), recital 32; CJEU C-673/17 (Planet49); CNIL Recommendation 2020-092, Article 2; EDPB
Guidelines 05/2020, paragraph 86. No field of a configuration switches a purpose on, grants on scroll or ties consent to
terms; these rules read the texts, which must not claim otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from temoin.compliance.rule import Draft, Problem, rule
from temoin.compliance.wording import asserted, judged_texts, purpose_texts

# Narrow on purpose: 'en poursuivant sans rien changer, vous acceptez' is the trick itself, whatever its 'sans'.
_DENIED = re.compile(
    r"\b(ne vaut|n'est pas|sans (accepter|consentir)|without (accepting|consenting)|(does|is) not|(does|is)n't"
    r"|never|jamais|nothing|rien n'|nicht\b|kein|ohne\b|no (equivale|supone|es)\b|nunca\b|non (equivale|e)\b"
    r"|senza\b|niet\b"
    r"|geen\b|zonder\b|nao\b|sem\b|bez\b|nie\b)"
)
_ON = re.compile(
    r"\b(active\w* par defaut|pre-?coche\w*|enabled by default|on by default|pre-?(ticked|checked|selected)"
    r"|standardmassig (aktiv\w*|eingeschaltet)|vorausgewahlt|activad\w+ por defecto|preseleccionad\w+"
    r"|attiv\w+ (di default|per impostazione predefinita)|preselezionat\w+|standaard (ingeschakeld|aan)"
    r"|vooraf aangevinkt"
    r"|ativad\w+ por (defeito|padrao|predefinicao)|pre-?selecionad\w+|domyslnie w[łl]aczon\w+)\b"
)
_IMPLIED = re.compile(
    r"\ben (poursuivant|continuant|naviguant|utilisant|restant|fermant|visitant|faisant defiler)\b.*\b(accept"
    r"|consent)"
    r"|\bby (continuing|using|browsing|scrolling|closing|staying|visiting)\b[^.]*\b(accept|agree|consent)"
    r"|\bif you (continue|keep|stay)\b[^.]*\b(accept|agree|consent)"
    r"|\bsi vous (continuez|poursuivez|restez)\b[^.]*\b(accept|consent)"
    r"|\bpoursuite\b[^.]*\bnavigation\b[^.]*\b(vaut|accept|consent|accord)"
    r"|\b(implied|implicit\w*|tacite\w*) (consent\w*|accept\w*|accord)"
    r"|\b(durch|indem|wenn) [^.]*\b(weiter\w*|fortfahren|nutzung)\b[^.]*\b(akzeptier|zustimm|stimmen|einwillig"
    r"|einverstanden)"
    r"|\b(al|si) (continua|navega|sigue|segui|usa)\w*\b[^.]*\b(acept|consient)"
    r"|\b(continuando|proseguendo|navigando|se (continu|prosegu)\w*)\b[^.]*\b(accett|acconsent)"
    r"|\b(door|als) [^.]*\b(verder\w*|doorgaa\w*|blijven|gebruiken)\b[^.]*\b(accept|akkoord|stem\w* in|toestemming)"
    r"|\b(ao|se) (continua|navega|usa|utiliza)\w*\b[^.]*\b(aceit|consent|concord)"
    r"|\b(kontynuujac|korzystajac|przegladajac)\b[^.]*\b(akcept|zgadza|wyraza)"
)
_TERMS = re.compile(
    r"\b(accept|agree)\w*\b[^.]*\b(cgu|cgv|conditions generales|conditions d'utilisation|terms|reglement)\b"
    r"|\b(akzeptier|acept|accett|aceit|accepte|akcept)\w*\b[^.]*\b(agb|nutzungsbedingungen"
    r"|condiciones (generales|de uso)"
    r"|termini (e|d)\w*|condizioni generali|algemene voorwaarden|termos|regulamin\w*)\b"
)


@rule(
    "DEF-001",
    "error",
    "CJEU C-673/17 (Planet49), paragraphs 52 to 57; GDPR, recital 32; EDPB cookie banner taskforce, paragraph 10",
    "A purpose that needs consent is off until granted, and no text says otherwise.",
    breaks={"purposes": [{"id": "audience", "description": {"fr": "Mesure des visites, activée par défaut."}}]},
    keeps={"purposes": [{"id": "audience", "description": {"fr": "Compter les visites et les pages vues."}}]},
)
def nothing_is_on_by_default(draft: Draft) -> Iterator[Problem]:
    for text in purpose_texts(draft.config, "consent"):
        if text.judged and asserted(_ON, text.plain):
            yield Problem(
                text.path,
                "This text says that the purpose is on by default; consent is never preset.",
                "Take the claim out; the switch is off until the visitor turns it on.",
            )


@rule(
    "DEF-002",
    "error",
    "CNIL Guidelines 2020-091, Article 2 (continued browsing); EDPB Guidelines 05/2020, paragraph 86",
    "No text takes scrolling, browsing on, closing or silence for consent.",
    breaks={
        "banner": {"texts": {"fr": {"banner.effect": "En poursuivant votre navigation, vous acceptez nos cookies."}}}
    },
    keeps={"banner": {"texts": {"fr": {"banner.effect": "Rien n'est déposé tant que vous n'avez pas choisi."}}}},
)
def silence_is_not_consent(draft: Draft) -> Iterator[Problem]:
    for text in judged_texts(draft.config):
        if asserted(_IMPLIED, text.plain, unless=_DENIED):
            yield Problem(
                text.path,
                "This text takes going on for consent.",
                "Say that nothing happens until the visitor chooses.",
            )


@rule(
    "DEF-003",
    "error",
    "GDPR, Article 7(2); CNIL Guidelines 2020-091, Article 2",
    "Consent is asked apart from terms and conditions.",
    breaks={"banner": {"texts": {"fr": {"button.accept": "J'accepte les cookies et les CGU"}}}},
    keeps={"banner": {"texts": {"fr": {"button.accept": "Tout accepter"}}}},
)
def terms_are_apart(draft: Draft) -> Iterator[Problem]:
    for text in judged_texts(draft.config):
        if _TERMS.search(text.plain):
            yield Problem(
                text.path,
                "This text has visitors accept terms and trackers in one act.",
                "Ask for consent alone; present terms elsewhere.",
            )


RULES = (nothing_is_on_by_default, silence_is_not_consent, terms_are_apart)
