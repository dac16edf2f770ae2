"""`temoin verify` against bundles whose sums and signatures are true and whose contents are not."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from temoin.proof.bundle import write_bundle
from temoin.proof.ports import EntryFilter
from tests.aio import run
from tests.proof.forged import Files, failures, insert, move_last, named, packed, set_json, unpacked, verify
from tests.proof.logs import SITE, open_site


@pytest.mark.parametrize(
    ("change", "victim", "words"),
    [
        (lambda f: f.pop("README.txt"), "README.txt", "missing"),
        (lambda f: f.pop("manifest.json"), "manifest.json", "missing"),
        (lambda f: f.pop(named(f, "configs/")), "publications/", "is not in the bundle"),
        (lambda f: f.pop(named(f, "evidence/")), "publications/", "is missing"),
        (lambda f: f.pop(named(f, "proofs/")), "records/1-", "its proof is missing"),
        (lambda f: f.pop(named(f, "records/1-")), "proofs/", "does not stand behind the document"),
        (lambda f: f.pop(named(f, "publications/")), "records/1-", "no publication of its config version"),
        (lambda f: insert(f, "evidence/" + "0" * 64 + ".png", b"x"), "evidence/0", "its SHA-256 is not its name"),
        (
            lambda f: insert(f, f"evidence/{hashlib.sha256(b'x').hexdigest()}.png", b"x"),
            "evidence/2d",
            "no publication",
        ),
        (lambda f: insert(f, "../../etc/passwd", b"x"), "the bundle", "does not belong in a bundle"),
        (lambda f: insert(f, "/etc/passwd", b"x"), "the bundle", "does not belong in a bundle"),
        (lambda f: insert(f, "extra.txt", b"x"), "the bundle", "does not belong in a bundle"),
        (lambda f: move_last(f, "records/1-"), "records/1-", "out of order"),
        (lambda f: set_json(f, "manifest.json", size=99), "manifest.json", "another size"),
        (lambda f: set_json(f, "manifest.json", origin="x"), "manifest.json", "not one of this log"),
        (lambda f: set_json(f, "manifest.json", created_at="2999-01-01T00:00:00.000Z"), "manifest.json", "future"),
        (
            lambda f: set_json(f, "manifest.json", created_at="2020-01-01T00:00:00.000Z"),
            "records/1-",
            "after the bundle",
        ),
        (lambda f: set_json(f, "manifest.json", more=1), "manifest.json", "other fields"),
        (lambda f: f.update({"manifest.json": b"[" * 100_000}), "manifest.json", "not JSON"),
        (lambda f: f.update({"manifest.json": b'{"a":1,"a":1}'}), "manifest.json", "twice"),
        (lambda f: f.update({"checkpoint": b"\xff"}), "checkpoint", "utf-8"),
        (lambda f: f.update({"key.vkey": b"x+y+z\n"}), "key.vkey", "not base64"),
        (lambda f: set_json(f, "records/1-", site="voisin"), "records/1-", "of the site 'voisin'"),
        (lambda f: set_json(f, "records/1-", expires_at="2999-01-01T00:00:00.000Z"), "records/1-", "it expires 2999"),
        (
            lambda f: set_json(f, "records/1-", recorded_at="2999-01-01T00:00:00.000Z"),
            "records/1-",
            "after the bundle",
        ),
        (lambda f: set_json(f, "records/1-", recorded_at="yesterday"), "records/1-", "not a UTC time"),
        (lambda f: set_json(f, "records/1-", event="refused"), "records/1-", "choices say otherwise"),
        (lambda f: set_json(f, "records/1-", event=[]), "records/1-", "is no event"),
        (lambda f: set_json(f, "records/1-", choices={"audience": True}), "records/1-", "not about the purposes"),
        (lambda f: set_json(f, "records/1-", choices=7), "records/1-", "not yes or no"),
        (lambda f: set_json(f, "records/1-", config="0" * 16), "records/1-", "is not in the bundle"),
        (lambda f: set_json(f, "records/1-", config=None), "records/1-", "is not in the bundle"),
        (lambda f: set_json(f, "records/1-", language="de"), "records/1-", "no language 'de'"),
        (lambda f: set_json(f, "records/1-", page="https://a/?q"), "records/1-", "without query"),
        (lambda f: set_json(f, "records/1-", salt="short"), "records/1-", "salt"),
        (lambda f: set_json(f, "records/1-", schema="temoin.consent/2"), "records/1-", "its schema is"),
        (lambda f: set_json(f, "records/1-", ip="127.0.0.1"), "records/1-", "ip"),
        (lambda f: set_json(f, "records/1-", id="x"), "records/1-", "its id is not the one"),
        (lambda f: set_json(f, "records/1-", previous="x"), "records/1-", "it names x as the record before"),
        (lambda f: f.update({named(f, "records/1-"): b"\xff"}), "records/1-", "not JSON"),
        (lambda f: f.update({named(f, "records/1-"): b"[1]"}), "records/1-", "not a JSON object"),
        (lambda f: f.update({named(f, "records/1-"): b'{"a": 1}'}), "records/1-", "canonical"),
        (lambda f: f.update({named(f, "records/1-"): b'{"a":1.5}'}), "records/1-", "no place"),
        (lambda f: f.update({named(f, "proofs/"): b""}), "records/1-", "not a proof of entry 1"),
        (lambda f: set_json(f, "configs/", site="voisin"), "configs/", "does not begin with its name"),
        (lambda f: set_json(f, "publications/", evidence=[]), "publications/", "evidence"),
        (lambda f: set_json(f, "publications/", evidence=7), "publications/", "shape"),
        (lambda f: set_json(f, "publications/", config_sha256="0" * 64), "publications/", "as it was"),
    ],
)
def test_what_even_the_keys_holder_cannot_forge(
    bundle: bytes, change: Callable[[Files], object], victim: str, words: str
) -> None:
    files = unpacked(bundle)
    change(files)
    found = failures(verify(packed(files)))
    assert [text for path, text in found.items() if path.startswith(victim) and words in text], found


def test_entries_of_another_log_are_refused(bundle: bytes, tmp_path: Path) -> None:
    async def main() -> None:
        async with open_site(tmp_path / "store") as site:
            frozen = await site.publish()
            await site.decide(frozen)
            await site.seal()
            await write_bundle(site.log, SITE, EntryFilter(), tmp_path / "other", site.clock.now())

    run(main())
    foreign, files = unpacked((tmp_path / "other").read_bytes()), unpacked(bundle)
    mine, theirs = named(files, "records/1-"), named(foreign, "records/1-")
    mixed: Files = {}
    for name, data in files.items():
        if name == mine:
            mixed[theirs] = foreign[theirs]
        elif name == f"proofs/{mine[10:-5]}.tlog-proof":
            mixed[f"proofs/{theirs[10:-5]}.tlog-proof"] = foreign[f"proofs/{theirs[10:-5]}.tlog-proof"]
        else:
            mixed[name] = data
    assert "leads to another checkpoint" in failures(verify(packed(mixed)))[theirs]


def test_a_record_that_stands_twice_is_refused(bundle: bytes) -> None:
    files = unpacked(bundle)
    record = named(files, "records/1-")
    twice: Files = {}
    for name, data in files.items():
        twice[name] = data
        if name.startswith("proofs/" + record[10:-5]):
            twice[record.replace("/1-", "/2-")] = files[record]
    assert not verify(packed(twice)).ok
