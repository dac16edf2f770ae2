"""What visitors answered, as `temoin insights` tells it after real decisions and banners that were shown.

One service takes everything of this module; what is told of it is read when it has ended.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from temoin.analytics.insights import figures
from tests.analytics.sending import FIREFOX, measured, send
from tests.made import ORIGIN, decision
from tests.service_process import Service

ALL, NOTHING, PART = (
    {"audience": True, "ads": True},
    {"audience": False, "ads": False},
    {"audience": True, "ads": False},
)


@dataclass(frozen=True)
class Ended:
    """A service that has ended, and the two versions that it published."""

    service: Service
    first: str
    second: str

    def told(self, *options: str) -> Any:
        return json.loads(self.service.must("--json", "insights", "boutique", *options))


def banner(version: str, *, entry: bool, language: str = "fr", viewport: str = "mobile") -> dict[str, Any]:
    return {
        "type": "shown",
        "page": "/",
        "entry": entry,
        "referrer": "lwn.net" if entry else "shop.test",
        "config": version,
        "language": language,
        "viewport": viewport,
    }


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ended]:
    service = Service(tmp_path_factory.mktemp("insights") / "data")
    first = service.publish(measured())
    service.start()
    for entry in (True, True, True, True, True, False):
        assert send(service, banner(first, entry=entry)).status == 204
    send(service, banner(first, entry=True) | {"referrer": "shop.test"})  # went on from the site itself
    send(service, banner(first, entry=True), User_Agent=FIREFOX.replace("Firefox", "HeadlessChrome"))
    _answers(service, first)
    second = service.publish(measured() | {"choice_validity": "P6M"})
    decided(service, second, "refuse_all", NOTHING, layer=1, control="banner-refuse", language="en")
    service.stop()
    yield Ended(service, first, second)
    service.kill()


def _answers(service: Service, version: str) -> None:
    once = decision(version, action="accept_all", choices=ALL, layer=1, control="banner-accept", viewport="mobile")
    assert [service.post("boutique", once, origin=ORIGIN).status for _ in range(2)] == [201, 200]
    subject = decided(service, version, "save", PART)
    decided(service, version, "save", NOTHING, subject=subject)  # by the floating button: nobody asked
    decided(service, version, "withdraw", NOTHING, subject=subject, layer=1, control="control-withdraw")
    decided(service, version, "save", ALL, layer=1, control="api")
    assert service.post("boutique", decision("0" * 16), origin=ORIGIN).status == 422


def decided(service: Service, version: str, action: str, choices: dict[str, bool], **more: Any) -> str:
    body = decision(version, action=action, choices=choices, **more)
    assert service.post("boutique", body, origin=ORIGIN).status == 201
    return str(body["subject"])


def test_answers_are_told_apart_from_changes_of_mind_and_repeats(ended: Ended) -> None:
    totals = ended.told()["totals"]
    assert {name: totals[name] for name in ("accepted", "refused", "partial")} == {
        "accepted": 2,
        "refused": 1,
        "partial": 1,
    }
    assert (totals["changed"], totals["withdrawn"]) == (1, 1)


def test_visits_that_were_asked_and_gave_no_answer_are_told(ended: Ended) -> None:
    totals = ended.told("--version", ended.first)["totals"]
    assert (totals["shown"], totals["asked"], totals["no_choice"]) == (7, 5, 2)
    percentages = [totals[f"{name}_percent"] for name in ("accepted", "refused", "partial", "no_choice")]
    assert percentages == [40.0, 0.0, 20.0, 40.0]


def test_each_purpose_has_its_own_share_of_those_who_answered(ended: Ended) -> None:
    assert ended.told("--version", ended.first)["purposes"] == [
        {"value": "audience", "granted": 3, "refused": 0, "granted_percent": 100.0},
        {"value": "ads", "granted": 2, "refused": 1, "granted_percent": 66.7},
    ]


def test_two_versions_are_compared_in_the_same_days(ended: Ended) -> None:
    told = ended.told("--version", ended.first, "--against-version", ended.second)
    other = told["against"]
    assert (told["from"], told["to"]) == (other["from"], other["to"])
    assert (other["totals"]["refused"], other["totals"]["refused_percent"]) == (1, 100.0)
    assert other["totals"]["no_choice"] is None, "no banner of that version was counted"
    assert told["versions"] == sorted([ended.first, ended.second])


def test_two_periods_are_compared_by_default_with_the_days_before(ended: Ended) -> None:
    today = datetime.now(UTC).date()
    told = ended.told("--from", str(today - timedelta(days=6)))
    assert (told["against"]["from"], told["against"]["to"]) == (
        str(today - timedelta(days=13)),
        str(today - timedelta(days=7)),
    )
    assert told["against"]["totals"]["accepted"] == 0
    assert len(told["days"]) == 7


def test_what_visitors_are_is_rounded_to_tens(ended: Ended) -> None:
    cuts = ended.told()["cuts"]
    assert {row["value"]: row["accepted"] + row["refused"] for row in cuts["language"]} == {"fr": 10, "en": 10}
    assert {row["value"]: row["accepted"] for row in cuts["device"]} == {"desktop": 10, "mobile": 10}
    assert {row["value"]: row["refused"] for row in cuts["version"]} == {ended.first: 0, ended.second: 1}


def test_the_table_for_spreadsheets_holds_both_sides(ended: Ended) -> None:
    text = ended.service.must("insights", "boutique", "--format", "csv", "--version", ended.first)
    rows = list(csv.DictReader(io.StringIO(text)))
    [total] = [row for row in rows if row["side"] == "chosen" and row["table"] == "total"]
    assert (total["version"], total["asked"], total["accepted"], total["no_choice"]) == (ended.first, "5", "2", "2")
    assert {row["table"] for row in rows} >= {"total", "day", "purpose", "language", "device", "version"}
    assert sum(row["side"] == "against" and row["table"] == "day" for row in rows) == 30


def test_nothing_of_a_visitor_is_in_what_is_kept(ended: Ended) -> None:
    kept = (ended.service.data / "temoin.sqlite3").read_bytes()
    assert b"banner-accept" in kept, "the records are in this file, in the log"
    text = json.dumps(ended.told())
    assert not any(word in text for word in ("subject", "lwn.net", "Firefox", ORIGIN))


def test_a_version_or_day_that_is_none_is_refused(ended: Ended) -> None:
    assert ended.service.run("insights", "boutique", "--from", "yesterday").returncode == 2
    assert ended.service.run("insights", "boutique", "--out", "x.csv").returncode == 2
    assert ended.service.run("insights", "nobody").returncode == 2
    assert ended.told("--version", "0" * 16)["totals"]["accepted"] == 0


def test_more_answers_than_visits_counted_leave_nobody_without_a_choice() -> None:
    # Browsers that object to measurement answer, and were not counted when they were asked.
    told = figures({"shown": 2, "asked": 2, "accepted": 3, "refused": 1})
    assert (told["no_choice"], told["accepted_percent"], told["refused_percent"]) == (0, 75.0, 25.0)
