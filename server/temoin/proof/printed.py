"""What every printed document is about: the site's log as it stands, its versions, and one decision in words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec

from temoin.proof.bundle import BundleSource
from temoin.proof.entry import LoggedEntry
from temoin.proof.log import ProofWriter, damaged, published_state
from temoin.proof.note import make_vkey
from temoin.proof.parties import in_language
from temoin.proof.words import Words
from temoin.site import PublishedConfig


@dataclass(frozen=True, slots=True)
class LogFacts:
    """The log that a document refers to: its head, signed, and the key to check it with."""

    site: str
    origin: str
    size: int
    checkpoint: str
    key: str


async def log_facts(source: BundleSource, site: str) -> LogFacts:
    """Raises NotFound for an unknown site, NotReady before its first checkpoint."""
    state, checkpoint = await published_state(source, site)
    keys = await source.log_keys(site)
    if keys is None:
        raise damaged(site, "it has no signing key")
    return LogFacts(site, state.origin, state.sealed, checkpoint, make_vkey(state.origin, keys.present))


async def check_inclusion(source: BundleSource, log: LogFacts, entries: list[LoggedEntry]) -> None:
    """Raises Unavailable (`log_damaged`) unless every entry leads to the root of the log's head."""
    proofs = ProofWriter(source, log.site, log.checkpoint)
    for entry in entries:
        await proofs.text(entry.index)


class Versions:
    """The config versions that records name, decoded once each."""

    def __init__(self, source: BundleSource, site: str) -> None:
        self._source = source
        self._site = site
        self._known: dict[str, PublishedConfig] = {}

    async def load(self, version: str) -> PublishedConfig:
        """Raises Unavailable (`log_damaged`) where a record names what the store does not have."""
        if version not in self._known:
            body = await self._source.config_body(self._site, version)
            if body is None:
                raise damaged(self._site, f"the config version {version} is named by a record and not in the store")
            self._known[version] = msgspec.json.decode(body, type=PublishedConfig)
        return self._known[version]


def choices_in_words(record: dict[str, Any], config: PublishedConfig, language: str) -> list[tuple[str, bool]]:
    """Each purpose's title and whether it was granted, in the order in which the banner showed them."""
    choices: dict[str, bool] = record["choices"]
    titles = titles_of(config, language)
    return [(titles[purpose.id], choices[purpose.id]) for purpose in config.purposes if purpose.id in choices]


def titles_of(config: PublishedConfig, language: str) -> dict[str, str]:
    """The title of each purpose by its id."""
    return {purpose.id: in_language(purpose.title, config, language) or purpose.id for purpose in config.purposes}


def control_in_words(record: dict[str, Any], config: PublishedConfig) -> str:
    """The words that stood on the control, as its visitor read them; its id where it has none of its own."""
    name = record["control"].rpartition("-")[2]
    texts = config.banner.texts.get(record["language"], {})
    return texts.get(f"button.{name}") or record["control"]


def screen_in_words(words: Words, language: str, viewport: str, layer: int) -> dict[str, str]:
    """What a screen is named by, for the texts that speak of one."""
    return {
        "language": words("language", code=language),
        "viewport": words(f"viewport.{viewport}"),
        "layer": words(f"layer.{layer}"),
    }
