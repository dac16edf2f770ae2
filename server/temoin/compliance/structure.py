"""STR: the parts of a configuration agree with one another: ids, languages, origins and the names of texts.

What contradicts itself cannot be shown to a visitor as GDPR Articles 7(2) and 12(1) ask: clear, and the same for all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from temoin.compliance.examples import MINIMAL
from temoin.compliance.rule import Draft, Problem, rule
from temoin.compliance.wording import banner_texts, every_text, fills, purpose_texts
from temoin.document import member

_CLEAR = "GDPR, Article 12(1)"
_FORMAT = "Configuration format (docs/configuration.md)"
_TAG = re.compile(r"<[a-zA-Z/!][^>]*>|&(#\d+|#x[0-9a-fA-F]+|[a-z]+);")
_FILL = re.compile(r"\{([^{}]*)\}")
_PORTS = {"http": 80, "https": 443}


def _repeats(values: Sequence[str]) -> Iterator[tuple[int, str]]:
    seen: set[str] = set()
    for index, value in enumerate(values):
        if value in seen:
            yield index, value
        seen.add(value)


@rule(
    "STR-001",
    "error",
    "GDPR, Article 7(1): a record must say which purpose it is about",
    "Each purpose has an id of its own.",
    breaks={"purposes": [{"id": "audience"}, {"id": "audience"}]},
    keeps={"purposes": [{"id": "audience"}]},
)
def purposes_differ(draft: Draft) -> Iterator[Problem]:
    for index, identifier in _repeats([purpose.id for purpose in draft.config.purposes]):
        yield Problem(
            f"$.purposes[{index}].id", f"The id {identifier!r} is taken by another purpose.", "Choose another id."
        )


@rule(
    "STR-002",
    "error",
    "CNIL Guidelines 2020-091, Article 2: an exact list of trackers",
    "Each tracker has an id of its own, and names each of its purposes once.",
    breaks={"trackers": [*MINIMAL["trackers"], *MINIMAL["trackers"]]},
    keeps={"trackers": [*MINIMAL["trackers"]]},
)
def trackers_differ(draft: Draft) -> Iterator[Problem]:
    for index, identifier in _repeats([item.id for item in draft.config.trackers]):
        yield Problem(
            f"$.trackers[{index}].id", f"The id {identifier!r} is taken by another tracker.", "Choose another id."
        )
    for index, item in enumerate(draft.config.trackers):
        for which, purpose in _repeats(item.purposes):
            yield Problem(
                f"$.trackers[{index}].purposes[{which}]", f"The purpose {purpose!r} stands twice.", "Take one out."
            )


@rule(
    "STR-003",
    "error",
    _FORMAT,
    "The default language is one of the banner's languages.",
    breaks={"default_language": "en"},
    keeps={"default_language": "fr"},
)
def default_language_is_spoken(draft: Draft) -> Iterator[Problem]:
    config = draft.config
    if config.language not in config.languages:
        yield Problem(
            "$.default_language",
            f"The default language {config.language!r} is not among languages.",
            f"Add it to languages, or choose one of: {', '.join(config.languages)}.",
        )


@rule(
    "STR-004",
    "error",
    _FORMAT,
    "Each language and each origin stands once.",
    breaks={"origins": ["https://www.boutique.example", "https://www.boutique.example:443"]},
    keeps={"origins": ["https://www.boutique.example", "https://boutique.example"]},
)
def languages_and_origins_differ(draft: Draft) -> Iterator[Problem]:
    for index, language in _repeats(draft.config.languages):
        yield Problem(f"$.languages[{index}]", f"The language {language!r} stands twice.", "Take one out.")
    for index, origin in _repeats([_written_plainly(origin) for origin in draft.config.origins]):
        yield Problem(f"$.origins[{index}]", f"The origin {origin!r} stands twice.", "Take one out.")


def _written_plainly(origin: str) -> str:
    """As a browser writes it: without the scheme's own port."""
    scheme = origin.partition(":")[0]
    return origin.removesuffix(f":{_PORTS[scheme]}")


@rule(
    "STR-005",
    "error",
    "RFC 6454, section 6.2",
    "Each origin is written as browsers send it, and could exist.",
    breaks={"origins": ["https://www.boutique.example:443"]},
    keeps={"origins": ["https://www.boutique.example:8443"]},
)
def origins_are_as_sent(draft: Draft) -> Iterator[Problem]:
    for index, origin in enumerate(draft.config.origins):
        host, _, port = origin.partition("://")[2].partition(":")
        if origin != _written_plainly(origin):
            yield Problem(
                f"$.origins[{index}]",
                f"No browser sends {origin!r}: it leaves out the usual port.",
                f"Write {_written_plainly(origin)}.",
            )
        elif not 0 < int(port or 443) < 65536 or not all(0 < len(label) < 64 for label in host.split(".")):
            yield Problem(
                f"$.origins[{index}]", f"No page can have the origin {origin!r}.", "Correct its host or port."
            )


