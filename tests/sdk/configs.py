"""Hand-written configurations and a small banner, in the shapes that the service writes into the script."""

from __future__ import annotations

from typing import Any

from tests.sdk.world import ADS_HOST, SERVICE_HOST, TRACKER_HOST

Node = str | list[Any]

CSS = """
section, dialog { background: #fff; color: #111; }
section { position: fixed; inset: auto 0 0 0; z-index: 9; }
section[hidden], [hidden] { display: none; }
"""


def tree(accept: str = "Tout accepter") -> Node:
    """Both layers, with the `data-t` hooks and ids that the SDK relies on."""

    def button(name: str, text: str, identifier: str) -> Node:
        return ["button", {"type": "button", "data-t": name, "id": identifier}, text]

    def switch(purpose: str) -> Node:
        box = ["input", {"type": "checkbox", "role": "switch", "data-purpose": purpose, "id": f"switch-{purpose}"}]
        return ["label", 0, box, purpose]

    banner: Node = [
        "section",
        {"data-t": "banner", "role": "region", "aria-label": "Cookies", "hidden": ""},
        ["p", 0, "Boutique, la mesure d'audience et la publicité."],
        button("accept", accept, "banner-accept"),
        button("refuse", "Tout refuser", "banner-refuse"),
        button("choose", "Choisir", "banner-choose"),
    ]
    preferences: Node = [
        "dialog",
        {"data-t": "preferences", "aria-label": "Préférences"},
        button("close", "Fermer", "preferences-close"),
        switch("audience"),
        switch("ads"),
        button("accept", accept, "preferences-accept"),
        button("refuse", "Tout refuser", "preferences-refuse"),
        button("save", "Enregistrer", "preferences-save"),
        ["button", {"type": "button", "data-t": "withdraw", "id": "preferences-withdraw", "hidden": ""}, "Retirer"],
        ["p", {"data-t": "receipt", "hidden": ""}],
    ]
    opener: Node = ["button", {"type": "button", "data-t": "open", "id": "temoin-open", "hidden": ""}, "Cookies"]
    out: Node = ["button", {"type": "button", "data-t": "withdraw", "id": "control-withdraw", "hidden": ""}, "Retirer"]
    return ["div", 0, banner, preferences, opener, out, ["p", {"data-t": "status", "aria-live": "polite"}]]


TEXT = {
    "placeholder": "Ce contenu de {tracker} attend votre choix.",
    "placeholder_button": "Gérer mes cookies",
    "withdrawn": "Votre consentement est retiré.",
    "failed": "Votre choix n'a pas pu être enregistré.",
    "saved": "Votre choix est enregistré.",
    "offline": "Votre choix est gardé sur cet appareil.",
    "receipt": "Preuve {id}, du {recorded} au {expires}",
}


def config(port: int, **changes: Any) -> dict[str, Any]:
    """A ClientConfig of two purposes asked for, one exempt, and three trackers."""
    return {
        "site": "boutique",
        "version": "0123456789abcdef",
        "base": f"http://{SERVICE_HOST}:{port}",
        "validity": [13, 0],
        "domain": None,
        "purposes": [
            {"id": "cart", "scope": "00000000", "exempt": 1},
            {"id": "audience", "scope": "1a2b3c4d"},
            {"id": "ads", "scope": "99aa00ff"},
        ],
        "trackers": [
            {
                "id": "meter",
                "purposes": ["audience"],
                "match": [f"{TRACKER_HOST}/*"],
                "cookies": ["_m*"],
                "storage": ["m_*"],
            },
            {"id": "pixel", "purposes": ["ads"], "match": ["*.ads.test"], "cookies": ["_ad"], "storage": ["ad_*"]},
            {
                "id": "both",
                "purposes": ["audience", "ads"],
                "match": [f"{TRACKER_HOST}/both/*"],
                "cookies": [],
                "storage": [],
            },
        ],
        "gpc": "refuse",
        "language": "fr",
        "languages": {"fr": "f" * 16, "en": "e" * 16},
        "ui": {"css": CSS, "tree": tree(), "text": TEXT},
        **changes,
    }


ADS = f"http://{ADS_HOST}:{{port}}"
METER = f"http://{TRACKER_HOST}:{{port}}"
TAG = f'<script src="http://{SERVICE_HOST}:{{port}}/s/boutique.js"></script>'


def page(body: str, head: str = "", lang: str = "fr") -> str:
    """A page with the tag first in its head. `{port}` is filled in by the page server."""
    return (
        f'<!doctype html><html lang="{lang}"><head>{TAG}<meta charset="utf-8"><title>Boutique</title>'
        f'<link rel="icon" href="data:,">{head}</head><body style="height:3000px">{body}</body></html>'
    )
