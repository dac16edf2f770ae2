"""The site of these tests: five purposes, ten trackers, two languages."""

from __future__ import annotations

from typing import Any

import msgspec

from temoin.banner.texts import locale
from temoin.site import SiteConfig

BOUTIQUE: dict[str, Any] = {
    "site": "boutique",
    "origins": ["https://www.boutique.example"],
    "languages": ["fr", "en"],
    "controller": {
        "name": "Boutique Saint-Malo SAS",
        "address": "12 rue de Dinan, 35400 Saint-Malo, France",
        "contact": "dpo@boutique.example",
        "policy_url": {
            "fr": "https://www.boutique.example/confidentialite",
            "en": "https://www.boutique.example/en/privacy",
        },
    },
    "purposes": [
        {"id": "audience"},
        {"id": "ads"},
        {"id": "personalisation"},
        {"id": "video"},
        {"id": "cart", "basis": "exempt", "exemption": "cart"},
    ],
    "trackers": [
        {
            "id": "ga4",
            "name": "Google Analytics 4",
            "controller": "Google Ireland Ltd",
            "role": "processor",
            "purposes": ["audience"],
            "match": ["www.googletagmanager.com/gtag/js*", "*.google-analytics.com"],
            "cookies": [{"name": "_ga*", "max_age": "P13M"}],
            "policy_url": "https://policies.google.com/privacy",
        },
        {
            "id": "clarity",
            "name": "Microsoft Clarity",
            "controller": "Microsoft Ireland Operations Ltd",
            "role": "processor",
            "purposes": ["audience"],
            "match": ["*.clarity.ms"],
            "cookies": [{"name": "_clck", "max_age": "P12M"}, {"name": "_clsk", "max_age": "P1D"}],
            "policy_url": "https://privacy.microsoft.com/privacystatement",
        },
        {
            "id": "posthog",
            "name": "PostHog",
            "controller": "PostHog Inc.",
            "role": "processor",
            "purposes": ["audience", "personalisation"],
            "match": ["*.posthog.com"],
            "cookies": [{"name": "ph_*", "max_age": "P12M"}],
            "storage": [{"name": "ph_*", "max_age": "P12M"}],
            "recipients": ["Amazon Web Services EMEA SARL"],
        },
        {
            "id": "meta",
            "name": "Meta Pixel",
            "controller": "Meta Platforms Ireland Ltd",
            "role": "joint_controller",
            "purposes": ["ads"],
            "match": ["connect.facebook.net", "www.facebook.com/tr*"],
            "cookies": [{"name": "_fbp", "max_age": "P3M"}, {"name": "_fbc", "max_age": "P3M"}],
            "recipients": ["Meta Platforms Inc."],
            "policy_url": "https://www.facebook.com/privacy/policy",
        },
        {
            "id": "tiktok",
            "name": "TikTok Pixel",
            "controller": "TikTok Technology Ltd",
            "role": "joint_controller",
            "purposes": ["ads"],
            "match": ["analytics.tiktok.com"],
            "cookies": [{"name": "_ttp", "max_age": "P13M"}],
            "policy_url": "https://www.tiktok.com/legal/privacy-policy-eea",
        },
        {
            "id": "bing",
            "name": "Microsoft Advertising",
            "controller": "Microsoft Ireland Operations Ltd",
            "role": "controller",
            "purposes": ["ads"],
            "match": ["bat.bing.com"],
            "cookies": [{"name": "_uetsid", "max_age": "P1D"}, {"name": "_uetvid", "max_age": "P13M"}],
            "policy_url": "https://privacy.microsoft.com/privacystatement",
        },
        {
            "id": "criteo",
            "name": "Criteo OneTag",
            "controller": "Criteo SA",
            "role": "joint_controller",
            "purposes": ["ads", "personalisation"],
            "match": ["*.criteo.com", "*.criteo.net"],
            "cookies": [{"name": "cto_bundle", "max_age": "P13M"}],
            "policy_url": "https://www.criteo.com/privacy/",
        },
        {
            "id": "algolia",
            "name": "Algolia Recommend",
            "controller": "Algolia SAS",
            "role": "processor",
            "purposes": ["personalisation"],
            "match": ["*.algolia.net", "insights.algolia.io"],
            "cookies": [{"name": "_ALGOLIA", "max_age": "P6M"}],
            "policy_url": "https://www.algolia.com/policies/privacy",
        },
        {
            "id": "youtube",
            "name": "YouTube",
            "controller": "Google Ireland Ltd",
            "role": "controller",
            "purposes": ["video"],
            "match": ["www.youtube.com", "www.youtube-nocookie.com"],
            "storage": [{"name": "yt-remote-*", "max_age": "session"}],
            "recipients": ["Google LLC"],
            "policy_url": "https://policies.google.com/privacy",
        },
        {
            "id": "cart",
            "name": "Panier",
            "controller": "Boutique Saint-Malo SAS",
            "role": "controller",
            "purposes": ["cart"],
            "cookies": [{"name": "cart", "max_age": "P7D"}],
        },
    ],
}


def boutique(**changes: Any) -> SiteConfig:
    """The shop's draft, with top-level fields replaced by `changes`."""
    return msgspec.convert({**BOUTIQUE, **changes}, SiteConfig)


def in_arabic() -> SiteConfig:
    """The shop in a language that runs from right to left, with every text its own."""
    config = boutique()
    purposes = [
        msgspec.structs.replace(purpose, title={"ar": f"غرض {purpose.id}"}, description={"ar": "وصف قصير للغرض."})
        for purpose in config.purposes
    ]
    texts = {key: text for key, text in locale("en").items() if not key.startswith("purpose.")}
    texts |= {"banner.title": "ملفات تعريف الارتباط", "button.refuse": "رفض الكل", "button.accept": "قبول الكل"}
    banner = msgspec.structs.replace(config.banner, texts={"ar": texts})
    return msgspec.structs.replace(config, languages=["ar"], purposes=purposes, banner=banner)
