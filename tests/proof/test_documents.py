"""Ids and the log's own documents."""

from __future__ import annotations

import hashlib
import uuid
from datetime import UTC, datetime, timedelta

import orjson
import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from temoin.proof.document import FinishedDraft, Published, Screen, act, erasure, new_salt, publication
from temoin.proof.uuid7 import is_uuid7, uuid7, uuid7_milliseconds

NOW = datetime(2026, 11, 21, 8, 15, 30, 123000, tzinfo=UTC)
PUBLISHED = Published("boutique", "0" * 16, "1" * 64, "2" * 64, (), "no browser", "amélie", [{"rule": "x"}])


@settings(deadline=None)
@given(st.datetimes(datetime(1971, 1, 1), datetime(9999, 1, 1)))
def test_an_id_is_a_uuid_of_version_7_that_tells_its_time(naive: datetime) -> None:
    moment = naive.replace(tzinfo=UTC)
    made = uuid7(moment)
    assert is_uuid7(made)
    assert (uuid.UUID(made).version, uuid.UUID(made).variant) == (7, uuid.RFC_4122)
    assert abs(uuid7_milliseconds(made) - moment.timestamp() * 1000) <= 1


def test_ids_of_later_times_sort_later_and_no_two_are_the_same() -> None:
    assert uuid7(NOW) < uuid7(NOW + timedelta(milliseconds=1))
    assert len({uuid7(NOW) for _ in range(1000)}) == 1000


def test_other_texts_are_no_ids() -> None:
    made = uuid7(NOW)
    assert is_uuid7(made)
    for text in ("", "0" * 36, str(uuid.uuid4()), "F" + made[1:], made + "\n", made.replace("-", "")):
        assert not is_uuid7(text)


def test_documents_are_canonical_and_committed_to_by_their_hash() -> None:
    for entry in (
        publication(PUBLISHED, NOW),
        act("boutique", "draft_replaced", "amélie", {"fields": ["texts"]}, NOW),
        erasure("boutique", [uuid7(NOW)], "asked for by the visitor", "amélie", NOW),
    ):
        document = orjson.loads(entry.body)
        assert rfc8785.dumps(document) == entry.body
        assert entry.commitment == hashlib.sha256(entry.body).digest()
        assert (document["schema"], document["id"]) == (f"temoin.{entry.kind}/1", entry.id)
        assert (document["site"], document["recorded_at"]) == ("boutique", "2026-11-21T08:15:30.123Z")
        assert entry.subject is None


def test_the_same_document_twice_has_two_commitments() -> None:
    assert publication(PUBLISHED, NOW).commitment != publication(PUBLISHED, NOW).commitment
    assert len(new_salt()) == 22


def test_a_publication_has_evidence_or_says_why_not() -> None:
    screen = Screen("fr", "mobile", 1, "3" * 64, "4" * 64)
    for evidence, missing in (((), None), ((screen,), "no browser")):
        with pytest.raises(ValueError, match="reason"):
            publication(Published("s", "0" * 16, "1" * 64, "2" * 64, evidence, missing, "a"), NOW)


def test_a_finished_document_is_a_draft_that_follows_nothing() -> None:
    entry = act("boutique", "noted", "amélie", {}, NOW)
    draft = FinishedDraft("boutique", entry)
    assert (draft.id, draft.subject, draft.follow(None)) == (entry.id, None, entry)
    assert len(draft.digest) == 16
