"""CHO, continued: no text shames, pushes or threatens the visitor who refuses.

EDPB Guidelines 03/2022 on deceptive design patterns (emotional steering, stirring); GDPR Article 7(3); Conseil d'État
no. 494300 (Yahoo). Word lists find the known phrases; a person judges the rest.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from temoin.compliance.rule import Draft, Problem, rule
from temoin.compliance.wording import judged_texts, labels

_SHAMING = re.compile(
    r"\b(tant pis|dommage|je n'aime pas|je deteste|je m'en (fiche|moque)|je prefere|moins bien|au risque"
    r"|a mes risques|mauvaise experience|experience (degradee|limitee)|degrade|sans profiter|je renonce|je me prive"
    r"|i don't (want|like|care)|i do not (want|like|care)|i hate|i prefer|i'd rather|miss out|worse"
    r"|at my own risk|limited experience|no thanks,? i|non merci,? je"
    r"|schade|ich mag keine|ich verzichte|schlechter\w* erlebnis|auf eigenes risiko|que lastima|no me gusta\w*"
    r"|prefiero"
    r"|peor experiencia|renuncio|peccato|non mi piace|preferisco|esperienza peggiore|rinuncio|helaas|jammer"
    r"|ik hou niet van|slechtere ervaring|que pena|nao gosto|prefiro|pior experiencia|szkoda|nie lubie|wole)\b"
)
_PUSHING = re.compile(
    r"\b(meilleure experience|experience optimale|experience personnalisee optimale|pour profiter pleinement"
    r"|vous allez adorer|soutenez-nous|aidez-nous|best (possible )?experience|optimal experience|full experience"
    r"|support us|help us (grow|survive)|we love cookies|on adore les cookies|depechez-vous|hurry|offre limitee"
    r"|limited offer|(beste[sn]?|optimale[sn]?) (\w+)?(erlebnis|erfahrung)|unterstutzen sie uns|wir lieben cookies"
    r"|mejor experiencia|experiencia optima|apoyanos|ayudanos a|migliore esperienza|esperienza ottimale|sostienici"
    r"|aiutaci a|(beste|optimale) ervaring|steun ons|help ons|melhor experiencia|experiencia ideal|apoie-nos"
    r"|ajude-nos"
    r"|najlepsz\w+ doswiadcze\w*|wesprzyj nas|pomoz nam)\b"
)
_THREAT = re.compile(
    r"\b(vous (ne pourrez (plus|pas)|perdrez|n'aurez plus)|n'auriez plus acces|ne fonctionner\w* (plus|pas)"
    r"|service sera (interrompu|suspendu|ferme)|lose (your )?access|will (no longer|not) be able|won't be able"
    r"|(will|may|might) (not|stop) work\w*|account will be (closed|suspended)"
    r"|verlieren sie|funktioniert \w* ?\w* ?nicht( mehr)?|perdera|dejara de funcionar|non funzionera"
    r"|smettera di funzionare"
    r"|verliest u|werkt \w* ?\w* ?niet meer|deixara de funcionar|stracisz|przestanie dzialac)\b"
)


@rule(
    "CHO-007",
    "error",
    "EDPB Guidelines 03/2022 (emotional steering); CNIL Recommendation 2020-092, paragraph 34",
    "No label shames the visitor for refusing, or makes refusal sound like a loss.",
    breaks={"banner": {"texts": {"fr": {"button.refuse": "Refuser, je préfère une mauvaise expérience"}}}},
    keeps={"banner": {"texts": {"fr": {"button.refuse": "Tout refuser"}}}},
)
def labels_do_not_shame(draft: Draft) -> Iterator[Problem]:
    for label in labels(draft.config):
        if _SHAMING.search(label.plain):
            yield Problem(
                label.path,
                f"The label {label.written!r} makes the visitor feel bad about a choice.",
                "Name the act alone, such as 'Tout refuser' or 'Reject all'.",
            )


@rule(
    "CHO-008",
    "warning",
    "EDPB Guidelines 03/2022 (emotional steering); GDPR, Article 12(1)",
    "Texts inform, and do not push towards acceptance.",
    breaks={"banner": {"texts": {"fr": {"banner.effect": "Acceptez pour la meilleure expérience possible."}}}},
    keeps={"banner": {"texts": {"fr": {"banner.effect": "Avec votre accord, nous mesurons les visites."}}}},
)
def texts_do_not_push(draft: Draft) -> Iterator[Problem]:
    for text in judged_texts(draft.config):
        found = _PUSHING.search(text.plain)
        if found:
            yield Problem(
                text.path,
                f"The words {found[0]!r} push towards one choice.",
                "Say what is done and for whom, and leave the judgement to the visitor.",
            )


@rule(
    "CHO-009",
    "warning",
    "GDPR, Article 7(3); Conseil d'État no. 494300 (Yahoo); EDPB Guidelines 05/2020, paragraphs 112 to 114",
    "No text threatens the loss of the service where consent is refused or withdrawn.",
    breaks={"banner": {"texts": {"fr": {"preferences.intro": "Si vous refusez, vous perdrez votre compte."}}}},
    keeps={"banner": {"texts": {"fr": {"preferences.intro": "Vous pouvez changer d'avis à tout moment."}}}},
)
def texts_do_not_threaten(draft: Draft) -> Iterator[Problem]:
    for text in judged_texts(draft.config):
        found = _THREAT.search(text.plain)
        if found:
            yield Problem(
                text.path,
                f"The words {found[0]!r} announce a loss to those who refuse or withdraw.",
                "Keep the site working after a refusal, and say so; name only what one feature truly needs.",
            )


RULES = (labels_do_not_shame, texts_do_not_push, texts_do_not_threaten)
