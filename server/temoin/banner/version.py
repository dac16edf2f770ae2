"""Freezing a draft into a config version, and reading one back (CONTRACT sections 1 and 5).

A config version holds every default and every text of every language, so that it shows what visitors were asked even
when a later release ships other words. The same draft and release always give the same bytes.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from temoin.banner.texts import problems, purpose_texts, texts_of
from temoin.errors import Invalid, Malformed
from temoin.site import ConfigVersion, PublishedConfig, Purpose, SiteConfig, scope_of, site_bytes, version_of


def freeze(config: SiteConfig) -> bytes:
    """The canonical bytes of `config` as published; raises Invalid where a text is missing, naming its path."""
    found = list(problems(config))
    if found:
        path, message = found[0]
        others = f" ({len(found) - 1} more)" if len(found) > 1 else ""
        raise Invalid("incomplete_texts", f"{path}: {message}.{others}", "See docs/texts.md for the texts of a banner.")
    fields = {name: getattr(config, name) for name in SiteConfig.__struct_fields__}
    fields["default_language"] = config.language
    fields["banner"] = msgspec.structs.replace(
        config.banner, texts={language: texts_of(config, language) for language in config.languages}
    )
    fields["purposes"] = [_filled(config, purpose) for purpose in config.purposes]
    published = PublishedConfig(
        **fields,
        schema="temoin.config/1",
        scopes={purpose.id: scope_of(purpose, config.trackers) for purpose in config.purposes},
    )
    return site_bytes(published)


def load(site: str, body: bytes, published_at: datetime) -> ConfigVersion:
    """The version that `freeze` made; raises Malformed for bytes that are none, or another site's."""
    try:
        config = msgspec.json.decode(body, type=PublishedConfig)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise Malformed(
            "bad_version", f"{site}: not a config version: {error}.", "Restore it from a backup."
        ) from error
    if config.site != site:
        raise Malformed(
            "bad_version", f"This config version is of {config.site!r}, not of {site!r}.", "Check the store."
        )
    return ConfigVersion(site=site, version=version_of(body), body=body, config=config, published_at=published_at)


def _filled(config: SiteConfig, purpose: Purpose) -> Purpose:
    texts = {language: purpose_texts(config, purpose, language) for language in config.languages}
    return msgspec.structs.replace(
        purpose,
        title={language: title for language, (title, _) in texts.items()},
        description={language: description for language, (_, description) in texts.items()},
    )
