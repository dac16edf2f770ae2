"""CHO: refusing is as easy, as visible and as clear as accepting.

CNIL Guidelines 2020-091, Article 2; CNIL Recommendation 2020-092, paragraph 34; EDPB cookie banner taskforce report
(2023), paragraphs 8 and 14; CNIL formal notices of 12 December 2024 on refusal buttons. That the three buttons have one
look and one layer is the template's doing; what a configuration can still spoil is their words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from temoin.compliance.rule import Draft, Patch, Problem, rule
from temoin.compliance.wording import Control, Text, banner_texts, labels, says_nothing

_ACCEPT = re.compile(
    r"\b(accept|autoris|allow|agree|consen[ts]|akzeptier|annehm|zustimm|erlaub|acept|accett|aceit|toesta|akcept"
    r"|zezw|zgadz)"
)
_REFUSE = re.compile(
    r"\b(refus|rejet|reject|declin|ablehn|verweiger|rechaz|rifiut|weiger|afwijz|rejeit|recus|odrzu|odmow)"
)
_WITHOUT = re.compile(
    r"\b(sans accepter|without accepting|ohne (zuzustimmen|zustimmung|einwilligung|zu akzeptieren)|sin aceptar"
    r"|senza accettare|zonder (te )?accepteren|sem aceitar|bez (akceptacji|zgody))\b"
)
_WITHDRAW = re.compile(
    r"\b(retir|withdr|revo|refus|reject|annul|widerruf|zuruckzieh|ablehn|rechaz|ritir|rifiut|intrekk|weiger"
    r"|rejeit|wycof"
    r"|odrzu)"
)
_AMBIGUOUS = re.compile(
    r"\b(ok(ay)?|compris|understood|i understand|got it|d'accord|plus tard|later|not now|pas maintenant|suivant|next"
    r"|ignorer|skip|dismiss|fermer|close|continuer|continue|poursuivre|merci|thanks|parfait|c'est bon"
    r"|en savoir plus|learn more|more info\w*|plus d'info\w*|verstanden|alles klar|spater|nicht jetzt|weiter"
    r"|schliessen"
    r"|fortfahren|mehr erfahren|entendido|vale|de acuerdo|mas tarde|ahora no|continuar|cerrar|saber mas"
    r"|ho capito|capito"
    r"|piu tardi|non ora|continua|chiudi|scopri di piu|begrepen|niet nu|doorgaan|sluiten|meer informatie"
    r"|percebi|entendi"
    r"|agora nao|fechar|saiba mais|rozumiem|pozniej|nie teraz|kontynuuj|zamknij|wiecej)\b"
)
_NEGATED = re.compile(
    r"\b(ne pas|don't|do not|ne (veux|souhaite) pas) (refus|reject|declin|accept)"
    r"|\b(nicht|no|non|niet|nao|nie) (ablehn|akzeptier|rechaz|acept|rifiut|accett|weiger|accept|rejeit|aceit"
    r"|odrzuc|akcept)"
)
_PAY = re.compile(
    r"\b(pay(er|ez)?|payant|abonn\w+|subscri\w+|premium|bezahl\w*|abo|suscri\w+|abbona\w+|betal\w+|assin(ar|e)"
    r"|pagar\w*"
    r"|subskry\w+|zaplac\w*)\b"
)
_WALL = re.compile(
    r"\b(accept|refus|reject|consent)\w*\b[^.]*\b(ou|or|sinon|otherwise|,)\b[^.]*\b(payer|payez|abonn\w+"
    r"|subscribe|pay)\b"
    r"|\b(pour|to) (acceder|continue|access|read|lire)\b[^.]*\b(vous devez|you must|il faut)\b[^.]*\baccept"
    r"|\b(acces|access)\b[^.]*\b(reserve aux|bloque|refuse|denied|blocked|only (for|to))\b"
)


def _text(key: str, text: str) -> Patch:
    return {"banner": {"texts": {"fr": {key: text}}}}


@rule(
    "CHO-001",
    "error",
    "CNIL Guidelines 2020-091, Article 2; EDPB cookie banner taskforce, paragraph 8",
    "The first layer has a button that refuses everything, and the button can be read.",
    breaks=_text("button.refuse", " "),
    keeps=_text("button.refuse", "Tout refuser"),
)
def refuse_can_be_read(draft: Draft) -> Iterator[Problem]:
    return _blank(draft, "refuse", "Write what the button does, such as 'Tout refuser' or 'Reject all'.")


@rule(
    "CHO-002",
    "error",
    "CNIL Recommendation 2020-092, Article 2; EDPB Guidelines 05/2020, paragraphs 42 to 44",
    "The first layer has a button that leads to a choice for each purpose, and the button can be read.",
    breaks=_text("button.choose", "..."),
    keeps=_text("button.choose", "Personnaliser"),
)
def choose_can_be_read(draft: Draft) -> Iterator[Problem]:
    return _blank(draft, "choose", "Write what the button does, such as 'Personnaliser' or 'Choose'.")


def _blank(draft: Draft, control: Control, fix: str) -> Iterator[Problem]:
    for text in banner_texts(draft.config):
        if text.control == control and says_nothing(text.written):
            yield Problem(text.path, "This button's label is blank or a placeholder.", fix)


@rule(
    "CHO-003",
    "error",
    "CNIL formal notices of 12 December 2024; EDPB cookie banner taskforce, paragraph 14; EDPB Guidelines 03/2022",
    "A button's label says plainly what it does: accept, refuse, choose or withdraw.",
    breaks=_text("button.refuse", "Plus tard"),
    keeps=_text("button.refuse", "Tout refuser"),
)
def labels_are_plain(draft: Draft) -> Iterator[Problem]:
    for label in labels(draft.config):
        fault = _fault(label)
        if fault:
            yield Problem(label.path, f"The label {label.written!r} {fault[0]}.", fault[1])


def _fault(label: Text) -> tuple[str, str] | None:
    """What makes the label unclear, and what to write instead."""
    words = label.plain
    accepts = _ACCEPT.search(_WITHOUT.sub("", words))
    refuses = _REFUSE.search(words) or _WITHOUT.search(words)
    if _NEGATED.search(words):
        return "negates what the button does", "Say it without a negation."
    if label.control == "refuse" and (accepts or not refuses):
        return "does not say that it refuses", "Use 'refuser' in French, 'refuse' or 'reject' in English."
    if label.control == "accept" and (refuses or not accepts):
        return "does not say that it accepts", "Use 'accepter' in French, 'accept' in English."
    if label.control == "withdraw" and not _WITHDRAW.search(words):
        return "does not say that it withdraws consent", "Use 'retirer' in French, 'withdraw' in English."
    if label.control in ("choose", "save") and (refuses or _AMBIGUOUS.search(words)):
        return "does not say what it leads to", "Use 'Personnaliser' or 'Enregistrer', 'Choose' or 'Save'."
    return None


@rule(
    "CHO-004",
    "error",
    "CNIL formal notices of 12 December 2024 (acceptance offered more often than refusal)",
    "Only the accept button speaks of accepting: a second one would offer acceptance more often than refusal.",
    breaks=_text("button.save", "Enregistrer et accepter"),
    keeps=_text("button.save", "Enregistrer mes choix"),
)
def acceptance_is_not_repeated(draft: Draft) -> Iterator[Problem]:
    for label in labels(draft.config):
        if label.control in ("choose", "save", "close", "open", "reload") and _ACCEPT.search(label.plain):
            yield Problem(
                label.path,
                f"The label {label.written!r} speaks of accepting on a control that is not the accept button.",
                "Say what this control does, without the word.",
            )


@rule(
    "CHO-005",
    "error",
    "Conseil d'État, no. 434684 (2020); CNIL criteria of 16 May 2022; EDPB Guidelines 05/2020, paragraphs 39 to 41",
    "Refusing costs nothing: no text makes access or a price depend on acceptance without an assessment on file.",
    breaks=_text("button.refuse", "Refuser et s'abonner"),
    keeps=_text("button.refuse", "Tout refuser"),
)
def refusing_is_free(draft: Draft) -> Iterator[Problem]:
    for text in banner_texts(draft.config):
        if text.judged and (_WALL.search(text.plain) or (text.control and _PAY.search(text.plain))):
            yield Problem(
                text.path,
                "This text makes refusal cost money or access (a cookie wall).",
                "Let visitors refuse freely; this product has no wall mode.",
                text.written,
            )


@rule(
    "CHO-006",
    "warning",
    "CNIL formal notices of 12 December 2024; CNIL Recommendation 2020-092, paragraph 34",
    "The refuse button says 'refuse': 'continue without accepting' is allowed, but less plain than 'accept' beside it.",
    breaks=_text("button.refuse", "Continuer sans accepter"),
    keeps=_text("button.refuse", "Tout refuser"),
)
def refusal_has_its_own_word(draft: Draft) -> Iterator[Problem]:
    for label in labels(draft.config):
        if label.control == "refuse" and _WITHOUT.search(label.plain) and not _REFUSE.search(label.plain):
            yield Problem(
                label.path,
                f"The label {label.written!r} names acceptance, not refusal.",
                "Prefer 'Tout refuser' or 'Reject all'.",
            )


@rule(
    "CHO-010",
    "warning",
    "CNIL Guidelines 2020-091, Article 2; EDPB cookie banner taskforce, paragraphs 8 and 14; GDPR, Article 7(1)",
    "The banner is one that this product draws: its three equal choices are a fact, and its screens are evidence.",
    breaks={"banner": {"template": "none"}},
    keeps={"banner": {"template": "modal"}},
)
def banner_is_drawn_here(draft: Draft) -> Iterator[Problem]:
    if draft.config.banner.template == "none":
        yield Problem(
            "$.banner.template",
            "The site draws its own banner: only its texts are checked, not its looks, and no screen of it is kept.",
            "Offer refuseAll() on the first layer, as plain and as near as acceptAll(), and keep screens yourself.",
        )


RULES = (
    refuse_can_be_read,
    choose_can_be_read,
    labels_are_plain,
    acceptance_is_not_repeated,
    refusing_is_free,
    refusal_has_its_own_word,
    banner_is_drawn_here,
)
