"""`temoin access`: the answer to a visitor who asks what is held on them."""

from __future__ import annotations

from pathlib import Path

import click

from temoin.cli.context import TAKES_A_SUBJECT, Context
from temoin.cli.evidence import settled
from temoin.clock import SystemClock
from temoin.proof.access import Told, write_access
from temoin.proof.exports import ACCESS, Exports, Order
from temoin.proof.ports import EntryFilter
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

    async def work(store: Store) -> Told:
        state = await settled(store, name)
        exports = Exports(store.log, store.exports, SystemClock(), context.settings.chromium)
        async with exports.registered(order, state.sealed):
            return await write_access(store.log, name, subject, out, SystemClock().now())

    told = context.with_store(work)
    facts = {"site": name, "out": str(out), "records": told.records, "erased": told.erased}
    context.print(facts, f"{out}: {told.records} records of one subject, {told.erased} erased.")
