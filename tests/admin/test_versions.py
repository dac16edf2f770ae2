"""What differs between two versions, who is asked again, and an earlier version taken back."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from playwright.sync_api import Page, expect

from temoin.admin.versions import unfrozen
from temoin.banner.version import freeze, load
from temoin.site import SiteConfig
from tests.browser.axe import violations
from tests.made import site_config
from tests.service_process import Service
from tests.web import get


def _diff(service: Service, *versions: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(service.must("--json", "site", "diff", "boutique", *versions))
    return found


def _changes(service: Service, *versions: str) -> set[tuple[str, str]]:
    return {(change["path"], change["kind"]) for change in _diff(service, *versions)["changes"]}


def test_a_corrected_wording_is_told_and_asks_nobody_again(own_service: Service) -> None:
    service = own_service
    service.publish(site_config())
    service.put(site_config(banner={"texts": {"fr": {"banner.title": "Vos choix"}}}))
    found = _diff(service)
    assert [(change["path"], change["after"]) for change in found["changes"]] == [
        ("$.banner.texts.fr['banner.title']", "Vos choix")
    ]
    assert found["asked_again"] == []
    text = service.must("site", "diff", "boutique")
    assert '→ "Vos choix"' in text
    assert "Visitors who have chosen are not asked again." in text


def test_a_new_tracker_asks_again_about_its_purpose_alone_and_a_new_purpose_about_itself(own_service: Service) -> None:
    service = own_service
    config = site_config()
    service.publish(config)
    changed = copy.deepcopy(config)
    changed["trackers"].insert(0, changed["trackers"][1] | {"id": "second", "name": "Second"})
    changed["purposes"].insert(1, {"id": "video"})
    service.put(changed)
    assert _changes(service) == {("$.trackers[second]", "added"), ("$.purposes[video]", "added")}
    assert _diff(service)["asked_again"] == ["video", "ads"]


def test_entries_are_followed_by_name_through_moves_changes_and_removals(own_service: Service) -> None:
    service = own_service
    config = site_config()
    first = service.publish(config)
    changed = copy.deepcopy(config)
    changed["purposes"] = [config["purposes"][1], config["purposes"][0], config["purposes"][2]]
    changed["trackers"][0]["recipients"] = ["Elsewhere SA"]
    changed["trackers"][1]["cookies"] = []
    changed["languages"] = ["fr"]
    changed["controller"]["policy_url"] = {"fr": "https://shop.test/confidentialite"}
    second = service.publish(changed)
    found = _changes(service, first, second)
    assert ("$.purposes", "changed") in found
    assert ("$.trackers[stats].recipients", "added") in found
    assert ("$.languages[en]", "removed") in found
    assert not [path for path, _ in found if "pixel].id" in path]
    assert _diff(service, first, second)["asked_again"] == ["audience"]
    assert _changes(service, second, first) != found
    assert _changes(service, second) == set()


def test_versions_that_are_not_there_are_said(own_service: Service) -> None:
    service = own_service
    service.put(site_config())
    for arguments in (("diff", "boutique"), ("diff", "nowhere"), ("versions", "nowhere")):
        assert service.run("site", *arguments).returncode == 2, arguments
    assert service.must("site", "versions", "boutique") == "boutique has published nothing yet.\n"
    service.publish(site_config())
    for version in ("0" * 16, "../../x", "x" * 500):
        for command in ("diff", "take-back"):
            done = service.run("site", command, "boutique", version)
            assert (done.returncode, "never published" in done.stderr) == (2, True)


def test_an_earlier_version_is_taken_back_and_published_as_itself(own_service: Service) -> None:
    service = own_service.start()
    first = service.publish(site_config())
    second = service.publish(site_config(choice_validity="P6M"))
    taken = json.loads(service.must("--json", "site", "take-back", "boutique", first))
    assert taken["publishes_as"] == first
    assert get(f"{service.url}/v1/sites/boutique/config/{second}").status == 200
    draft = json.loads(service.must("--json", "site", "show", "boutique"))["draft"]
    assert draft["banner"]["texts"] == {}  # defaults stay defaults, not thirty texts of the site's own
    facts = json.loads(service.must("--json", "publish", "boutique", "--without-evidence"))
    assert facts["version"] == first
    listed = json.loads(service.must("--json", "site", "versions", "boutique"))
    assert [each["version"] for each in listed] == [first, second, first]


@given(st.dictionaries(st.sampled_from(["banner.title", "button.close", "saved"]), st.text("abc éß ", min_size=1)))
def test_freezing_what_was_unfrozen_gives_the_same_version(texts: dict[str, str]) -> None:
    config = msgspec.convert(site_config(banner={"texts": {"fr": texts}}), SiteConfig)
    body = freeze(config)
    assert load("boutique", body, datetime.now(UTC)).version
    assert freeze(unfrozen(body)) == body


@pytest.mark.browser
def test_the_admin_shows_what_publishing_changes_and_takes_a_version_back(page: Page, admin: Service) -> None:
    admin.publish(site_config(site="history"))
    admin.publish(site_config(site="history", choice_validity="P6M"))
    admin.put(site_config(site="history", languages=["fr"], choice_validity="P6M"))
    page.goto(f"{admin.url}/admin/sites/history/publish")
    expect(page.get_by_role("heading", name="What publishing changes")).to_be_visible()
    expect(page.locator(".changes")).to_contain_text("languages[en]")
    assert violations(page) == []
    page.get_by_role("link", name="Versions").click()
    expect(page.locator("ol.rows > li")).to_have_count(2)
    page.get_by_role("link", name="Compare with the draft").last.click()
    expect(page.locator(".changes")).to_contain_text("choice_validity")
    assert violations(page) == []
    last = page.locator("ol.rows > li").last
    last.get_by_text("Take back").first.click()
    last.get_by_role("button", name="Make it the draft").click()
    expect(page.get_by_role("status")).to_contain_text("The draft is that version again")
    draft = json.loads(admin.must("--json", "site", "show", "history"))["draft"]
    assert (draft["languages"], draft["choice_validity"]) == (["fr", "en"], "P13M")