@rule(
    "STR-006",
    "warning",
    "GDPR, Article 32(1); CNIL Recommendation 2020-092, Article 4",
    "Pages are served over https, so that nobody on the way reads or forges a choice.",
    breaks={"origins": ["http://www.boutique.example"]},
    keeps={"origins": ["https://www.boutique.example", "http://localhost:8000"]},
)
def origins_are_encrypted(draft: Draft) -> Iterator[Problem]:
    for index, origin in enumerate(draft.config.origins):
        if origin.startswith("http:") and not _is_local(urlsplit(origin).hostname or ""):
            yield Problem(
                f"$.origins[{index}]", f"{origin!r} is not encrypted.", "Serve the site over https and write it so."
            )


def _is_local(host: str) -> bool:
    """A name or an address that stays on the machine, or a name kept for tests (RFC 6761)."""
    return host.startswith("127.") or host.rpartition(".")[2] in ("localhost", "test")


@rule(
    "STR-007",
    "warning",
    _FORMAT,
    "Texts are given for languages that the banner speaks.",
    breaks={"purposes": [{"id": "audience", "title": {"de": "Statistik"}}]},
    keeps={"purposes": [{"id": "audience", "title": {"fr": "Mesure d'audience"}}]},
)
def texts_are_in_the_languages(draft: Draft) -> Iterator[Problem]:
    config = draft.config
    given = [(f"$.banner.texts.{language}", language) for language in config.banner.texts]
    given += [(text.path, text.language) for text in purpose_texts(config)]
    given += [(f"$.controller.policy_url.{language}", language) for language in config.controller.policy_url]
    for index, item in enumerate(config.trackers):
        if isinstance(item.policy_url, dict):
            given += [(f"$.trackers[{index}].policy_url.{language}", language) for language in item.policy_url]
    for path, language in given:
        if language not in config.languages:
            yield Problem(
                path,
                f"{language!r} is not among languages: nobody will see this.",
                f"Add {language!r} to languages, or take this out.",
            )


@rule(
    "STR-008",
    "error",
    _FORMAT,
    "Each text that replaces a default has the name of a text of the banner.",
    breaks={"banner": {"texts": {"fr": {"button.refues": "Tout refuser"}}}},
    keeps={"banner": {"texts": {"fr": {"button.refuse": "Tout refuser"}}}},
)
def texts_are_known(draft: Draft) -> Iterator[Problem]:
    if draft.text_keys is None:
        return
    for language, texts in draft.config.banner.texts.items():
        for key in texts:
            if key not in draft.text_keys:
                yield Problem(
                    member(f"$.banner.texts.{language}", key),
                    f"The banner has no text named {key!r}.",
                    "Take a name from the list of texts in docs/texts.md.",
                )


@rule(
    "STR-009",
    "error",
    _CLEAR,
    "What stands in braces in a text is filled in by the banner.",
    breaks={"banner": {"texts": {"fr": {"banner.title": "Les cookies de {company}"}}}},
    keeps={"banner": {"texts": {"fr": {"banner.intro": "{controller} souhaite lire votre appareil :"}}}},
)
def braces_are_filled(draft: Draft) -> Iterator[Problem]:
    for text in banner_texts(draft.config):
        for name in _FILL.findall(text.written):
            if name not in fills(text.key):
                allowed = ", ".join(f"{{{each}}}" for each in sorted(fills(text.key)))
                yield Problem(
                    text.path,
                    f"{{{name}}} is not filled in here: visitors would read it as it stands.",
                    f"What this text may have in braces: {allowed}.",
                )


@rule(
    "STR-010",
    "warning",
    _CLEAR,
    "Texts are plain: markup would be shown as it stands.",
    breaks={"banner": {"texts": {"fr": {"banner.title": "<b>Vos choix</b>"}}}},
    keeps={"banner": {"texts": {"fr": {"banner.title": "Vos choix"}}}},
)
def texts_are_plain(draft: Draft) -> Iterator[Problem]:
    for text in every_text(draft.config):
        found = _TAG.search(text.written)
        if found:
            yield Problem(text.path, f"{found[0]!r} is shown as it stands, not as markup.", "Write the text alone.")


RULES = (
    purposes_differ,
    trackers_differ,
    default_language_is_spoken,
    languages_and_origins_differ,
    origins_are_as_sent,
    origins_are_encrypted,
    texts_are_in_the_languages,
    texts_are_known,
    braces_are_filled,
    texts_are_plain,
)
