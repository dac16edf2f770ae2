"""`temoin access`: the answer to a visitor who asks what is held on them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import orjson

from temoin.cli.context import TAKES_A_SUBJECT, Context
from temoin.cli.evidence import settled
from temoin.clock import SystemClock
from temoin.errors import NotFound
from temoin.proof.access import subject_access
from temoin.proof.exports import ACCESS, Exports, Order
from temoin.proof.ports import EntryFilter
from temoin.proof.staged import staged
from temoin.storage.ports import Store


@click.command("access", context_settings=TAKES_A_SUBJECT)
@click.argument("name", metavar="SITE")
@click.argument("subject")
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="JSON file to write; replaced when complete."
)
@click.pass_obj
def access_command(context: Context, name: str, subject: str, out: Path) -> None:
    """Write all that SITE holds on SUBJECT (GDPR article 15): records, proofs, receipts.

    SUBJECT is the id in the visitor's cookie 'temoin', its third part; one that begins with a hyphen goes after '--'.
    """

    order = Order(name, ACCESS, out.absolute(), EntryFilter(subject=subject))

    async def work(store: Store) -> dict[str, Any]:
        state = await settled(store, name)
        held = await subject_access(store.log, name, subject, SystemClock().now())
        if held is None:
            raise NotFound(
                "unknown_subject", f"{name} holds nothing on the subject {subject!r}.", "Check the id, and the site."
            )
        exports = Exports(store.log, store.exports, SystemClock(), context.settings.chromium)
        async with exports.registered(order, state.sealed):
            with staged(out) as file:
                file.write(orjson.dumps(held, option=orjson.OPT_INDENT_2) + b"\n")
        return held

    held = context.with_store(work)
    facts = {"site": name, "out": str(out), "records": len(held["records"]), "erased": len(held["erased"])}
    context.print(facts, f"{out}: {facts['records']} records of one subject, {facts['erased']} erased.")
