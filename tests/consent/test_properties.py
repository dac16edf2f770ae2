"""Decisions that nobody thought of: whatever comes in is either a whole decision or a clear refusal."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from temoin.banner.version import freeze
from temoin.clock import SystemClock, parse_rfc3339
from temoin.consent.decision import check, decode
from temoin.consent.record import ConsentDraft
from temoin.errors import Invalid, Malformed
from temoin.site import PublishedConfig, SiteConfig, version_of
from tests.made import decision, site_config

_BODY = freeze(msgspec.convert(site_config(), SiteConfig))
CONFIG = msgspec.json.decode(_BODY, type=PublishedConfig)
VERSION = version_of(_BODY)
PURPOSES = frozenset(CONFIG.consent_purposes)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=8,
)


def refusal_of(data: bytes) -> str | None:
    """The message with which a body is refused, or None where it is taken."""
    try:
        check(decode(data), CONFIG, PURPOSES)
    except (Malformed, Invalid) as error:
        return error.message
    return None


@given(st.binary(max_size=400))
def test_any_bytes_are_decoded_or_malformed(data: bytes) -> None:
    with pytest.raises(Malformed) as caught:
        decode(data)
    assert caught.value.message
    assert caught.value.hint


@given(st.sampled_from(sorted(decision(VERSION))), JSON)
def test_any_value_in_any_field_is_taken_whole_or_refused_by_name(field: str, value: Any) -> None:
    body = decision(VERSION) | {field: value}
    refusal = refusal_of(json.dumps(body).encode())
    if refusal is not None:
        named = {field, "choices"} if field == "action" else {field}
        assert any(name in refusal for name in named)


@given(st.dictionaries(st.sampled_from(["audience", "ads", "cart", "other"]), st.booleans()))
def test_choices_name_every_consent_purpose_and_no_other(choices: dict[str, bool]) -> None:
    made = decode(json.dumps(decision(VERSION, choices=choices)).encode())
    if choices.keys() == PURPOSES:
        check(made, CONFIG, PURPOSES)
    else:
        with pytest.raises(Invalid, match=r"\$\.choices\."):
            check(made, CONFIG, PURPOSES)


@given(
    st.from_regex(r"\Ahttps?://[a-z0-9.]{1,20}(/[a-z0-9]{0,9}){0,3}\Z"),
    st.text(alphabet=st.characters(codec="ascii", exclude_categories=["Z", "C"]), max_size=40),
)
def test_the_record_never_holds_a_pages_query_or_fragment(page: str, tail: str) -> None:
    for mark in "?#":
        made = decode(json.dumps(decision(VERSION, page=f"{page}{mark}{tail}")).encode())
        entry = ConsentDraft("boutique", made, CONFIG.choice_validity, SystemClock().now()).follow(None)
        assert json.loads(entry.body)["page"] == page


@settings(max_examples=300)
@given(st.datetimes(min_value=datetime(2024, 1, 1), max_value=datetime(2090, 1, 1)))
def test_a_choice_ends_on_the_same_day_thirteen_months_on_or_that_months_last(moment: Any) -> None:
    now = moment.replace(tzinfo=UTC)
    made = decode(json.dumps(decision(VERSION)).encode())
    record = json.loads(ConsentDraft("boutique", made, "P13M", now).follow(None).body)
    end = parse_rfc3339(record["expires_at"])
    months = (end.year - now.year) * 12 + end.month - now.month
    assert months == 13
    last_of_month = (end + timedelta(days=1)).month != end.month
    assert end.day == now.day or (end.day < now.day and last_of_month)


def test_the_record_has_every_field_of_the_contract_and_nothing_of_the_network() -> None:
    made = decode(json.dumps(decision(VERSION)).encode())
    record = json.loads(ConsentDraft("boutique", made, "P13M", SystemClock().now()).follow(None).body)
    assert set(record) == {
        *("schema", "id", "site", "subject", "event", "choices", "config", "language", "layer", "control", "page"),
        *("viewport", "signals", "client_time", "recorded_at", "expires_at", "previous", "salt"),
    }
    assert record["schema"] == "temoin.consent/1"
