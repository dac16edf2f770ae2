"""Values with the shape of personal data, taken out before anything is counted.

A site's own addresses and search terms carry them more often than its owner knows: /account/jane@example.org, a reset
link's token, a telephone number typed into the search. What stands in their place says only what kind it was.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

_SHAPES = (
    (re.compile(r"[^\s/@:;,<>()]+(?:@|%40)[^\s/@:;,<>()]+\.[^\W\d_]{2,}"), "(email)"),
    (re.compile(r"\b[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}\b", re.I), "(id)"),
    (re.compile(r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){3,7}(?:[ ]?[A-Z0-9]{1,3})?\b"), "(account)"),
    (re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}\b"), "(address)"),
    (re.compile(r"(?<![\w-])(?:\+|00)?\d(?:[ .()-]?\d){8,}(?![\w-])"), "(number)"),
    (re.compile(r"\b(?=[A-Za-z0-9_-]*\d)(?=[A-Za-z0-9_-]*[A-Za-z])[A-Za-z0-9_]{20,}\b"), "(id)"),
    (re.compile(r"\b[0-9a-f]{16,}\b", re.I), "(id)"),
)
# What percent-encoding may hide, surrogates included: none of it belongs into a table or a terminal.
_HIDDEN = r"\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff"
_CONTROLS = re.compile(f"[{_HIDDEN}]+")
# No shape matches a text without one of these, and most texts have none.
_SUSPECT = re.compile(r"[@%\d]|[0-9a-f]{16}", re.I)
_NOT_PLAIN = re.compile(f"[?#;%{_HIDDEN}]")


def mask(text: str) -> str:
    """`text` without e-mail addresses, account, telephone and card numbers, network addresses and random ids."""
    if not _SUSPECT.search(text):
        return text
    for shape, name in _SHAPES:
        text = shape.sub(name, text)
    return text


def mask_path(path: str) -> str:
    """A page's path as it is counted: no query, fragment or path parameters (`;jsessionid=…`), decoded and masked."""
    if _NOT_PLAIN.search(path):
        for end in "?#":
            path = path.partition(end)[0]
        steps = (unquote(step.partition(";")[0]) for step in path.split("/"))
        path = _CONTROLS.sub(" ", "/".join(steps))
    return mask(path) or "/"
