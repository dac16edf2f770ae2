"""CookieConsent v3: `CookieConsent.run({categories, language, …})`."""

from __future__ import annotations

from typing import Any

from temoin.admin.imports.carry import Carried, in_words, mapping, sequence

_LAYOUTS = {"box": "box", "cloud": "box", "bar": "bar"}


def carry(config: dict[str, Any]) -> Carried:
    """Categories become purposes; their services and cookies trackers."""
    carried = Carried()
    language = mapping(config.get("language"))
    words = mapping(language.get("translations"))
    carried.speak([name for name, texts in words.items() if isinstance(texts, dict)])
    for name, texts in words.items():
        if not isinstance(texts, dict):
            carried.note(f"The texts of {name!r} are in another file or a function, and are left behind.")
    carried.valid_for(mapping(config.get("cookie")).get("expiresAfterDays"))
    layout = str(mapping(mapping(config.get("guiOptions")).get("consentModal")).get("layout") or "").partition(" ")[0]
    if layout in _LAYOUTS:
        carried.settings["template"] = _LAYOUTS[layout]
    if config.get("disablePageInteraction"):
        carried.settings["template"] = "modal"
    for name, category in mapping(config.get("categories")).items():
        _category(carried, name, mapping(category), {key: _sections(texts) for key, texts in words.items()})
    if config.get("mode") == "opt-out":
        carried.note("Trackers ran before a choice (mode: opt-out); here none does.")
    carried.note(
        "The banner's own sentences, buttons and styling are left behind: the defaults of each language stand."
    )
    return carried


def _category(carried: Carried, name: str, category: dict[str, Any], words: dict[str, list[dict[str, Any]]]) -> None:
    mine = {
        language: next((section for section in sections if section.get("linkedCategory") == name), {})
        for language, sections in words.items()
    }
    services = {key: mapping(service) for key, service in mapping(category.get("services")).items()}
    cleared = sequence(mapping(category.get("autoClear")).get("cookies"))
    tables = [cookie for section in mine.values() for cookie in _cookies(section)]
    cookies = [*cleared, *tables]
    if category.get("readOnly") and not services:
        carried.note(
            f"The category {name!r} is left out: what needs no consent is named here by its exemption, once for each."
        )
        return
    titles = {language: section.get("title") for language, section in mine.items()}
    texts = {language: section.get("description") for language, section in mine.items()}
    purpose = carried.purpose(name, titles, texts)
    for key, service in services.items():
        own = sequence(service.get("cookies"))
        shared = cookies if len(services) == 1 else []
        carried.tracker(in_words(service.get("label")) or key, [purpose], [*own, *shared])
    if cookies and not services:
        carried.tracker(in_words(next(iter(titles.values()), "")) or name, [purpose], cookies)
    elif cookies and len(services) > 1:
        carried.note(
            f"The cookies of the category {name!r} are not said of one service: add them to the tracker that sets them."
        )
    if category.get("readOnly"):
        carried.note(f"{name}: it could not be refused. Here it asks, until a purpose of an exemption is named for it.")
    elif category.get("enabled"):
        carried.note(f"{name}: it was on before a choice. Here it is off until it is granted.")
    if not services and not cookies:
        carried.note(f"{name}: which trackers stand behind it is not in the configuration: add them.")


def _cookies(section: dict[str, Any]) -> list[Any]:
    return [row for row in sequence(mapping(section.get("cookieTable")).get("body")) if isinstance(row, dict)]


def _sections(texts: Any) -> list[dict[str, Any]]:
    sections = sequence(mapping(mapping(texts).get("preferencesModal")).get("sections"))
    return [section for section in sections if isinstance(section, dict)]
