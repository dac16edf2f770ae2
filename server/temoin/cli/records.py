"""`temoin erase`, `temoin retain` and `temoin archive`: destroying and moving records; the log stays verifiable."""

from __future__ import annotations

import getpass
from collections.abc import Awaitable, Callable, Iterable, Mapping

import click

from temoin.admin.erasing import drop_requests
from temoin.cli.context import TAKES_A_SUBJECT, Context
from temoin.clock import SystemClock, parse_period
from temoin.errors import Malformed, NotFound
from temoin.proof.archiving import archive
from temoin.proof.erasure import Erased, erase_everywhere
from temoin.proof.exports import Exports, Reached
from temoin.proof.retention import retain
from temoin.storage.ports import Store


@click.command("erase", context_settings=TAKES_A_SUBJECT)
@click.argument("name", metavar="SITE")
@click.argument("subject", metavar="SUBJECT")
@click.option("--reason", required=True, help="Why; kept in the log for good, so it must name nobody.")
@click.pass_obj
def erase_command(context: Context, name: str, subject: str, reason: str) -> None:
    """Destroy SUBJECT's records at SITE; the log stays verifiable and says that, when and why."""

    async def work(store: Store) -> tuple[Erased, list[Reached]]:
        clock = SystemClock()
        exports = Exports(store.log, store.exports, clock, context.settings.chromium)
        await drop_requests(store.keyed, name, subject)
        return await erase_everywhere(store.erasure, exports, name, subject, reason, _actor(), clock)

    done, reached = context.with_store(work)
    facts = {
        "site": name,
        "erased": len(done.ids),
        "ids": list(done.ids),
        "log_index": done.entry.index if done.entry else None,
        "reason": reason.strip(),
        "traceless": done.traceless,
        "exports": _facts(reached),
    }
    lines = [f"{name}: {_records(len(done.ids))} destroyed. Their commitments stay, and the log still verifies."]
    if done.entry is not None:
        lines.append(f"Entry {done.entry.index} of the log says so: {reason.strip()}")
    if done.traceless:
        lines.append(
            "No trace of the subject is left in the store's files. Backups, and copies of exports, may hold it."
        )
    else:
        lines.append(
            "Bytes of it are still in the store's files, which were busy: repeat this command when it is quiet."
        )
    context.print(facts, "\n".join([*lines, *map(_fate, reached)]))


def _fate(reached: Reached) -> str:
    """What became of an exported file, in words."""
    said = {
        "rewritten": "Exported before, written anew from what is left",
        "removed": "Exported before, removed",
        "missing": "Exported before, no longer there: destroy it wherever it is now",
        "changed": f"Exported before, left as it is ({reached.reason}): destroy it, or what was destroyed here",
        "failed": f"Exported before, left as it is: {reached.reason} Repeat this command, or destroy it",
    }
    return f"{said[reached.fate]}: {reached.path}"


@click.command("retain")
@click.argument("name", metavar="SITE", required=False)
@click.option("--all", "every", is_flag=True, help="Every site.")
@click.pass_obj
def retain_command(context: Context, name: str | None, every: bool) -> None:
    """Destroy SITE's records whose choice has expired and whose proof_retention is over, in exported files too.

    The service does so daily, but for the files.
    """

    reached: dict[str, list[Reached]] = {}

    async def one(store: Store, site: str) -> int:
        clock = SystemClock()
        count = await retain(store.erasure, site, _actor(), clock)
        reached[site] = await Exports(store.log, store.exports, clock, context.settings.chromium).work_off(site)
        return count

    done = context.with_store(lambda store: _each(store, name, every, one))
    _print(context, done, "destroyed", "nothing is due", reached)


@click.command("archive")
@click.argument("name", metavar="SITE", required=False)
@click.option("--all", "every", is_flag=True, help="Every site.")
@click.option("--after", metavar="PERIOD", help="Age to archive at, such as P6M. [default: TEMOIN_ARCHIVE_AFTER]")
@click.pass_obj
def archive_command(context: Context, name: str | None, every: bool, after: str | None) -> None:
    """Move SITE's sealed records that are old enough to the archive. The service does so daily where it is set."""
    text = after or context.settings.archive_after
    try:
        period = parse_period(text)
    except ValueError as error:
        raise Malformed(
            "bad_usage", f"No age to archive at: {error}.", "Give --after, or set TEMOIN_ARCHIVE_AFTER."
        ) from error

    async def one(store: Store, site: str) -> int:
        return await archive(store.archiving, site, period, SystemClock())

    done = context.with_store(lambda store: _each(store, name, every, one))
    _print(context, done, "archived", "nothing is old enough")


async def _each(
    store: Store, name: str | None, every: bool, work: Callable[[Store, str], Awaitable[int]]
) -> dict[str, int]:
    """Does the work for the site named, or for all; how many records, by site."""
    if (name is None) == (not every):
        raise Malformed("bad_usage", "Name a site, or give --all.", "One of the two, not both.")
    if name is not None and await store.sites.site(name) is None:
        raise NotFound("unknown_site", f"There is no site {name!r}.", "'temoin site list' shows the sites.")
    sites = await store.erasure.published_sites() if name is None else [name]
    return {site: await work(store, site) for site in sites}


def _print(
    context: Context, done: dict[str, int], what: str, nothing: str, reached: Mapping[str, list[Reached]] | None = None
) -> None:
    facts: list[dict[str, object]] = [{"site": site, what: count} for site, count in done.items()]
    lines = [f"{site}: {f'{_records(count)} {what}' if count else nothing}." for site, count in done.items()]
    if reached is not None:
        facts = [{**fact, "exports": _facts(files)} for fact, files in zip(facts, reached.values(), strict=True)]
        lines += [_fate(file) for files in reached.values() for file in files]
    context.print(facts, "\n".join(lines) or "No published sites.")


def _facts(reached: Iterable[Reached]) -> list[dict[str, str]]:
    return [{"path": str(each.path), "fate": each.fate, "reason": each.reason} for each in reached]


def _records(count: int) -> str:
    return f"{count} record{'' if count == 1 else 's'}"


def _actor() -> str:
    return f"cli:{getpass.getuser()}"
