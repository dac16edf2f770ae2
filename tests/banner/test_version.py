"""A config version is complete, the same every time, and what the SDK is told follows from it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from temoin.banner import script
from temoin.banner.client import client_config, cookie_domain, registrable_domain
from temoin.banner.version import freeze, load
from temoin.canonical import sha256_hex
from temoin.errors import Invalid, Malformed, Unavailable
from temoin.site import ConfigVersion, SiteConfig, scope_of
from tests.banner.boutique import boutique

BASE = "https://consent.boutique.example"
PUBLISHED = datetime(2026, 11, 22, tzinfo=UTC)


def frozen(config: SiteConfig) -> ConfigVersion:
    return load(config.site, freeze(config), PUBLISHED)


def test_freezing_the_same_draft_gives_the_same_bytes() -> None:
    body = freeze(boutique())
    assert freeze(boutique()) == body
    assert orjson.dumps(orjson.loads(body), option=orjson.OPT_SORT_KEYS) == body


def test_freezing_what_was_frozen_changes_nothing() -> None:
    config = frozen(boutique()).config
    assert freeze(config) == freeze(boutique())


def test_a_version_is_named_by_the_hash_of_its_bytes() -> None:
    version = frozen(boutique())
    assert version.version == sha256_hex(version.body)[:16]
    assert version.published_at == PUBLISHED


def test_a_version_holds_every_text_of_every_language() -> None:
    config = frozen(boutique()).config
    assert config.schema == "temoin.config/1"
    assert config.default_language == "fr"
    assert set(config.banner.texts) == {"fr", "en"}
    assert config.banner.texts["en"]["button.refuse"] == "Refuse all"
    assert "13 mois" in config.banner.texts["fr"]["banner.change"]
    for purpose in config.purposes:
        assert set(purpose.title) == set(purpose.description) == {"fr", "en"}


def test_scopes_follow_who_receives_what_and_not_the_words() -> None:
    config = boutique()
    scopes = frozen(config).config.scopes
    assert scopes == {purpose.id: scope_of(purpose, config.trackers) for purpose in config.purposes}
    reworded = boutique(banner={"texts": {"fr": {"banner.title": "Vos choix"}}})
    assert frozen(reworded).config.scopes == scopes
    assert frozen(reworded).version != frozen(config).version


def test_a_draft_with_a_missing_text_is_not_frozen() -> None:
    with pytest.raises(Invalid, match=r"\$\.purposes\[0\]\.title\.fr") as caught:
        freeze(boutique(purposes=[{"id": "club"}]))
    assert caught.value.code == "incomplete_texts"


@pytest.mark.parametrize("body", [b"{}", b"not json", b""])
def test_bytes_that_are_no_version_are_refused(body: bytes) -> None:
    with pytest.raises(Malformed):
        load("boutique", body, PUBLISHED)


def test_a_version_of_another_site_is_refused() -> None:
    with pytest.raises(Malformed, match="is of 'boutique'"):
        load("other", freeze(boutique()), PUBLISHED)


@pytest.mark.parametrize(
    ("base", "origins", "domain"),
    [
        ("https://consent.boutique.example", ["https://www.boutique.example"], "boutique.example"),
        ("https://consent.boutique.example", ["https://boutique.example"], "boutique.example"),
        ("https://consent.boutique.co.uk", ["https://www.boutique.co.uk"], "boutique.co.uk"),
        ("https://a.co.uk", ["https://b.co.uk"], None),
        ("https://a.github.io", ["https://b.github.io"], None),
        ("https://www.boutique.example", ["https://www.boutique.example"], None),
        ("https://consent.example.org", ["https://www.boutique.example"], None),
        ("https://consent.example.org", ["https://www.boutique.example", "https://shop.example.org"], "example.org"),
        ("http://127.0.0.1:8080", ["http://127.0.0.1:8000"], None),
        ("http://127.0.0.1:8080", ["http://127.0.0.2:8000"], None),
        ("http://localhost:8080", ["http://localhost:8000"], None),
        ("http://[::1]:8080", ["http://localhost:8000"], None),
    ],
)
def test_the_cookies_domain_is_the_one_that_service_and_site_share(
    base: str, origins: list[str], domain: str | None
) -> None:
    assert cookie_domain(boutique(origins=origins), base) == domain


def test_the_sites_own_address_of_the_service_goes_before_its_public_one() -> None:
    own = boutique(origins=["https://www.boutique.example"], service_url="https://consent.boutique.example")
    assert cookie_domain(own, "https://consent.example.org") == "boutique.example"
    assert client_config(frozen(own), "https://consent.example.org", {}, {})["base"] == own.service_url


def test_a_public_suffix_is_nobodys_domain() -> None:
    assert registrable_domain("github.io") is None
    assert registrable_domain("co.uk") is None


def test_the_sdk_is_told_what_to_gate_and_what_to_delete() -> None:
    version = frozen(boutique())
    client = client_config(version, BASE, {"fr": "0" * 16}, {})
    assert client["version"] == version.version
    assert client["domain"] == "boutique.example"
    assert client["validity"] == [13, 0]
    assert client["purposes"][4] == {"id": "cart", "scope": version.config.scopes["cart"], "exempt": 1}
    assert client["trackers"][2] == {
        "id": "posthog",
        "purposes": ["audience", "personalisation"],
        "match": ["*.posthog.com"],
        "cookies": ["ph_*"],
        "storage": ["ph_*"],
    }


def test_third_parties_are_held_by_category_where_a_site_asks_for_it() -> None:
    def known(**changes: Any) -> list[dict[str, Any]]:
        client = client_config(frozen(boutique(**changes)), BASE, {}, {})
        return [tracker for tracker in client["trackers"] if tracker.get("known")]

    assert known() == []
    categories = {"ad": "ads", "video": "video"}
    ads, video = known(third_parties=categories)
    assert (ads["id"], ads["purposes"]) == ("*ad", ["ads"])
    assert "*.doubleclick.net" in ads["match"]
    assert "*.youtube.com" in video["match"]
    _, video = known(third_parties=categories, origins=["https://www.youtube.com"])
    assert "*.youtube.com" not in video["match"], "a site's own host is not held"
    assert "*.ytimg.com" in video["match"]


@pytest.fixture
def built_sdk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that stands for `sdk/dist`, so that these tests need no build."""
    monkeypatch.setattr(script, "folder", lambda _: tmp_path)
    path = tmp_path / "temoin.js"
    path.write_text("start(__TEMOIN_CONFIG__);")
    (tmp_path / "signals").mkdir()
    for name in ("google", "uet", "clarity", "meta", "tiktok", "matomo", "matomo_cookies"):
        (tmp_path / "signals" / f"{name}.js").write_text(f'"{name}"')
    return path


