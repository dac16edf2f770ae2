"""Which errors somebody may answer for, and which leave no room.

An error can be overridden where the rule judges words by a list, or where its source is decided case by case: there a
person can know better than the rule. Where the law itself says what must be, or nothing else can work, nobody can.
"""

from __future__ import annotations

from collections.abc import Mapping

# Rules that somebody may answer for, and why.
MAY: Mapping[str, str] = {
    "CHO-003": "A list of words judges the label; a person may show that visitors understand it.",
    "CHO-004": "A list of words judges the label; a person may show that it accepts nothing.",
    "CHO-005": "A wall is judged case by case (Conseil d'État, no. 434684): the reason names the assessment on file.",
    "CHO-007": "A list of words judges the label; a person may show that it shames nobody.",
    "DUR-001": "The period is a recommendation (CNIL 2020-092, Article 5); a longer one can have a reason.",
    "PUR-006": "A list of words judges the text; a person may show that it misleads nobody.",
}

# Families of rules, and why none of the others leaves room.
_NEVER: Mapping[str, str] = {
    "INF": "Consent is informed or it is none (GDPR, Articles 4(11), 12 and 13): what is missing has to be written.",
    "CHO": "Refusing is as easy as accepting, and each purpose is a choice (French Data Protection Act, Article 82).",
    "DEF": "Consent is a clear act of its own (GDPR, Articles 4(11) and 7(2); CJEU C-673/17): nothing else can be one.",
    "DUR": "A choice ends after thirteen months at most: a record that holds longer would prove nothing.",
    "PUR": "What goes without consent is a closed list (French Data Protection Act, Article 82).",
    "ACT": "The contract is the law's own condition (GDPR, Articles 26(1) and 28(3)): sign it, and give its reference.",
    "ANA": "Without each condition there is no exemption (French Data Protection Act, Article 82): ask for consent.",
    "PRF": "Nothing is kept without a reason (GDPR, Article 5(1)(e)): write it where the retention is set.",
    "DES": "Every layout can be read with the default colours: choose colours that can be read.",
    "REN": "It was measured on what visitors see, and every layout passes with the default look: choose another look.",
    "STR": "The configuration could not do what it says.",
}


def may_be_overridden(rule: str) -> bool:
    return rule in MAY


def why_not(rule: str) -> str:
    """Why nobody can answer for a finding of this rule; empty where somebody can."""
    return "" if rule in MAY else _NEVER[rule.partition("-")[0]]
