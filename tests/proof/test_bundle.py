"""Bundles: what is in them, and that the verifier accepts the true ones."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import subprocess
import zipfile
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from temoin.errors import Malformed, NotFound, NotReady, Unavailable
from temoin.proof.bundle import Counts, write_bundle
from temoin.proof.document import FinishedDraft, erasure
from temoin.proof.ports import EntryFilter
from temoin.proof.verify.bundle import verify_bundle
from temoin.storage.sqlite.store import FILE
from tests.aio import run
from tests.proof.logs import SITE, VKEY, Site, new_subject, open_site

EVERYTHING = EntryFilter()


def on_site(folder: Path, work: Callable[[Site], Awaitable[None]]) -> None:
    async def main() -> None:
        async with open_site(folder / "store") as site:
            await work(site)

    run(main())


async def bundled(site: Site, out: Path, wanted: EntryFilter = EVERYTHING) -> Counts:
    """Seals, writes the bundle and verifies it with the key from elsewhere."""
    await site.seal()
    counts = await write_bundle(site.log, SITE, wanted, out, site.clock.now())
    report = verify_bundle(out, VKEY)
    assert report.ok, report.lines()
    return counts


def test_a_bundle_of_a_whole_log_verifies_and_holds_everything(tmp_path: Path) -> None:
    async def work(site: Site) -> None:
        first = await site.publish()
        subject = new_subject()
        await site.decide(first, subject=subject)
        await site.act()
        second = await site.publish(choice_validity="P6M", evidence=False)
        await site.decide(second, subject=subject, choices={"audience": False, "ads": False}, action="withdraw")
        for _ in range(300):
            await site.decide(second)
        counts = await bundled(site, tmp_path / "p")
        assert counts == Counts(records=302, acts=1, publications=2, configs=2, evidence=17)
        with zipfile.ZipFile(tmp_path / "p") as archive:
            assert archive.testzip() is None
            names = archive.namelist()
            record = json.loads(archive.read(next(name for name in names if name.startswith("records/1-"))))
            assert record["subject"] == subject
            assert {f"configs/{version.version}.json" for version in (first, second)} <= set(names)
            assert archive.read(f"configs/{first.version}.json") == first.body

    on_site(tmp_path, work)


def test_the_same_question_gives_the_same_bytes(tmp_path: Path) -> None:
    async def work(site: Site) -> None:
        await site.decide(await site.publish())
        await site.seal()
        now = site.clock.now()
        for name in ("one", "two.zip"):
            await write_bundle(site.log, SITE, EVERYTHING, tmp_path / name, now)
        assert (tmp_path / "one").read_bytes() == (tmp_path / "two.zip").read_bytes()

    on_site(tmp_path, work)
    assert {path.name for path in tmp_path.iterdir()} == {"one", "two.zip", "store"}


def test_filters_keep_what_was_asked_for_and_the_versions_that_it_names(tmp_path: Path) -> None:
    async def work(site: Site) -> None:
        first = await site.publish()
        subject, now = new_subject(), site.clock.now()
        early = await site.decide(first, subject=subject, at=now - timedelta(days=2))
        second = await site.publish(choice_validity="P6M")
        refusal = {"audience": False, "ads": False}
        await site.decide(second, subject=subject, choices=refusal, action="refuse_all", at=now - timedelta(days=1))
        await site.decide(second, choices=refusal, action="refuse_all")
        await site.act()
        yesterday = f"{now - timedelta(hours=36):%Y-%m-%dT%H:%M:%SZ}"
        asked = {
            "subject": (EntryFilter(subject=subject), 2, 2),
            "since": (EntryFilter(since=yesterday), 2, 1),
            "until": (EntryFilter(until=yesterday), 1, 1),
            "event": (EntryFilter(event="refused"), 1, 1),
            "purpose": (EntryFilter(purpose="ads"), 3, 2),
            "unknown": (EntryFilter(subject=new_subject()), 0, 0),
        }
        for name, (wanted, records, versions) in asked.items():
            counts = await bundled(site, tmp_path / name, wanted)
            assert (name, counts.records, counts.configs, counts.publications, counts.acts) == (
                *(name, records, versions, versions),
                0,
            )
        with zipfile.ZipFile(tmp_path / "until") as archive:
            assert f"proofs/{early.id}.tlog-proof" in archive.namelist()

    on_site(tmp_path, work)


def test_an_erased_record_appears_as_its_commitment_and_the_rest_still_verifies(tmp_path: Path) -> None:
    async def work(site: Site) -> None:
        frozen = await site.publish()
        subject = new_subject()
        gone = [await site.decide(frozen, subject=subject) for _ in range(2)]
        await site.decide(frozen)
        draft = FinishedDraft(SITE, erasure(SITE, [entry.id for entry in gone], "asked for", "test", site.clock.now()))
        await site.store.append(draft)
        with sqlite3.connect(tmp_path / "store" / FILE) as connection:
            connection.execute("UPDATE entry SET body = NULL WHERE subject = ?", (subject,))
        connection.close()
        after = await site.decide(frozen, subject=subject)  # the visitor came back
        counts = await bundled(site, tmp_path / "p")
        assert (counts.records, counts.erased, counts.erasures) == (2, 2, 1)
        with zipfile.ZipFile(tmp_path / "p") as archive:
            assert archive.read(f"erased/{gone[0].index}-{gone[0].id}.txt").decode() == f"{gone[0].commitment.hex()}\n"
            assert f"records/{after.index}-{after.id}.json" in archive.namelist()
        assert (await bundled(site, tmp_path / "s", EntryFilter(subject=subject))).erased == 2

    on_site(tmp_path, work)


def test_what_was_not_sealed_yet_is_not_in_the_bundle(tmp_path: Path) -> None:
    async def work(site: Site) -> None:
        frozen = await site.publish()
        await site.decide(frozen)
        await site.seal()
        await site.decide(frozen)
        assert (await write_bundle(site.log, SITE, EVERYTHING, tmp_path / "p", site.clock.now())).records == 1
        assert verify_bundle(tmp_path / "p").ok

    on_site(tmp_path, work)


def test_the_readmes_commands_verify_the_bundle(tmp_path: Path) -> None:
    async def work(site: Site) -> None:
        await site.decide(await site.publish())
        await bundled(site, tmp_path / "p.zip")

    on_site(tmp_path, work)
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(tmp_path / "p.zip") as archive:
        archive.extractall(folder)
    record = next((folder / "records").iterdir())
    environment = {
        "PATH": f"{Path(__file__).parents[2] / '.venv' / 'bin'}:/usr/bin:/bin",
        "RECORD": str(record),
        "PROOF": f"proofs/{record.stem.partition('-')[2]}.tlog-proof",
    }
    lines = [line[4:] for line in (folder / "README.txt").read_text("utf-8").splitlines() if line.startswith("    ")]
    checks = [
        "\n".join(line for line in lines if line.startswith("sha256sum --check")),
        "\n".join(line for line in lines if line.startswith(("openssl dgst", "proofbundle verify-proof"))),
    ]

    def run(script: str) -> int:
        command = ["sh", "-e", "-c", script]
        return subprocess.run(command, cwd=folder, env=environment, check=False, capture_output=True).returncode

    assert [run(script) for script in checks] == [0, 0]
    record.write_bytes(record.read_bytes().replace(b'"layer":2', b'"layer":1'))
    assert 0 not in [run(script) for script in checks]


def test_nothing_is_left_behind_where_a_bundle_cannot_be_made(tmp_path: Path) -> None:
    async def work(site: Site) -> None:
        now = site.clock.now()
        with pytest.raises(NotFound):
            await write_bundle(site.log, "elsewhere", EVERYTHING, tmp_path / "p", now)
        with pytest.raises(NotReady):
            await write_bundle(site.log, SITE, EVERYTHING, tmp_path / "p", now)
        frozen = await site.publish()
        await site.decide(frozen)
        await site.seal()
        for wanted in (EntryFilter(since="yesterday"), EntryFilter(until="2026-13-01"), EntryFilter(event="clicked")):
            with pytest.raises(Malformed):
                await write_bundle(site.log, SITE, wanted, tmp_path / "p", now)
        for out in (tmp_path, tmp_path / "missing" / "p"):
            with pytest.raises(Malformed, match="cannot be written"):
                await write_bundle(site.log, SITE, EVERYTHING, out, now)
        with sqlite3.connect(tmp_path / "store" / FILE) as connection:
            connection.execute("DELETE FROM blob")
        connection.close()
        with pytest.raises(Unavailable, match="not in the store"):
            await write_bundle(site.log, SITE, EVERYTHING, tmp_path / "p", now)

    on_site(tmp_path, work)
    assert [path.name for path in tmp_path.iterdir()] == ["store"]


def test_progress_is_told_entry_by_entry(tmp_path: Path) -> None:
    async def work(site: Site) -> None:
        await site.decide(await site.publish())
        await site.seal()
        seen: list[int] = []
        await write_bundle(site.log, SITE, EVERYTHING, tmp_path / "p", site.clock.now(), seen.append)
        assert seen == [1, 2]

    on_site(tmp_path, work)


def test_the_hash_of_the_list_of_hashes_is_what_the_key_signs(tmp_path: Path) -> None:
    async def work(site: Site) -> None:
        await site.decide(await site.publish())
        await bundled(site, tmp_path / "p")
        with zipfile.ZipFile(tmp_path / "p") as archive:
            digest = hashlib.sha256(archive.read("SHA256SUMS")).hexdigest()
            assert f"SHA256SUMS {digest}\n" in archive.read("manifest.note").decode()

    on_site(tmp_path, work)