def told(bundle: bytes) -> dict[str, Any]:
    value: dict[str, Any] = orjson.loads(bundle.removeprefix(b"start(").removesuffix(b");"))
    return value


def test_the_script_is_the_sdk_with_the_config_in_it(built_sdk: Path) -> None:
    version = frozen(boutique())
    bundle = script.bundle(version, BASE)
    assert bundle == script.bundle(version, BASE)
    client = told(bundle)
    assert client["language"] == "fr"
    assert set(client["ui"]) == {"css", "tree", "text"}
    digest, data = script.language_file(version, "en")
    assert client["languages"]["en"] == digest == sha256_hex(data)[:16]
    assert set(orjson.loads(data)) == {"tree", "text"}


def test_no_text_can_end_the_script_or_break_its_syntax(built_sdk: Path) -> None:
    title = "</script><!-- \u2028 \u2029 `"
    bundle = script.bundle(frozen(boutique(banner={"texts": {"fr": {"banner.title": title}}})), BASE)
    assert b"<" not in bundle
    assert "\u2028".encode() not in bundle
    assert title.split()[0] in str(told(bundle)["ui"]["tree"])


def test_a_site_is_given_the_signals_that_it_has_switched_on_and_no_other(built_sdk: Path) -> None:
    def given(**signals: Any) -> list[str]:
        names: list[str] = told(script.bundle(frozen(boutique(signals=signals)), BASE))["signals"]
        return names

    assert given() == ["clarity"], "one of its trackers is Clarity's"
    signals = given(google_consent_mode="basic", uet=True, meta=True, tiktok=True, matomo="tracking")
    assert signals == ["google", "uet", "clarity", "meta", "tiktok", "matomo"]
    assert given(matomo="cookies") == ["clarity", "matomo_cookies"]


@pytest.mark.parametrize("source", ["start();", "start(__TEMOIN_CONFIG__, __TEMOIN_CONFIG__)"])
def test_an_sdk_without_its_one_place_for_the_config_is_refused(built_sdk: Path, source: str) -> None:
    built_sdk.write_text(source)
    with pytest.raises(Unavailable, match="instead of once"):
        script.bundle(frozen(boutique()), BASE)


def test_a_missing_sdk_is_said(built_sdk: Path) -> None:
    built_sdk.unlink()
    with pytest.raises(Unavailable, match="has not been built"):
        script.bundle(frozen(boutique()), BASE)
