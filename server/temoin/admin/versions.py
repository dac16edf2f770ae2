"""A site's versions: what was published when and by whom, what differs between two, and an earlier one as draft again.

Two configurations are compared as they would be published, with every default and every text filled in, so what is told
is what a visitor could notice. Who is asked again follows from the scopes of the purposes (`temoin.site.scope_of`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
import orjson

from temoin.admin.ports import SiteRow, SiteStore
from temoin.admin.publish import draft_of
from temoin.banner.texts import purpose_texts, texts_of
from temoin.banner.version import freeze
from temoin.document import member
from temoin.errors import Conflict, Malformed, NotFound, TemoinError
from temoin.proof.bundle import BundleSource
from temoin.proof.ports import EntryReader
from temoin.site import PublishedConfig, Purpose, SiteConfig, site_bytes, version_of

DRAFT = "draft"

# What entries of a list are known by, so that one added in front does not change all after it.
_KEYS = ("id", "name")


@dataclass(frozen=True, slots=True)
class Publication:
    """A publication as its log entry has it. `screens` are its evidence, or `missing` says why there is none."""

    version: str
    recorded_at: str
    actor: str
    index: int
    screens: list[dict[str, Any]]
    missing: str | None


@dataclass(frozen=True, slots=True)
class Change:
    """What differs at one place. `path` is as in findings, but entries are named: `$.trackers[ga4].cookies[_ga]`."""

    path: str
    kind: Literal["added", "removed", "changed"]
    before: Any = None
    after: Any = None

    @property
    def words(self) -> str:
        """In a line: `$.languages: added "de"`."""
        if self.kind == "changed":
            return f"{self.path}: {short(self.before)} → {short(self.after)}"
        return f"{self.path}: {self.kind} {short(self.after if self.kind == 'added' else self.before)}"


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two versions: what changed, and the purposes that visitors who had decided are asked about again."""

    old: str
    new: str
    changes: list[Change]
    asked_again: list[str]


async def publications(log: EntryReader, site: str) -> list[Publication]:
    """All publications of a site that are in its log, newest first."""
    found = await log.publications(site)
    return [_read(entry.index, orjson.loads(entry.body)) for entry in reversed(found) if entry.body is not None]


def _read(index: int, document: dict[str, Any]) -> Publication:
    return Publication(
        document["config"],
        document["recorded_at"],
        document["actor"],
        index,
        document["evidence"],
        document["evidence_missing"],
    )


async def compare(store: SiteStore, log: EntryReader, site: str, old: str, new: str) -> Comparison:
    """What differs from `old` to `new`, each the id of a version or DRAFT; raises NotFound, Invalid for a bad draft."""
    first, second = await _frozen(store, log, site, old), await _frozen(store, log, site, new)
    before, after = orjson.loads(first), orjson.loads(second)
    scopes = before.pop("scopes"), after.pop("scopes")
    asked = [purpose["id"] for purpose in after["purposes"] if purpose["basis"] == "consent"]
    again = [name for name in asked if scopes[0].get(name) != scopes[1][name]]
    return Comparison(version_of(first), version_of(second), list(_differences("$", before, after)), again)


async def _frozen(store: SiteStore, log: EntryReader, site: str, version: str) -> bytes:
    _, config = await draft_of(store, site)
    if version == DRAFT:
        return freeze(config)
    body = await log.config_body(site, version)
    if body is None:
        raise NotFound(
            "unknown_version",
            f"{site} never published a version {version[:40]!r}.",
            f"'temoin site versions {site}' lists them.",
        )
    return body


def _differences(path: str, before: Any, after: Any) -> Iterator[Change]:
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for name in [*before, *(name for name in after if name not in before)]:
            yield from _between(member(path, name), before.get(name), after.get(name))
    elif isinstance(before, list) and isinstance(after, list):
        yield from _between_lists(path, before, after)
    else:
        yield Change(path, "changed", before, after)


def _between(path: str, before: Any, after: Any) -> Iterator[Change]:
    """Empty and absent are one: neither shows anything."""
    if _is_nothing(before) and not _is_nothing(after):
        yield Change(path, "added", after=after)
    elif _is_nothing(after) and not _is_nothing(before):
        yield Change(path, "removed", before=before)
    elif not _is_nothing(before):
        yield from _differences(path, before, after)


