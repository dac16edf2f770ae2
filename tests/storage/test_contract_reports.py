"""Reports that the service sends: once, whatever store and however many processes; tried again where they fail."""

from __future__ import annotations

import asyncio
import email
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from temoin.admin.ports import Publication
from temoin.analytics.letter import Mail
from temoin.analytics.reporting import Reporter, Target, last_period, parse_targets
from temoin.clock import SystemClock
from temoin.errors import Malformed
from temoin.proof.outside import Outside
from temoin.storage.ports import Store
from tests.service_process import free_port
from tests.storage.note import Note, Work
from tests.storage.test_contract_audience import fold_of

BASE = "https://consent.test"


class Ahead(SystemClock):
    """A store lets values expire by the real time, so this clock begins there: on the Monday that comes."""

    def __init__(self) -> None:
        today = datetime.now(UTC).replace(hour=9)
        self._now = today + timedelta(days=7 - today.weekday())
        self.week = last_period(self._now.date(), "week")

    def now(self) -> datetime:
        return self._now

    def pass_(self, **time: float) -> None:
        self._now += timedelta(**time)

    @property
    def hour(self) -> int:
        """An hour of the week that is over, as aggregates name it."""
        return self.week.days[0] * 100 + 9


@dataclass
class Hook:
    """A server that takes reports; it refuses the first `refuses` of them."""

    refuses: int = 0
    taken: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    address: str = ""


@contextmanager
def hook(refuses: int = 0) -> Iterator[Hook]:
    found = Hook(refuses)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            found.refuses -= 1
            if found.refuses < 0:
                found.taken.append((self.headers["Idempotency-Key"], body))
            self.send_response(500 if found.refuses >= 0 else 204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    found.address = f"http://127.0.0.1:{server.server_port}/report"
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()


class Letters:
    """What a mail server hands to its postman."""

    def __init__(self) -> None:
        self.taken: list[tuple[list[str], EmailMessage]] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        message = email.message_from_bytes(envelope.content, policy=default)
        self.taken.append((envelope.rcpt_tos, message))
        return "250 OK"


def reporter(store: Store, clock: Ahead, address: str, smtp: str = "") -> Reporter:
    """One process's."""
    mail = Mail(smtp, "temoin@consent.test" if smtp else "", BASE)
    return Reporter([Target("*", address)], "week", mail, store.erasure, store.audience, store.keyed, Outside(), clock)


async def visited(store: Store, clock: Ahead) -> None:
    note = Note("published", subject=None)
    await store.sites.publish(Publication("boutique", "v1", b"{}", "2026", note, "cd", {}, {"cd": b""}))
    await store.audience.add_audience({"boutique": fold_of("/", "/a", hour=clock.hour, visitors=range(3))})


def test_a_webhook_gets_a_weeks_report_once_from_many_processes(on_store: Callable[[Work], None]) -> None:
    async def work(store: Store) -> None:
        clock = Ahead()
        await visited(store, clock)
        with hook() as there:
            processes = [reporter(store, clock, there.address) for _ in range(6)]
            await asyncio.gather(*(process.run_once() for process in processes))
            clock.pass_(hours=5)
            await asyncio.gather(*(process.run_once() for process in processes))
            ((key, made),) = there.taken
            week = clock.week.as_dict()
            assert key.startswith(f"boutique {week['from']} {week['to']} ")
            assert (made["from"], made["totals"]["exempt"]["views"]) == (week["from"], 2)
            assert {row["value"] for row in made["cuts"]["page"]} == {"/", "/a"}
            clock.pass_(days=7)  # nothing was viewed in the next week, but something before it
            await processes[0].run_once()
            clock.pass_(days=7)
            await processes[0].run_once()
            after = clock.week.until + timedelta(days=1)
            assert [made["from"] for _, made in there.taken] == [week["from"], after.isoformat()]

    on_store(work)


def test_what_is_refused_is_tried_again_after_ten_minutes_and_given_up_after_two_days(
    on_store: Callable[[Work], None],
) -> None:
    async def work(store: Store) -> None:
        clock = Ahead()
        await visited(store, clock)
        with hook(refuses=2) as there:
            process = reporter(store, clock, there.address)
            for minutes in (0, 9, 1, 9):
                clock.pass_(minutes=minutes)
                await process.run_once()
            assert (there.refuses, there.taken) == (0, [])
            clock.pass_(minutes=1)
            await process.run_once()
            assert len(there.taken) == 1
        with hook(refuses=1) as there:
            process = reporter(store, clock, there.address)
            await process.run_once()
            clock.pass_(days=2)
            await process.run_once()
            assert (there.refuses, there.taken) == (0, [])

    on_store(work)


def test_a_letter_tells_the_totals_and_where_the_rest_is(on_store: Callable[[Work], None]) -> None:
    async def work(store: Store) -> None:
        clock = Ahead()
        await visited(store, clock)
        letters = Letters()
        controller = Controller(letters, hostname="127.0.0.1", port=free_port())
        controller.start()
        try:
            smtp = f"smtp://127.0.0.1:{controller.port}"
            processes = [reporter(store, clock, "mailto:team@shop.test", smtp) for _ in range(3)]
            await asyncio.gather(*(process.run_once() for process in processes))
        finally:
            controller.stop()
        ((to, message),) = letters.taken
        assert (to, message["To"], message["From"]) == (["team@shop.test"], "team@shop.test", "temoin@consent.test")
        week = clock.week.as_dict()
        assert message["Subject"] == f"boutique: {week['from']} – {week['to']}"
        text = message.get_content()
        assert "Most visitors in a day: 3 on " + week["from"] in text
        assert f"{BASE}/admin/sites/boutique/audience" in text
        assert "do not add up" in text

    on_store(work)


@pytest.mark.parametrize("wrong", ["boutique", "=https://a.test/", "x=ftp://a.test", "x=mailto:nobody", "a b=c"])
def test_a_setting_that_names_no_target_stops_the_start(wrong: str) -> None:
    with pytest.raises(Malformed, match="TEMOIN_REPORTS"):
        parse_targets(wrong)
    with pytest.raises(Malformed, match="TEMOIN_SMTP"):
        Mail("imap://a.test", "a@b.test", BASE)


def test_weeks_begin_on_monday_and_months_on_the_first() -> None:
    assert last_period(date(2026, 3, 1), "week").as_dict() == {"from": "2026-02-16", "to": "2026-02-22"}
    assert last_period(date(2026, 3, 2), "week").as_dict() == {"from": "2026-02-23", "to": "2026-03-01"}
    assert last_period(date(2026, 3, 1), "month").as_dict() == {"from": "2026-02-01", "to": "2026-02-28"}
    assert last_period(date(2026, 1, 31), "month").as_dict() == {"from": "2025-12-01", "to": "2025-12-31"}
