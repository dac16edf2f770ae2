"""REN: what only a browser can show. The banner is measured as it is drawn, and choices are held against each other.

The configuration cannot break most of these: the templates and styles keep them. They are measured all the same, on the
very screens that are kept as evidence, in light and in dark: a font, a colour, a long label, a translation or a change
to a template must not make refusing harder than accepting. `measure.js` makes the measurements, in pixels of CSS and
colours as `#rrggbb`; how a screen came to be is not known here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from temoin.compliance.colour import contrast, difference
from temoin.compliance.rule import Severity

_TASKFORCE = "EDPB cookie banner taskforce report (2023)"
_CNIL = "CNIL Recommendation 2020-092, paragraph 34"
_BUTTON_CONTRAST = 5.0
_TEXT_CONTRAST = 4.5
_LOUDER = 2**0.25
_LARGER = 1.1
_TARGET = 24
_SPACING = 4


@dataclass(frozen=True, slots=True)
class Screen:
    """One layer as drawn: `measured` is what `measure.js` answers. `mode` is light or dark."""

    language: str
    viewport: str
    layer: int
    mode: str
    measured: Mapping[str, Any]

    @property
    def name(self) -> str:
        layer = "first layer" if self.layer == 1 else "preferences"
        return f"{self.language}, {self.viewport}, {layer}, {self.mode}"

    def controls(self, name: str) -> list[Mapping[str, Any]]:
        return [control for control in self.measured["controls"] if control["name"] == name]

    @property
    def pairs(self) -> list[tuple[Mapping[str, Any], Mapping[str, Any]]]:
        """Each way to accept all, with the first way to refuse all."""
        refusals = self.controls("refuse")
        return [(accept, refusals[0]) for accept in self.controls("accept") if refusals]


@dataclass(frozen=True, slots=True)
class RenderedRule:
    """Like `rule.Rule`, over screens instead of drafts; `check` says what breaks it on one screen."""

    id: str
    severity: Severity
    source: str
    asks: str
    fix: str
    check: Callable[[Screen], Iterator[str]]


@cache
def probe() -> str:
    """The JavaScript function that measures a layer."""
    return (Path(__file__).parent / "measure.js").read_text(encoding="utf-8")


def broken(screens: Iterable[Screen]) -> list[tuple[RenderedRule, str]]:
    """Each rule that a screen breaks, with what is wrong and where; screens alike are told once."""
    found: dict[tuple[str, str], list[str]] = {}
    by_id = {rule.id: rule for rule in RULES}
    for screen in screens:
        for rule in RULES:
            for message in rule.check(screen):
                found.setdefault((rule.id, message), []).append(screen.name)
    return [
        (by_id[identifier], f"{message} ({names[0]}{f' and {len(names) - 1} more' if names[1:] else ''}).")
        for (identifier, message), names in found.items()
    ]


def _readable_buttons(screen: Screen) -> Iterator[str]:
    for control in screen.measured["controls"]:
        ratio = contrast(control["colour"], control["ground"])
        if ratio < _BUTTON_CONTRAST:
            yield f"the label of the button '{control['text']}' has a contrast of {ratio:.2f}:1"


def _readable_texts(screen: Screen) -> Iterator[str]:
    for text in screen.measured["texts"]:
        ratio = contrast(text["colour"], text["ground"])
        if ratio < _TEXT_CONTRAST:
            yield f"'{text['text']}' has a contrast of {ratio:.2f}:1"


def _alike_contrast(screen: Screen) -> Iterator[str]:
    for accept, refuse in screen.pairs:
        for what, one, other in (("label", "colour", "ground"), ("button", "ground", "panel")):
            ratio = contrast(accept[one], accept[other]) / contrast(refuse[one], refuse[other])
            if ratio > _LOUDER:
                yield f"the {what} that accepts has {ratio:.2f} times the contrast of the one that refuses"


def _alike_size(screen: Screen) -> Iterator[str]:
    for accept, refuse in screen.pairs:
        (_, _, width, height), (_, _, other_width, other_height) = accept["box"], refuse["box"]
        ratio = (width * height) / (other_width * other_height)
        if ratio > _LARGER:
            yield f"the button that accepts covers {ratio:.2f} times the area of the one that refuses"
        if height > other_height + 1:
            yield f"the button that accepts is {height:.0f} px high, the one that refuses {other_height:.0f}"
        if any(accept[field] != refuse[field] for field in ("font", "size", "weight")):
            yield "accepting and refusing are written in different fonts, sizes or weights"


def _alike_kind(screen: Screen) -> Iterator[str]:
    for accept, refuse in screen.pairs:
        if any(accept[field] != refuse[field] for field in ("tag", "border")):
            yield "accepting and refusing are different elements, or one has a border that the other has not"


def _alike_loud(screen: Screen) -> Iterator[str]:
    for accept, refuse in screen.pairs:
        louder = difference(accept["ground"], accept["panel"]) - difference(refuse["ground"], refuse["panel"])
        if louder > 10:
            yield f"the button that accepts stands out by {louder:.0f} more than the one that refuses (CIE ΔE)"


def _both_in_sight(screen: Screen) -> Iterator[str]:
    for control in (*screen.controls("refuse"), *screen.controls("accept")):
        if not control["whole"]:
            yield f"the button '{control['text']}' is not wholly within the window"
        if not control["reachable"]:
            yield f"something lies over the button '{control['text']}'"
        if control["disabled"] or control["opacity"] < 0.9:
            yield f"the button '{control['text']}' looks disabled"
    if screen.measured["scrolled"]:
        yield "the layer is scrolled when it appears"


def _near(screen: Screen) -> Iterator[str]:
    for accept, refuse in screen.pairs:
        gap = _gap(accept["box"], refuse["box"])
        if gap > max(accept["box"][2], refuse["box"][2]):
            yield f"accepting and refusing are {gap:.0f} px apart, more than a button's width"


def _apart(screen: Screen) -> Iterator[str]:
    boxes = [control["box"] for control in screen.measured["controls"]]
    if any(_gap(one, other) < _SPACING for one, other in pairwise(sorted(boxes))):
        yield f"two buttons are under {_SPACING} px apart, so that one is easily hit for the other"


def _gap(one: list[float], other: list[float]) -> float:
    """The distance between two boxes, in pixels; 0 where they touch."""
    across = max(one[0] - (other[0] + other[2]), other[0] - (one[0] + one[2]), 0)
    down = max(one[1] - (other[1] + other[3]), other[1] - (one[1] + one[3]), 0)
    return math.hypot(across, down)


def _refusals(screen: Screen) -> Iterator[str]:
    accepting, refusing = len(screen.controls("accept")), len(screen.controls("refuse"))
    if refusing == 0:
        yield "there is no button that refuses everything"
    elif accepting > refusing:
        yield f"{accepting} buttons accept everything and {refusing} refuse"


def _off(screen: Screen) -> Iterator[str]:
    on = sum(screen.measured["switches"])
    if on:
        yield f"{on} switches are on before anybody chose"


def _focus(screen: Screen) -> Iterator[str]:
    if screen.measured["focus"] in ("accept", "save"):
        yield "the focus begins on a button that grants"


def _targets(screen: Screen) -> Iterator[str]:
    for target in screen.measured["targets"]:
        if min(target["width"], target["height"]) < _TARGET - 0.5:
            yield f"'{target['text']}' is {target['width']:.0f} by {target['height']:.0f} px"


_COLOURS = "Choose colours that differ more (banner.theme), or leave them empty for the palette's own."
_TEMPLATE = "Shorten the label that is longer (banner.texts), or report it: the layout must not allow this."

RULES: tuple[RenderedRule, ...] = (
    RenderedRule(
        "REN-001", "error", f"WCAG 2.2, 1.4.3; {_TASKFORCE}, paragraph 16",
        "The label of every choice has a contrast of 5:1 or more with its button.", _COLOURS, _readable_buttons,
    ),
    RenderedRule(
        "REN-002", "error", "WCAG 2.2, 1.4.3; RGAA 4.1, criterion 3.2",
        "Every text has a contrast of 4.5:1 or more with what is behind it.", _COLOURS, _readable_texts,
    ),
    RenderedRule(
        "REN-003", "error", f"{_CNIL}; {_TASKFORCE}, paragraphs 16 and 18",
        "The label that accepts, and its button, have at most 1.19 times the contrast of those that refuse.",
        _COLOURS, _alike_contrast,
    ),
    RenderedRule(
        "REN-004", "error", f"{_CNIL}; CNIL formal notices of 12 December 2024",
        "The button that accepts is at most a tenth larger than the one that refuses, no higher, and in the same font.",
        _TEMPLATE, _alike_size,
    ),
    RenderedRule(
        "REN-005", "error", f"{_CNIL}; {_TASKFORCE}, paragraph 16",
        "Accepting and refusing are elements of one kind: no button beside a link, none filled beside an outline.",
        _TEMPLATE, _alike_kind,
    ),
    RenderedRule(
        "REN-006", "error", f"{_CNIL}; CNIL formal notices of 12 December 2024",
        "Accepting stands out from the panel no more than refusing (CIE ΔE of 10 at most).", _COLOURS, _alike_loud,
    ),
    RenderedRule(
        "REN-007", "error", "CNIL Guidelines 2020-091, Article 2; EDPB Guidelines 05/2020, paragraph 114",
        "Both are wholly in the window without scrolling, uncovered, and neither looks disabled.",
        _TEMPLATE, _both_in_sight,
    ),
    RenderedRule(
        "REN-008", "error", f"{_CNIL}",
        "Accepting and refusing are at most a button's width apart.", _TEMPLATE, _near,
    ),
    RenderedRule(
        "REN-009", "warning", "WCAG 2.2, 2.5.8",
        "Choices are apart, so that one is not hit for the other.", _TEMPLATE, _apart,
    ),
    RenderedRule(
        "REN-010", "error", f"CNIL Guidelines 2020-091, Article 2; {_TASKFORCE}, paragraph 8",
        "Each layer has a button that refuses everything, and no more that accept.", _TEMPLATE, _refusals,
    ),
    RenderedRule(
        "REN-011", "error", "CJEU C-673/17 (Planet49); GDPR, recital 32",
        "Every switch is off before a choice.", _TEMPLATE, _off,
    ),
    RenderedRule(
        "REN-012", "error", f"{_CNIL}; RGAA 4.1, criterion 12.8",
        "The focus begins on no button that grants.", _TEMPLATE, _focus,
    ),
    RenderedRule(
        "REN-013", "error", "WCAG 2.2, 2.5.8",
        "Everything that can be pressed is 24 by 24 pixels or more.", _TEMPLATE, _targets,
    ),
)  # fmt: skip
