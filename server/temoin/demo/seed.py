"""The configuration of the demo's site "boutique" (CONTRACT section 5).

The cookies and storage keys are those that each tracker was measured to leave in Chromium; tests/demo measures them
again and fails where this list and the browser differ. `storage` also names the IndexedDB databases that some SDKs
open. What has no end of its own (localStorage, IndexedDB) is declared with the thirteen months after which the choice
behind it ends. The controller is invented, and says so.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from temoin.demo.hosts import TRACKER_HOSTS

SITE = "boutique"
_CONTROLLER = "Boutique de démonstration Témoin"

# By tracker id: role, then what it keeps as (name, how long).
_ROLES = {
    "posthog": "processor",
    "mixpanel": "processor",
    "amplitude": "processor",
    "segment": "processor",
    "gtag": "processor",
    "pixel": "joint_controller",
    "reco": "processor",
    "video": "controller",
}
_COOKIES: dict[str, tuple[tuple[str, str], ...]] = {
    "posthog": (("ph_*_posthog", "P1Y"),),
    "mixpanel": (("mp_*_mixpanel", "P1Y"),),
    "amplitude": (("AMP_*", "P1Y"),),
    "segment": (("ajs_anonymous_id", "P1Y"),),
    "gtag": (("_ga", "P390D"), ("_ga_*", "P390D")),
    "pixel": (("_fbp", "P90D"), ("fr", "P90D")),
    "reco": (("reco_id", "P180D"),),
    "video": (("video_visiteur", "P180D"),),
}
_STORAGE: dict[str, tuple[tuple[str, str], ...]] = {
    "posthog": (
        ("ph_*_posthog", "P13M"),
        ("ph_*_window_id", "session"),
        ("ph_*_primary_window_exists", "session"),
        ("ph_*_session_registered_properties", "session"),
    ),
    "mixpanel": (
        ("__mpq_*", "P13M"),
        ("mp_tab_id_*", "session"),
        ("mp_gen_new_tab_id_*", "session"),
        ("mixpanelBrowserDb", "P13M"),
        ("mixpanelFlagsDb", "P13M"),
    ),
    "amplitude": (
        ("AMP_unsent_*", "P13M"),
        ("AMP_remote_config_*", "P13M"),
        ("AMP_URL_INFO", "session"),
        ("AMP_PAGE_VIEW", "session"),
        ("AMP_diagnostics_*", "P13M"),
    ),
    "segment": (("ajs_anonymous_id", "P13M"), ("ajs_user_id", "P13M"), ("persisted-queue:v1:*", "P13M")),
    "reco": (("reco_vues", "P13M"),),
}

_PURPOSES: tuple[dict[str, Any], ...] = (
    {
        "id": "audience",
        "basis": "consent",
        "title": {"fr": "Mesure d’audience", "en": "Audience measurement"},
        "description": {
            "fr": "Compter les visites et comprendre quelles pages sont vues, pour améliorer la boutique.",
            "en": "Count visits and understand which pages are seen, to improve the shop.",
        },
    },
    {
        "id": "ads",
        "basis": "consent",
        "title": {"fr": "Publicité", "en": "Advertising"},
        "description": {
            "fr": "Savoir si une publicité vous a mené ici, et vous en montrer d’autres ailleurs selon vos visites.",
            "en": "Know whether an advertisement led you here, and show you others elsewhere based on what you viewed.",
        },
    },
    {
        "id": "personalisation",
        "basis": "consent",
        "title": {"fr": "Recommandations", "en": "Recommendations"},
        "description": {
            "fr": "Retenir les pièces que vous regardez, pour vous en proposer d’autres.",
            "en": "Remember the pieces that you look at, to suggest others.",
        },
    },
    {
        "id": "video",
        "basis": "consent",
        "title": {"fr": "Vidéo", "en": "Video"},
        "description": {
            "fr": "Afficher les vidéos d’une plateforme, qui saura que vous avez ouvert cette page.",
            "en": "Show videos from a platform, which will know that you opened this page.",
        },
    },
    {
        "id": "choice",
        "basis": "exempt",
        "exemption": "choice",
        "title": {"fr": "Mémoire de votre choix", "en": "Memory of your choice"},
        "description": {
            "fr": "Retenir ce que vous avez accepté ou refusé.",
            "en": "Remember what you accepted or refused.",
        },
    },
    {
        "id": "cart",
        "basis": "exempt",
        "exemption": "cart",
        "title": {"fr": "Panier", "en": "Cart"},
        "description": {
            "fr": "Garder les pièces que vous y mettez, le temps de votre visite.",
            "en": "Keep the pieces that you put in it, during your visit.",
        },
    },
    {
        "id": "statistics",
        "basis": "exempt",
        "exemption": "audience",
        "title": {"fr": "Statistiques anonymes", "en": "Anonymous statistics"},
        "description": {
            "fr": "Compter les pages vues, sans vous identifier et sans rien garder sur votre appareil.",
            "en": "Count page views, without identifying you and without keeping anything on your device.",
        },
    },
)


def boutique_config(shop_origin: str, sink_origins: Mapping[str, str]) -> dict[str, Any]:
    """The draft that `site put` takes, for a shop and tracker hosts (by id) at these origins."""
    policy = {"fr": f"{shop_origin}/confidentialite", "en": f"{shop_origin}/privacy"}
    return {
        "site": SITE,
        "origins": [shop_origin],
        "languages": ["fr", "en"],
        "default_language": "fr",
        "controller": {
            "name": _CONTROLLER,
            "address": "1 rue de l'Exemple, 00000 Ville-Exemple, France (adresse inventée)",
            "contact": "vie-privee@boutique.example",
            "policy_url": policy,
        },
        "choice_validity": "P13M",
        "purposes": list(_PURPOSES),
        "analytics": {"mode": "exempt", "consent_purpose": "audience", "search": ["q"]},
        "trackers": [
            *(_tracker(host.id, host.label, list(host.purposes), sink_origins, policy) for host in TRACKER_HOSTS),
            _own("temoin", "Témoin", "choice", [("temoin", "P13M")], [("temoin", "P13M")], policy),
            _own("panier", "Panier de la boutique", "cart", [("panier", "session")], [], policy),
        ],
    }


def _tracker(
    host_id: str, label: str, purposes: list[str], sink_origins: Mapping[str, str], policy: Mapping[str, str]
) -> dict[str, Any]:
    return {
        "id": host_id,
        "name": label,
        "controller": f"{label} (hôte de démonstration)",
        "role": _ROLES[host_id],
        "agreement": f"Contrat de démonstration {host_id.upper()}-1",
        "purposes": purposes,
        "match": [urlsplit(sink_origins[host_id]).netloc + "/*"],
        "cookies": _kept(_COOKIES[host_id]),
        "storage": _kept(_STORAGE.get(host_id, ())),
        "policy_url": dict(policy),
    }


def _own(
    tracker_id: str,
    name: str,
    purpose: str,
    cookies: list[tuple[str, str]],
    storage: list[tuple[str, str]],
    policy: Mapping[str, str],
) -> dict[str, Any]:
    """What the shop itself keeps, exempt from consent."""
    return {
        "id": tracker_id,
        "name": name,
        "controller": _CONTROLLER,
        "role": "controller",
        "purposes": [purpose],
        "cookies": _kept(cookies),
        "storage": _kept(storage),
        "policy_url": dict(policy),
    }


def _kept(entries: list[tuple[str, str]] | tuple[tuple[str, str], ...]) -> list[dict[str, str]]:
    return [{"name": name, "max_age": max_age} for name, max_age in entries]
