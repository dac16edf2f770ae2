"""Where the files that ship with the package lie: the built SDK, banner templates, demo bundles, charts, data on third
parties.

The wheel carries them in `temoin/_assets` (hatchling's force-include). An editable install has no
such folder, and `importlib.resources` does not find them there: the checkout's own folders serve.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from temoin.errors import Unavailable

_PACKAGE = Path(__file__).parent
_CHECKOUT = _PACKAGE.parent.parent
_IN_CHECKOUT = {
    "sdk": "sdk/dist",
    "banner_templates": "banner_templates",
    "demo": "demo/dist",
    "third_parties": "third_parties/dist",
    "charts": "charts/dist",
}


@cache
def folder(name: str) -> Path:
    """The folder of that name; raises Unavailable where it was not built."""
    for path in (_PACKAGE / "_assets" / name, _CHECKOUT / _IN_CHECKOUT[name]):
        if path.is_dir():
            return path
    raise Unavailable(
        "assets_missing",
        f"The files of {name!r} are neither in the package nor in a checkout beside it.",
        "In a checkout, run 'make install'; otherwise install the published wheel.",
    )
