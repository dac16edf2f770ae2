"""One record with its proof: what holds is said to hold, and what was changed fails."""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Callable
from contextlib import closing
from pathlib import Path

import pytest

from temoin.errors import NotFound
from temoin.proof.inspection import Inspected, inspect
from temoin.storage.sqlite.store import FILE
from tests.aio import run
from tests.made import uuid7
from tests.proof.logs import SITE, VKEY, Site, open_site


def on_site(folder: Path, work: Callable[[Site], Awaitable[None]]) -> None:
    async def main() -> None:
        async with open_site(folder / "store") as site:
            await work(site)

    run(main())


def verdicts(found: Inspected) -> dict[str, bool | None]:
    return {check.name: check.ok for check in found.checks}


def change(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(folder / "store" / FILE)) as connection, connection:
        assert connection.execute(statement).rowcount > 0


def test_a_whole_record_passes_every_check_and_names_its_version_and_key(tmp_path: Path) -> None:
    async def work(site: Site) -> None:
        frozen = await site.publish()
        entry = await site.decide(frozen)
        await site.publish(choice_validity="P3M")
        await site.seal()
        found = await inspect(site.log, SITE, entry.id)
        assert set(verdicts(found).values()) == {True}
        assert (found.vkey, found.entry, found.size) == (VKEY, entry, 3)
        assert found.publication is not None
        assert found.publication["config"] == frozen.version == found.record["config"]

    on_site(tmp_path, work)


def test_a_record_that_is_not_sealed_yet_says_so_and_has_not_failed(tmp_path: Path) -> None:
    async def work(site: Site) -> None:
        frozen = await site.publish(evidence=False)
        await site.seal()
        entry = await site.decide(frozen)
        found = await inspect(site.log, SITE, entry.id)
        assert (found.proof, found.ok) == (None, True)
        assert verdicts(found) | {"inclusion": None, "screens": None} == verdicts(found)

    on_site(tmp_path, work)


@pytest.mark.parametrize(
    ("statement", "fails"),
    [
        (
            "UPDATE entry SET body = CAST(replace(CAST(body AS TEXT), ':true', ':false') AS BLOB)",
            {"commitment"},
        ),
        ("UPDATE config SET body = CAST(body || ' ' AS BLOB)", {"version"}),
        ("UPDATE blob SET data = CAST(data || 'x' AS BLOB) WHERE CAST(data AS TEXT) LIKE 'png fr%'", {"screens"}),
        ("DELETE FROM blob", {"screens"}),
    ],
)
def test_what_was_changed_in_the_store_fails_its_check(tmp_path: Path, statement: str, fails: set[str]) -> None:
    async def work(site: Site) -> None:
        entry = await site.decide(await site.publish())
        await site.seal()
        change(tmp_path, statement)
        found = await inspect(site.log, SITE, entry.id)
        assert {name for name, ok in verdicts(found).items() if ok is False} == fails
        assert not found.ok

    on_site(tmp_path, work)


def test_what_is_no_record_is_not_found(tmp_path: Path) -> None:
    async def work(site: Site) -> None:
        await site.publish()
        act = await site.act()
        await site.seal()
        for wanted in (act.id, uuid7(), "no-uuid"):
            with pytest.raises(NotFound):
                await inspect(site.log, SITE, wanted)

    on_site(tmp_path, work)
