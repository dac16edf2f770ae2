"""The banner's stylesheet: the sources of `banner_templates/style`, the site's theme in front, minified.

Theme values are typed and checked by site.py; the font is taken apart and quoted anew here, so that nothing an owner
writes can end a declaration.
"""

from __future__ import annotations

import re
from functools import cache

from temoin.assets import folder
from temoin.banner.palette import palette_of
from temoin.site import Theme

_SYSTEM_FONT = "system-ui,sans-serif"
_GENERIC = frozenset({"serif", "sans-serif", "monospace", "system-ui", "ui-sans-serif", "ui-serif", "ui-rounded"})
# The banner, and what the SDK puts in the place of a frame that is held back.
_ROOTS = ".root,[data-t=placeholder]"
# By layout; the low-window rules at the end of the last sheet override all others.
_SHEETS = {
    "bar": ("ground", "first", "bar", "preferences"),
    "box": ("ground", "first", "box", "preferences"),
    "modal": ("ground", "first", "modal", "preferences"),
    "centre": ("ground", "centre", "preferences"),
    "none": ("ground",),
}


def stylesheet(template: str, theme: Theme) -> str:
    """The whole CSS of one site's banner, on one line."""
    return _theme(theme) + (_sheet("logo") if theme.logo else "") + _sources(template)


def minify(css: str) -> str:
    """`css` without comments and spare white space. Safe for sources without strings that hold braces or semicolons."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = re.sub(r"\s+", " ", css)
    css = re.sub(r"\s*([{};,>])\s*", r"\1", css)
    return css.replace(": ", ":").replace(" !", "!").replace(";}", "}").strip()


def font_stack(font: str | None) -> str:
    """The owner's families, each one quoted unless it is generic; the system's where there are none."""
    names = [name.strip(" '\"").replace("'", "").replace('"', "") for name in (font or "").split(",")]
    return ",".join(name if name in _GENERIC else f'"{name}"' for name in names if name) or _SYSTEM_FONT


def _theme(theme: Theme) -> str:
    light, dark = _colours(theme, dark=False), _colours(theme, dark=True)
    first = dark if theme.mode == "dark" else light
    shared = f"--radius:{theme.radius}px;--font:{font_stack(theme.font)}"
    css = f"{_ROOTS}{{{first};{shared}}}"
    if theme.mode == "system" and dark != light:
        css += f"@media(prefers-color-scheme:dark){{{_ROOTS}{{{dark}}}}}"
    return css


def _colours(theme: Theme, *, dark: bool) -> str:
    palette = palette_of(theme, dark=dark)
    scheme = f"color-scheme:{'dark' if dark else 'light'}"
    names = ["panel", "text", "muted"]
    # Without colours of their own, the choices are the panel reversed: the stylesheet's own defaults.
    if (palette.button, palette.label) != (palette.text, palette.panel):
        names += ["button", "label"]
    return ";".join([scheme, *(f"--{name}:{_short(getattr(palette, name))}" for name in names)])


def _short(colour: str) -> str:
    """`#ffffff` as `#fff`."""
    return f"#{colour[1]}{colour[3]}{colour[5]}" if colour[1::2] == colour[2::2] else colour


def _sources(template: str) -> str:
    return "".join(_sheet(name) for name in _SHEETS[template])


@cache
def _sheet(name: str) -> str:
    return minify((folder("banner_templates") / "style" / f"{name}.css").read_text(encoding="utf-8"))
