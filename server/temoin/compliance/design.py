"""DES: the theme's colours can be read, and looking at the banner tells nobody else.

WCAG 2.2 success criteria 1.4.3 and 1.4.11; TCF Policies, Appendix B, policy C(g) (5:1 for buttons). Accept, refuse and
choose share one pair of colours, one size and one font, so that none can be made louder than another. Only colours are
computed here; position, area and focus are measured in a browser.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import urlsplit

from temoin.compliance.colour import contrast
from temoin.compliance.rule import Draft, Problem, rule
from temoin.site import Theme


class Colours(NamedTuple):
    """What the banner is drawn in, in one mode."""

    background: str
    text: str
    button_background: str
    button_text: str


# Background and text where a theme gives neither.
GROUND = {"light": ("#ffffff", "#1b2540"), "dark": ("#171c26", "#edf0f5")}


def drawn(theme: Theme, mode: str) -> Colours:
    """The colours of `theme` in `mode`, as the banner draws them: one not given follows from those that are."""
    background, text = GROUND[mode]
    if theme.background:
        background, text = theme.background, _readable(theme.background, text)
    text = theme.text or text
    button = theme.button_background or text
    return Colours(background, text, button, theme.button_text or _readable(button, background))


def _readable(ground: str, preferred: str) -> str:
    """`preferred` where it reads well on `ground`, else black or white."""
    if contrast(preferred, ground) >= 7:
        return preferred
    return max(("#000000", "#ffffff"), key=lambda colour: contrast(colour, ground))


def _too_close(theme: Theme, front: str, back: str, least: float) -> Iterator[Problem]:
    """A problem for the first mode of the theme in which `front` on `back` has less contrast than `least`."""
    for mode in ("light", "dark") if theme.mode == "system" else (theme.mode,):
        colours = drawn(theme, mode)._asdict()
        ratio = contrast(colours[front], colours[back])
        if ratio < least:
            given = next(part for part in (front, back, "text", "background") if getattr(theme, part))
            yield Problem(
                f"$.banner.theme.{given}",
                f"{front} {colours[front]} on {back} {colours[back]} has a contrast of {ratio:.2f}:1 in {mode} mode.",
                f"Choose colours of {least:g}:1 at least; give both, or set mode, so that light and dark agree.",
            )
            return


@rule(
    "DES-001",
    "error",
    "TCF Policies, Appendix B, policy C(g) (5:1); WCAG 2.2, 1.4.3",
    "The labels of the buttons have a contrast of 5:1 at least.",
    breaks={"banner": {"theme": {"mode": "light", "button_background": "#8ab4f8", "button_text": "#ffffff"}}},
    keeps={"banner": {"theme": {"mode": "light", "button_background": "#0b57d0", "button_text": "#ffffff"}}},
)
def labels_can_be_read(draft: Draft) -> Iterator[Problem]:
    return _too_close(draft.config.banner.theme, "button_text", "button_background", 5.0)


@rule(
    "DES-002",
    "error",
    "WCAG 2.2, 1.4.3; RGAA 4.1, criterion 3.2",
    "The banner's text has a contrast of 4.5:1 at least.",
    breaks={"banner": {"theme": {"mode": "light", "text": "#999999", "background": "#ffffff"}}},
    keeps={"banner": {"theme": {"mode": "light", "text": "#333333", "background": "#ffffff"}}},
)
def text_can_be_read(draft: Draft) -> Iterator[Problem]:
    return _too_close(draft.config.banner.theme, "text", "background", 4.5)


@rule(
    "DES-003",
    "warning",
    "WCAG 2.2, 1.4.11; RGAA 4.1, criterion 3.3",
    "The buttons stand out from the banner with a contrast of 3:1 at least.",
    breaks={
        "banner": {
            "theme": {
                "mode": "light",
                "background": "#ffffff",
                "button_background": "#eeeeee",
                "button_text": "#1a1a1a",
            }
        }
    },
    keeps={"banner": {"theme": {"mode": "light", "button_background": "#0b57d0"}}},
)
def buttons_stand_out(draft: Draft) -> Iterator[Problem]:
    return _too_close(draft.config.banner.theme, "button_background", "background", 3.0)


@rule(
    "DES-004",
    "warning",
    "French Data Protection Act, Article 82; EDPB Guidelines 2/2023",
    "The banner itself asks no third party for anything before a choice.",
    breaks={"banner": {"theme": {"logo": "https://images.cdn.example/logo.svg"}}},
    keeps={"banner": {"theme": {"logo": "https://www.boutique.example/logo.svg"}}},
)
def logo_is_the_sites_own(draft: Draft) -> Iterator[Problem]:
    logo = draft.config.banner.theme.logo
    own = {urlsplit(origin).hostname for origin in draft.config.origins}
    if logo and urlsplit(logo).hostname not in own:
        yield Problem(
            "$.banner.theme.logo",
            "The logo comes from another host, which would see every visitor before any choice.",
            "Serve it from one of the site's own origins.",
        )


RULES = (labels_can_be_read, text_can_be_read, buttons_stand_out, logo_is_the_sites_own)
