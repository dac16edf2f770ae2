"""What is measured side by side: each consent manager loaded as its own documentation says, in English, opt-in, all
with the same four purposes that ask, one that does not, and ten trackers.

Each takes as much of that as it can hold: Osano's has no purposes, c15t five fixed categories.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from loadtests.browser.offer import TEXT, Peer, purposes, trackers

HERE = Path(__file__).parent
MODULES = HERE / "node_modules"
TITLE = TEXT["banner.title"]
INTRO = TEXT["banner.effect"]
_CATEGORIES = {"audience": "measurement", "ads": "marketing", "personalisation": "experience", "video": "functionality"}


def alone() -> Peer:
    return Peer("page alone", "", ["h1"])


def peers() -> Iterator[Peer]:
    """The others, from `package.json` beside this file. Raises where its packages are not installed."""
    yield _vanilla()
    yield _orejime()
    yield _osano()
    yield _klaro()
    yield _tarteaucitron()
    yield _c15t()


def _cookies(tracker: dict[str, Any]) -> list[str]:
    return [each["name"] for each in tracker.get("cookies", [])]


def _version(package: str) -> str:
    return str(json.loads((MODULES / package / "package.json").read_text())["version"])


def _file(path: str) -> bytes:
    return (MODULES / path).read_bytes()


def _js(template: str, value: object) -> bytes:
    return template.replace("$", json.dumps(value, ensure_ascii=False, separators=(",", ":"))).encode()


def _defer(*names: str) -> str:
    return "".join(f'<script defer src="{name}"></script>' for name in names)


def _css(name: str) -> str:
    return f'<link rel="stylesheet" href="{name}">'


def _vanilla() -> Peer:
    sections: list[dict[str, Any]] = [{"description": TEXT["preferences.intro"]}]
    for purpose, title, description, _ in purposes():
        rows = [
            {"name": name, "party": tracker["controller"], "kept": cookie["max_age"]}
            for tracker in trackers(purpose)
            for cookie in tracker.get("cookies", [])
            for name in [cookie["name"]]
        ]
        table = {"headers": {"name": "Name", "party": "Provided by", "kept": "Kept for"}, "body": rows}
        sections.append({"title": title, "description": description, "linkedCategory": purpose, "cookieTable": table})
    config = {
        "hideFromBots": False,
        "categories": {
            purpose: {
                **({} if asks else {"enabled": True, "readOnly": True}),
                "services": {each["id"]: {"label": each["name"]} for each in trackers(purpose)},
                "autoClear": {"cookies": [{"name": name} for each in trackers(purpose) for name in _cookies(each)]},
            }
            for purpose, _, _, asks in purposes()
        },
        "language": {
            "default": "en",
            "translations": {
                "en": {
                    "consentModal": {
                        "title": TITLE,
                        "description": INTRO,
                        "acceptAllBtn": TEXT["button.accept"],
                        "acceptNecessaryBtn": TEXT["button.refuse"],
                        "showPreferencesBtn": TEXT["button.choose"],
                    },
                    "preferencesModal": {
                        "title": TEXT["preferences.title"],
                        "acceptAllBtn": TEXT["button.accept"],
                        "acceptNecessaryBtn": TEXT["button.refuse"],
                        "savePreferencesBtn": TEXT["button.save"],
                        "closeIconLabel": TEXT["button.close"],
                        "sections": sections,
                    },
                }
            },
        },
    }
    return Peer(
        f"vanilla-cookieconsent {_version('vanilla-cookieconsent')}",
        _css("cookieconsent.css") + _defer("cookieconsent.umd.js", "config.js"),
        ["#cc-main .cm"],
        '#cc-main .cm [data-role="necessary"]',
        '#cc-main .cm [data-role="show"]',
        files={
            "cookieconsent.css": _file("vanilla-cookieconsent/dist/cookieconsent.css"),
            "cookieconsent.umd.js": _file("vanilla-cookieconsent/dist/cookieconsent.umd.js"),
            "config.js": _js("CookieConsent.run($)", config),
        },
    )


def _orejime() -> Peer:
    config = {
        "privacyPolicyUrl": "/privacy",
        "purposes": [
            {
                "id": purpose,
                "title": title,
                "description": description,
                "purposes": [
                    {
                        "id": each["id"],
                        "title": each["name"],
                        "description": each["controller"],
                        "cookies": _cookies(each),
                        **({} if asks else {"isMandatory": True}),
                    }
                    for each in trackers(purpose)
                ],
            }
            for purpose, title, description, asks in purposes()
        ],
    }
    return Peer(
        f"orejime {_version('orejime')}",
        _css("orejime-standard.css") + _defer("config.js", "orejime-standard-en.js"),
        [".orejime-Banner"],
        ".orejime-Banner-declineButton",
        ".orejime-Banner-learnMoreButton",
        files={
            "orejime-standard.css": _file("orejime/dist/orejime-standard.css"),
            "orejime-standard-en.js": _file("orejime/dist/orejime-standard-en.js"),
            "config.js": _js("window.orejimeConfig=$", config),
        },
    )


def _osano() -> Peer:
    config = {
        "type": "opt-in",
        "palette": {"popup": {"background": "#1c2b33"}, "button": {"background": "#f5c04f"}},
        "content": {
            "message": INTRO,
            "deny": TEXT["button.refuse"],
            "allow": TEXT["button.accept"],
            "link": TEXT["controller.policy"],
            "href": "/privacy",
        },
    }
    return Peer(
        f"cookieconsent {_version('cookieconsent')} (Osano)",
        _css("cookieconsent.min.css") + _defer("cookieconsent.min.js", "config.js"),
        [".cc-window"],
        ".cc-window .cc-deny",
        gates=False,
        files={
            "cookieconsent.min.css": _file("cookieconsent/build/cookieconsent.min.css"),
            "cookieconsent.min.js": _file("cookieconsent/build/cookieconsent.min.js"),
            "config.js": _js("cookieconsent.initialise($)", config),
        },
    )


def _klaro() -> Peer:
    titles = {purpose: {"title": title, "description": text} for purpose, title, text, _ in purposes()}
    config = {
        "version": 1,
        "lang": "en",
        "acceptAll": True,
        "default": False,
        "groupByPurpose": True,
        "translations": {"en": {"privacyPolicyUrl": "/privacy", "purposes": titles}},
        "services": [
            {
                "name": each["id"],
                "title": each["name"],
                "description": each["controller"],
                "purposes": each["purposes"],
                "cookies": _cookies(each),
                "required": not asks,
            }
            for purpose, _, _, asks in purposes()
            for each in trackers(purpose)
        ],
    }
    return Peer(
        f"klaro {_version('klaro')}",
        _defer("config.js", "klaro.js"),
        ["#klaro .cookie-notice"],
        "#klaro .cn-decline",
        "#klaro .cn-learn-more",
        files={"klaro.js": _file("klaro/dist/klaro.js"), "config.js": _js("var klaroConfig=$", config)},
    )


def _tarteaucitron() -> Peer:
    kinds = {"audience": "analytic", "ads": "ads", "personalisation": "other", "video": "video", "cart": "api"}
    services = {
        each["id"]: {
            "key": each["id"],
            "type": kinds[purpose],
            "name": each["name"],
            "uri": each.get("policy_url", ""),
            "needConsent": True,
            "cookies": _cookies(each),
        }
        for purpose, _, _, asks in purposes()
        if asks  # its own text stands for what needs no consent; a service of that kind makes a refusal reload the page
        for each in trackers(purpose)
    }
    config = {
        "privacyUrl": "/privacy",
        "orientation": "bottom",
        "showAlertSmall": False,
        "cookieslist": True,
        "DenyAllCta": True,
        "AcceptAllCta": True,
        "highPrivacy": True,
        "groupServices": True,
        "showIcon": True,
        "iconPosition": "BottomRight",
        "mandatory": True,
        "mandatoryCta": True,
    }
    start = (
        f"tarteaucitron.init({json.dumps(config)});"
        "for(const[id,service]of Object.entries($)){tarteaucitron.services[id]={...service,js(){},fallback(){}};"
        "(tarteaucitron.job=tarteaucitron.job||[]).push(id)}"
    )
    folder = "tarteaucitronjs"
    return Peer(
        f"tarteaucitronjs {_version(folder)}",
        '<script src="tarteaucitron.min.js"></script><script src="config.js"></script>',
        ["#tarteaucitronAlertBig"],
        "#tarteaucitronAllDenied2",
        "#tarteaucitronCloseAlert",
        files={
            "tarteaucitron.min.js": _file(f"{folder}/tarteaucitron.min.js"),
            "tarteaucitron.services.min.js": _file(f"{folder}/tarteaucitron.services.min.js"),
            "css/tarteaucitron.min.css": _file(f"{folder}/css/tarteaucitron.min.css"),
            "lang/tarteaucitron.en.min.js": _file(f"{folder}/lang/tarteaucitron.en.min.js"),
            "config.js": _js(start, services),
        },
    )


def _c15t() -> Peer:
    site = {
        "consentCategories": ["necessary", *_CATEGORIES.values()],
        "scripts": [
            {"id": each["id"], "src": f"https://{each['match'][0].lstrip('*.')}", "category": _CATEGORIES[purpose]}
            for purpose, _, _, asks in purposes()
            if asks
            for each in trackers(purpose)
        ],
    }
    return Peer(
        f"c15t {_version('@c15t/react')} (React, offline)",
        _css("c15t.css") + _defer("config.js", "c15t.js"),
        ['[data-testid="consent-banner-root"]'],
        '[data-testid="consent-banner-reject-button"]',
        '[data-testid="consent-banner-customize-button"]',
        files={
            "c15t.js": _bundled(
                "c15t.jsx", "--jsx=automatic", "--format=iife", '--define:process.env.NODE_ENV="production"'
            ),
            "c15t.css": _bundled("node_modules/@c15t/react/dist/styles.css"),
            "config.js": _js("window.c15tSite=$", site),
        },
    )


def _bundled(source: str, *options: str) -> bytes:
    command = [
        str(MODULES / ".bin/esbuild"),
        source,
        "--bundle",
        "--minify",
        "--target=es2020",
        "--legal-comments=none",
    ]
    return subprocess.run([*command, *options], cwd=HERE, check=True, capture_output=True).stdout