def _is_nothing(value: Any) -> bool:
    return value is None or value in ("", [], {})


def _between_lists(path: str, before: list[Any], after: list[Any]) -> Iterator[Change]:
    old, new = {_key(each): each for each in before}, {_key(each): each for each in after}
    for name in [*old, *(name for name in new if name not in old)]:
        yield from _between(f"{path}[{name}]", old.get(name), new.get(name))
    kept = [name for name in old if name in new], [name for name in new if name in old]
    if kept[0] != kept[1]:
        yield Change(path, "changed", kept[0], kept[1])


def _key(entry: Any) -> str:
    if isinstance(entry, dict):
        return next((str(entry[name]) for name in _KEYS if name in entry), orjson.dumps(entry).decode())
    return str(entry)


def short(value: Any) -> str:
    """A value in at most 120 characters: an entry by its name, anything else as JSON."""
    if isinstance(value, dict):
        value = next((value[name] for name in ("name", "id") if name in value), value)
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    text = f'"{text}"' if isinstance(value, str) else text
    return text if len(text) <= 120 else f"{text[:118]}…"


def is_changed(row: SiteRow, config: SiteConfig) -> bool:
    """Whether publishing the draft now would give visitors another configuration than the one they have."""
    try:
        return row.version != version_of(freeze(config))
    except TemoinError:
        return True


async def screen(log: BundleSource, site: str, digest: str) -> bytes:
    """A picture that a publication of this site names, and no other file; raises NotFound."""
    named = {each["png"] for publication in await publications(log, site) for each in publication.screens}
    data = await log.blob(digest) if digest in named else None
    if data is None:
        raise NotFound("unknown_evidence", "There is no such screen.", "Open the publication that names it.")
    return data


async def take_back(store: SiteStore, log: EntryReader, site: str, version: str) -> str:
    """Makes an earlier version the draft, to be published again; the version that it will publish as.

    That is the same one, unless a later release has other default texts. Raises NotFound, and Conflict where the
    draft is changed by somebody else meanwhile.
    """
    row, _ = await draft_of(store, site)
    config = unfrozen(await _frozen(store, log, site, version))
    if not await store.replace_draft(site, site_bytes(config), row.draft):
        raise Conflict("draft_changed", f"The draft of {site} was changed meanwhile.", "Look at it, then repeat.")
    return version_of(freeze(config))


async def in_force(store: SiteStore, log: EntryReader, site: str) -> tuple[SiteConfig, str | None]:
    """What visitors have, as a draft, and its version; the draft itself and None where nothing is published.

    Raises NotFound."""
    row, config = await draft_of(store, site)
    body = await log.config_body(site, row.version) if row.version is not None else None
    return (unfrozen(body), row.version) if body is not None else (config, None)


def unfrozen(body: bytes) -> SiteConfig:
    """The draft behind a version: without the texts that are the defaults anyway. Raises Malformed."""
    try:
        published = msgspec.json.decode(body, type=PublishedConfig)
    except msgspec.MsgspecError as error:
        raise Malformed("bad_version", f"Not a config version: {error}.", "Restore it from a backup.") from error
    fields = {name: getattr(published, name) for name in SiteConfig.__struct_fields__}
    bare = SiteConfig(
        **fields
        | {
            "banner": msgspec.structs.replace(published.banner, texts={}),
            "purposes": [msgspec.structs.replace(purpose, title={}, description={}) for purpose in published.purposes],
        }
    )
    texts = {language: _other(given, texts_of(bare, language)) for language, given in published.banner.texts.items()}
    return msgspec.structs.replace(
        bare,
        banner=msgspec.structs.replace(
            published.banner, texts={language: given for language, given in texts.items() if given}
        ),
        purposes=[_bare(bare, purpose) for purpose in published.purposes],
    )


def _bare(config: SiteConfig, purpose: Purpose) -> Purpose:
    plain = msgspec.structs.replace(purpose, title={}, description={})
    defaults = {language: purpose_texts(config, plain, language) for language in config.languages}
    titles = {language: title for language, (title, _) in defaults.items()}
    descriptions = {language: description for language, (_, description) in defaults.items()}
    return msgspec.structs.replace(
        purpose, title=_other(purpose.title, titles), description=_other(purpose.description, descriptions)
    )


def _other(given: Mapping[str, str], usual: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in given.items() if usual.get(name) != text}
