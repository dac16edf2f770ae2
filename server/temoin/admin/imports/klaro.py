"""Klaro: `klaroConfig` with `services` (`apps` before 0.7), texts in `translations`."""

from __future__ import annotations

from typing import Any

from temoin.admin.imports.carry import Carried, in_words, mapping, sequence

_EVERY_LANGUAGE = "zz"  # Klaro's name for a fallback in no language


def carry(config: dict[str, Any]) -> Carried:
    """Services become trackers, their purposes ours."""
    carried = Carried()
    texts = _texts(config.get("translations"))
    carried.speak([language for language in texts if language != _EVERY_LANGUAGE])
    carried.valid_for(config.get("cookieExpiresAfterDays"))
    if config.get("mustConsent") or config.get("noticeAsModal"):
        carried.settings["template"] = "modal"
    for service in sequence(config.get("services", config.get("apps"))):
        if isinstance(service, dict) and in_words(service.get("name")):
            _service(carried, service, texts)
    _notes(carried, config)
    return carried


def _service(carried: Carried, service: dict[str, Any], texts: dict[str, Any]) -> None:
    name = in_words(service.get("title")) or _titled(service) or in_words(service["name"])
    purposes = []
    for purpose in sequence(service.get("purposes")) or ["other"]:
        found = {language: _of(words.get("purposes"), purpose) for language, words in texts.items()}
        titles = {
            language: words if isinstance(words, str) else words.get("title") for language, words in found.items()
        }
        descriptions = {
            language: words.get("description") for language, words in found.items() if isinstance(words, dict)
        }
        purposes.append(carried.purpose(str(purpose), titles, descriptions))
    carried.tracker(name, purposes, sequence(service.get("cookies")))
    if service.get("required"):
        carried.note(
            f"{name}: it ran without being asked for. Here it asks, until a purpose of an exemption is named for it."
        )
    if service.get("default") or service.get("optOut"):
        carried.note(f"{name}: it was on before a choice. Here it is off until it is granted.")
    if any(key.startswith("on") or key == "callback" for key in service):
        carried.note(f"{name}: its functions are left behind; the page hears of choices by the event temoin:change.")


def _notes(carried: Carried, config: dict[str, Any]) -> None:
    if config.get("default"):
        carried.note("Services were switched on before a choice (default: true); here all are off.")
    if config.get("hideDeclineAll") or config.get("acceptAll") is False:
        carried.note("Accepting and refusing are both one click here, and look alike.")
    carried.note(
        "The banner's own sentences, buttons and styling are left behind: the defaults of each language stand."
    )


def _texts(translations: Any) -> dict[str, Any]:
    return {language: words for language, words in mapping(translations).items() if isinstance(words, dict)}


def _titled(service: dict[str, Any]) -> str:
    titles = [in_words(words.get("title")) for words in _texts(service.get("translations")).values()]
    return next((title for title in titles if title), "")


def _of(found: Any, name: Any) -> Any:
    words = mapping(found).get(name) if isinstance(name, str) else None
    return words if isinstance(words, (str, dict)) else {}
