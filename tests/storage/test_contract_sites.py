"""What every store must do with sites, erasure, values by key and endorsements: one suite, run over each adapter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import pytest
from msgspec.structs import replace

from temoin.admin.ports import Publication, SiteRow
from temoin.catalog import PublishedRow
from temoin.errors import Conflict, NotFound
from temoin.proof.append import Draft
from temoin.proof.document import FinishedDraft, act
from temoin.proof.ports import Endorsement, Seal
from temoin.storage.ports import Store
from tests.storage.note import Note, Work


def test_publishing_is_one_step_and_every_reader_hears_of_it(on_store: Callable[[Work], None]) -> None:
    async def work(store: Store) -> None:
        generation, _ = await store.sites.changes(0)
        assert await store.sites.published("boutique") is None
        note = Note("published", subject=None)
        blobs = {"ab": b"screen", "cd": b"script", "ef": b"words"}
        made = Publication("boutique", "v1", b"{}", "2026-01-01", note, "cd", {"ef.fr.json": "ef"}, blobs)
        entry = await store.sites.publish(made)
        assert (await store.sites.changes(generation))[1] == ["boutique"]
        found = PublishedRow(b"{}", "2026-01-01", b"script", {"ef.fr.json": b"words"})
        assert await store.sites.published("boutique") == found
        assert await store.log.blob("ab") == b"screen"
        assert await store.log.config_body("boutique", "v1") == b"{}"
        assert [each async for each in store.log.entries("boutique", 9)] == [entry]
        row = await store.sites.site("boutique")
        assert row is not None
        assert row.version == "v1"

    on_store(work)


def test_publications_are_found_among_other_entries(on_store: Callable[[Work], None]) -> None:
    async def work(store: Store) -> None:
        made = []
        for number in range(2):
            await store.append(Note(f"before {number}"))
            document = act("boutique", "stands_for_one", "test", {"number": number}, datetime.now(UTC))
            draft = FinishedDraft("boutique", replace(document, kind="publication"))
            publication = Publication("boutique", f"v{number}", b"{}", "2026-01-01", draft, "cd", {}, {"cd": b"script"})
            made.append(await store.sites.publish(publication))
        assert await store.log.publications("boutique") == made
        assert await store.log.publications("nowhere") == []

    on_store(work)


def test_a_publication_that_cannot_be_logged_changes_nothing(on_store: Callable[[Work], None]) -> None:
    async def work(store: Store) -> None:
        taken = await store.append(Note("taken", subject=None))
        clash = Note("clash", subject=None, id=taken.entry.id)
        with pytest.raises(Conflict):
            await store.sites.publish(Publication("boutique", "v1", b"{}", "2026", clash, "ab", {}, {"ab": b"screen"}))
        assert await store.sites.published("boutique") is None
        assert await store.log.blob("ab") is None

    on_store(work)


def test_putting_a_site_again_never_changes_its_key_nor_the_name_of_a_log_that_has_begun(
    on_store: Callable[[Work], None],
) -> None:
    async def work(store: Store) -> None:
        assert not await store.sites.put_site("boutique", b"new", "elsewhere/boutique", b"z" * 32)
        row = await store.sites.site("boutique")
        assert row is not None
        assert (row.draft, row.origin, row.signing_key) == (b"new", "elsewhere/boutique", b"k" * 32)
        await store.append(Note("begun"))
        await store.sites.put_site("boutique", b"newer", "third/boutique", b"z" * 32)
        row = await store.sites.site("boutique")
        assert row is not None
        assert (row.draft, row.origin) == (b"newer", "elsewhere/boutique")

    on_store(work)


def test_a_value_by_key_is_replaced_only_by_who_saw_its_present_revision(on_store: Callable[[Work], None]) -> None:
    async def work(store: Store) -> None:
        keyed = store.keyed
        assert await keyed.get("account", "ada") is None
        assert await keyed.put("account", "ada", b"first", expected=0)
        assert not await keyed.put("account", "ada", b"second", expected=0)
        kept = await keyed.get("account", "ada")
        assert kept is not None
        assert kept.value == b"first"
        assert await keyed.put("account", "ada", b"second", expected=kept.revision)
        assert not await keyed.put("account", "ada", b"third", expected=kept.revision)
        assert await keyed.put("account", "bob", b"without")
        assert [(one.key, one.value) for one in await keyed.list("account")] == [
            ("ada", b"second"),
            ("bob", b"without"),
        ]
        assert await keyed.list("session") == []
        assert await keyed.delete("account", "ada")
        assert not await keyed.delete("account", "ada")

    on_store(work)


def test_a_value_past_its_end_is_as_if_it_had_never_been(on_store: Callable[[Work], None]) -> None:
    async def work(store: Store) -> None:
        keyed = store.keyed
        assert await keyed.put("session", "old", b"", expires_at="2000-01-01T00:00:00.000Z")
        assert await keyed.put("session", "new", b"", expires_at="2999-01-01T00:00:00.000Z")
        assert await keyed.get("session", "old") is None
        assert [one.key for one in await keyed.list("session")] == ["new"]
        assert await keyed.put("session", "old", b"again", expected=0)

    on_store(work)


def test_of_each_source_the_last_endorsement_of_a_day_is_kept(on_store: Callable[[Work], None]) -> None:
    async def work(store: Store) -> None:
        for source, size, day in (("w", 1, "20"), ("w", 2, "20"), ("tsa", 2, "20"), ("w", 3, "21"), ("w", 3, "21")):
            endorsement = Endorsement(source, size, f"note {size}", b"x", f"2026-11-{day}T00:00:00.000Z")
            await store.log.put_endorsement("boutique", endorsement)
        found = [(one.source, one.size, one.checkpoint) for one in await store.log.endorsements("boutique")]
        assert found == [("tsa", 2, "note 2"), ("w", 2, "note 2"), ("w", 3, "note 3")]
        assert await store.log.endorsements("nowhere") == []

    on_store(work)


def test_a_log_is_unendorsed_until_its_present_checkpoint_is(on_store: Callable[[Work], None]) -> None:
    async def work(store: Store) -> None:
        await store.append(Note("a"))
        assert await store.log.unendorsed("w") == []
        fence = await store.log.acquire_seal_lease("a", 60)
        assert fence is not None
        assert await store.log.seal(Seal("boutique", 0, 1, {}, (), "note 1"), fence)
        assert await store.log.unendorsed("w") == ["boutique"]
        await store.log.put_endorsement("boutique", Endorsement("w", 1, "note 1", b"", "2026-11-20T00:00:00.000Z"))
        assert await store.log.unendorsed("w") == []
        assert await store.log.unendorsed("tsa") == ["boutique"]

    on_store(work)


def test_an_erased_subject_leaves_commitments_and_an_account_and_nothing_comes_back(
    on_store: Callable[[Work], None],
) -> None:
    async def work(store: Store) -> None:
        theirs = [Note(text, subject="s" * 22) for text in "ab"]
        other = await store.append(Note("c", subject="t" * 22))
        made = [await store.append(draft) for draft in theirs]
        said: list[list[str]] = []

        def account(ids: Sequence[str]) -> Draft:
            said.append(list(ids))
            return Note("erased", subject=None)

        done = await store.erasure.erase_subject("boutique", "s" * 22, account)
        assert done is not None
        assert done.entry is not None
        assert said == [list(done.ids)] == [[draft.id for draft in theirs]]
        entries = [entry async for entry in store.log.entries("boutique", 9)]
        assert [(entry.index, entry.body is None) for entry in entries] == [
            (0, False),
            (1, True),
            (2, True),
            (3, False),
        ]
        assert [entry.commitment for entry in entries[1:3]] == [appended.entry.commitment for appended in made]
        assert entries[0] == other.entry
        assert entries[3] == done.entry
        assert [entry async for entry in store.log.entries("boutique", 9, "s" * 22)] == []
        for again in (theirs[0], Note("other words", id=theirs[0].id)):
            repeat = await store.append(again)
            assert (repeat.repeated, repeat.entry.body, repeat.entry.index) == (True, None, 1)
        assert (await store.append(Note("new"))).entry.body == b'{"text":"new","previous":""}'
        assert await store.erasure.erase_subject("boutique", "u" * 22, account) is None
        with pytest.raises(NotFound):
            await store.erasure.erase_subject("nowhere", "s" * 22, account)

    on_store(work)


def test_an_erasure_whose_account_cannot_be_logged_changes_nothing(on_store: Callable[[Work], None]) -> None:
    async def work(store: Store) -> None:
        kept = (await store.append(Note("a"))).entry
        with pytest.raises(Conflict):
            await store.erasure.erase_subject("boutique", "s" * 22, lambda _: Note("clash", subject=None, id=kept.id))
        assert [entry async for entry in store.log.entries("boutique", 9)] == [kept]

    on_store(work)


def test_one_upkeep_at_a_time_and_a_clock_that_jumped_back_blocks_nobody(on_store: Callable[[Work], None]) -> None:
    async def work(store: Store) -> None:
        assert await store.erasure.acquire_upkeep_lease("a", 60) is not None
        assert await store.erasure.acquire_upkeep_lease("b", 60) is None
        assert await store.erasure.acquire_upkeep_lease("a", 10 * 86_400) is not None  # as if set by a later clock
        assert await store.erasure.acquire_upkeep_lease("b", 60) is not None

    on_store(work)


def test_a_draft_is_replaced_only_where_it_is_still_the_one_that_was_seen(on_store: Callable[[Work], None]) -> None:
    async def work(store: Store) -> None:
        seen = (await _site(store)).draft
        assert await store.sites.replace_draft("boutique", b"mine", seen)
        assert not await store.sites.replace_draft("boutique", b"theirs", seen)
        assert not await store.sites.replace_draft("nowhere", b"mine", seen)
        assert (await _site(store)).draft == b"mine"

    on_store(work)


async def _site(store: Store) -> SiteRow:
    row = await store.sites.site("boutique")
    assert row is not None
    return row
