"""`temoin access`: all that is held on a subject, and nothing on anybody else."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import rfc8785

from temoin.errors import NotFound
from temoin.proof.access import subject_access
from tests.aio import run
from tests.made import ORIGIN, decision
from tests.proof.logs import SITE, new_subject, open_site
from tests.service_process import Service


def test_records_proofs_and_receipts_of_one_subject(service: Service, version: str, tmp_path: Path) -> None:
    mine = decision(version, subject="-" + new_subject()[1:])
    again = decision(version, subject=mine["subject"], action="accept_all", choices={"audience": True, "ads": True})
    for body in (mine, decision(version), again):
        assert service.post("boutique", body, origin=ORIGIN).status == 201
    out = tmp_path / "held.json"
    facts = json.loads(service.must("--json", "access", "boutique", "--out", str(out), "--", mine["subject"]))
    assert facts == {"site": "boutique", "out": str(out), "records": 2, "erased": 0}
    held = json.loads(out.read_text("utf-8"))
    assert [each["record"]["id"] for each in held["records"]] == [mine["id"], again["id"]]
    for each in held["records"]:
        assert hashlib.sha256(rfc8785.dumps(each["record"])).hexdigest() == each["commitment"]
        assert each["proof"].startswith("c2sp.org/tlog-proof@v1\n")
        assert held["log"]["checkpoint"] in each["proof"]
        assert each["receipt"]["temoin:commitment"] == each["commitment"]
    assert held["log"]["key"] == json.loads(service.must("site", "show", "boutique"))["log_key"]


def test_an_unknown_subject_or_site_is_bad_input_and_writes_nothing(
    service: Service, version: str, tmp_path: Path
) -> None:
    service.post("boutique", decision(version), origin=ORIGIN)
    for site in ("boutique", "nowhere"):
        done = service.run("access", site, new_subject().replace("-", "x"), "--out", str(tmp_path / "held.json"))
        assert done.returncode == 2
        assert done.stderr.startswith("Error: ")
    assert list(tmp_path.iterdir()) == []


def test_a_record_that_is_not_sealed_yet_is_held_all_the_same(tmp_path: Path) -> None:
    async def main() -> None:
        async with open_site(tmp_path / "store") as site:
            frozen, subject = await site.publish(), new_subject()
            await site.decide(frozen, subject=subject)
            await site.seal()
            await site.decide(frozen, subject=subject)
            held = await subject_access(site.log, SITE, subject, site.clock.now())
            assert held is not None
            assert [each["proof"] is None for each in held["records"]] == [False, True]
            assert await subject_access(site.log, SITE, new_subject(), site.clock.now()) is None

    run(main())


def test_an_unknown_site_is_said_to_be_one(tmp_path: Path) -> None:
    async def main() -> str:
        async with open_site(tmp_path / "store") as site:
            try:
                await subject_access(site.log, "nowhere", new_subject(), site.clock.now())
            except NotFound as error:
                return error.code
            return ""

    assert run(main()) == "unknown_site"
