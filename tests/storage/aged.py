"""Decisions of long ago in the store of a service that does not run."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

from temoin.clock import SystemClock
from temoin.consent.decision import Decision
from temoin.consent.record import ConsentDraft
from temoin.proof.entry import LoggedEntry
from temoin.storage.sqlite.store import SqliteStore
from tests.aio import run
from tests.made import decision


def decide_long_ago(
    data: Path, version: str, count: int, days: int = 365, subject: str | None = None
) -> list[LoggedEntry]:
    """`count` decisions at the site boutique, `days` ago, a minute apart; of new subjects, or all of one."""

    async def main() -> list[LoggedEntry]:
        store = SqliteStore(data, SystemClock())
        began = datetime.now(UTC) - timedelta(days=days)
        drafts = [
            ConsentDraft(
                "boutique",
                msgspec.convert(decision(version, **({"subject": subject} if subject else {})), Decision),
                "P13M",
                began + timedelta(minutes=number),
            )
            for number in range(count)
        ]
        try:
            return [appended.entry for appended in await asyncio.gather(*map(store.append, drafts))]
        finally:
            await store.close()

    return run(main())
