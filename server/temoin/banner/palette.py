"""The banner's colours for one mode: the owner's four, or ours, and those that follow from them.

Ratios are those of WCAG 2.2 (relative luminance, 1.4.3 and 1.4.11). Accept, refuse and choose share one pair, so no
theme can favour one of them. Derived colours always reach their ratio, whatever the owner chose for the panel.
"""

from __future__ import annotations

from dataclasses import dataclass

from temoin.site import Theme

TEXT_RATIO = 4.5


@dataclass(frozen=True, slots=True)
class Palette:
    """Six hex digits each. `muted` is for lesser text and for the outline of controls."""

    panel: str
    text: str
    button: str
    label: str
    muted: str


_LIGHT = ("#ffffff", "#1b2540")
_DARK = ("#171c26", "#edf0f5")


def palette_of(theme: Theme, *, dark: bool) -> Palette:
    """The palette of `theme` in one mode. A colour without its partner gets black or white, whichever reads better."""
    panel, text = _DARK if dark else _LIGHT
    if theme.background:
        text = readable_on(theme.background, text)
        panel = theme.background
    text = theme.text or text
    button = theme.button_background or text
    label = theme.button_text or readable_on(button, panel)
    return Palette(
        panel=panel,
        text=text,
        button=button,
        label=label,
        muted=_reaching(text, panel, 70, TEXT_RATIO + 0.6),
    )


def contrast(one: str, other: str) -> float:
    """The contrast ratio of two colours `#rrggbb`, 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def mix(colour: str, ground: str, percent: int) -> str:
    """`percent` of `colour` over `ground`, in sRGB."""
    parts = zip(_channels(colour), _channels(ground), strict=True)
    return "#" + "".join(f"{round((front * percent + back * (100 - percent)) / 100):02x}" for front, back in parts)


def readable_on(ground: str, preferred: str) -> str:
    """`preferred` where it reads well on `ground`, else black or white, whichever stands out more."""
    if contrast(preferred, ground) >= 7:
        return preferred
    return max(("#000000", "#ffffff"), key=lambda colour: contrast(colour, ground))


def _reaching(colour: str, ground: str, percent: int, ratio: float) -> str:
    """The palest mix of `colour` over `ground`, from `percent` on, that has `ratio`; `colour` itself if none has."""
    for share in range(percent, 100, 4):
        mixed = mix(colour, ground, share)
        if contrast(mixed, ground) >= ratio:
            return mixed
    return colour


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
        for channel in (value / 255 for value in _channels(colour))
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
