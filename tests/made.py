"""Values that many tests make: a small site, a decision."""

from __future__ import annotations

import os
import secrets
import time
import uuid
from typing import Any

ORIGIN = "http://shop.test:8000"


def site_config(**changes: Any) -> dict[str, Any]:
    """A site with two consent purposes, one exempt purpose and two trackers, in French and English."""
    config: dict[str, Any] = {
        "site": "boutique",
        "origins": [ORIGIN],
        "languages": ["fr", "en"],
        "controller": {
            "name": "Boutique de démonstration",
            "address": "1 rue de la Paix, 75002 Paris",
            "contact": "dpo@shop.test",
            "policy_url": {"fr": "https://shop.test/confidentialite", "en": "https://shop.test/privacy"},
        },
        "purposes": [
            {"id": "audience"},
            {"id": "ads"},
            {"id": "cart", "basis": "exempt", "exemption": "cart"},
        ],
        "trackers": [
            _tracker("stats", "audience", "stats.test/*"),
            _tracker("pixel", "ads", "ads.test/*"),
        ],
    }
    return config | changes


def _tracker(name: str, purpose: str, match: str) -> dict[str, Any]:
    return {
        "id": name,
        "name": name.title(),
        "controller": f"{name.title()} SAS",
        "role": "processor",
        "agreement": "DPA-2026-01",
        "purposes": [purpose],
        "match": [match],
        "cookies": [{"name": f"_{name}*", "max_age": "P6M"}],
        "policy_url": "https://stats.test/privacy",
    }


def uuid7() -> str:
    """A UUIDv7 (RFC 9562), written here anew so that tests do not rest on the product's own."""
    millis = time.time_ns() // 1_000_000
    value = (millis << 80) | int.from_bytes(os.urandom(10), "big")
    value = (value & ~(0xF << 76)) | (7 << 76)
    value = (value & ~(0x3 << 62)) | (2 << 62)
    return str(uuid.UUID(int=value))


def decision(config: str, **changes: Any) -> dict[str, Any]:
    """A well-formed body of POST …/consents for `site_config`: audience granted, ads refused."""
    body: dict[str, Any] = {
        "id": uuid7(),
        "subject": secrets.token_urlsafe(16),
        "config": config,
        "action": "save",
        "choices": {"audience": True, "ads": False},
        "language": "fr",
        "layer": 2,
        "control": "preferences-save",
        "page": f"{ORIGIN}/produit?utm_source=x#top",
        "viewport": "desktop",
        "client_time": "2026-11-21T08:15:30.000Z",
        "signals": {"gpc": False},
    }
    return body | changes
