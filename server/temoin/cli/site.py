"""`temoin site …`, `temoin lint`, `temoin publish`."""

from __future__ import annotations

import asyncio
import getpass
import secrets
from collections.abc import Callable, Coroutine
from dataclasses import asdict
from pathlib import Path
from typing import Any, TypeVar

import click
import orjson

from temoin.admin import publish as publishing
from temoin.admin.journal import Journal
from temoin.admin.overrides import Overrides
from temoin.admin.schedule import Plan, Schedule
from temoin.banner.texts import text_keys
from temoin.catalog import Compressed, compress
from temoin.cli.context import Context
from temoin.clock import SystemClock, parse_rfc3339
from temoin.compliance import output
from temoin.compliance.engine import Finding, lint
from temoin.compliance.french import in_language
from temoin.errors import Malformed, NotFound
from temoin.proof.note import make_vkey
from temoin.proof.staged import staged
from temoin.settings import Settings
from temoin.site import SiteConfig, parse_site, site_bytes
from temoin.storage.ports import Store

T = TypeVar("T")


@click.group()
def site() -> None:
    """Create, list and show sites."""


@site.command("put")
@click.argument("file", type=click.Path(path_type=Path))
@click.pass_obj
def put(context: Context, file: Path) -> None:
    """Create or replace a site's draft from a JSON or TOML FILE."""
    config = read_draft(file)

    async def work(store: Store) -> tuple[bool, str, bool]:
        settings = await effective(context.settings, store)
        wanted = publishing.log_origin(settings.service_url, config.site)
        created = await store.sites.put_site(config.site, site_bytes(config), wanted, secrets.token_bytes(32))
        row, _ = await publishing.draft_of(store.sites, config.site)
        return created, row.origin, bool(settings.public_url or row.version)

    created, origin, settled = context.with_store(work, create=True)
    text = f"{config.site}: {'created' if created else 'draft replaced'}. Next: temoin publish {config.site}"
    if not settled:
        text += f"\nPublishing names its log {origin} for good. If browsers will know the service by another address,"
        text += " set TEMOIN_PUBLIC_URL before."
    context.print({"site": config.site, "created": created, "log": origin}, text)


@site.command("list")
@click.pass_obj
def list_sites(context: Context) -> None:
    """List the sites."""
    rows = context.with_store(lambda store: store.sites.sites()) if context.has_store() else []
    facts = [{"site": row.id, "version": row.version, "published_at": row.published_at} for row in rows]
    lines = [f"{row.id:<24} {row.version or 'not published':<18} {row.published_at or ''}".rstrip() for row in rows]
    context.print(facts, "\n".join(lines) or f"No sites yet in {context.settings.data}. Next: temoin site put FILE")


@site.command("show")
@click.argument("name", metavar="SITE")
@click.pass_obj
def show(context: Context, name: str) -> None:
    """Print a SITE as JSON: published version, the log's key and the ones before it, draft."""

    async def work(store: Store) -> dict[str, Any]:
        row, _ = await publishing.draft_of(store.sites, name)
        keys = await store.log.log_keys(name)
        return {
            "site": row.id,
            "version": row.version,
            "published_at": row.published_at,
            "log_key": make_vkey(row.origin, row.signing_key),
            "previous_keys": [{"key": key.vkey, "until": key.act} for key in keys.past] if keys else [],
            "draft": orjson.loads(row.draft),
        }

    facts = context.with_store(work)
    click.echo(orjson.dumps(facts, option=orjson.OPT_INDENT_2).decode())


@site.command("files")
@click.argument("name", metavar="SITE")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder to write below; made if missing.")
@click.pass_obj
def files(context: Context, name: str, out: Path) -> None:
    """Write what visitors load of a published SITE as files, plain, brotli and gzip, for a web server or a CDN."""
    row = context.with_store(lambda store: store.sites.published(name))
    if row is None:
        raise NotFound("unknown_site", f"{name} is not a published site.", f"Run: temoin publish {name}")
    # The script last: it names the language files, which must be there before it.
    served = [*((f"{name}/{file}", data) for file, data in row.files.items()), (f"{name}.js", row.script)]
    for path, data in served:
        _write_served(out / "s" / path, compress(data))
    context.print(
        {"site": name, "files": [f"s/{path}" for path, _ in served]},
        f"{name}: {len(served)} files below {out / 's'}, each also as .br and .gz.",
    )


@click.command("lint")
@click.argument("target", metavar="FILE_OR_SITE")
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "sarif"]), default="text", help="How to print findings."
)
@click.option("--lang", type=click.Choice(["en", "fr"]), default="en", help="Language of the findings.")
@click.option("--rendered", is_flag=True, help="Also measure the banner as a browser draws it; needs Chromium.")
@click.pass_obj
def lint_command(context: Context, target: str, form: str, lang: str, rendered: bool) -> None:
    """Check FILE_OR_SITE against the compliance rules; exit 1 if any finding is an error."""
    file = Path(target)
    if file.is_file() or target.lower().endswith((".json", ".toml")):
        config = read_draft(file)
        findings = lint(config, text_keys())
    else:
        config, findings = context.with_store(lambda store: _linted(store, target))
    if rendered:
        settings = context.settings
        drawing = publishing.lint_screens(config, settings.service_url, settings.chromium, SystemClock().now())
        findings += asyncio.run(drawing)
    findings = in_language(findings, lang)
    click.echo(_printed(findings, config, "json" if context.json and form == "text" else form, target))
    if any(finding.stops for finding in findings):
        raise click.exceptions.Exit(1)


@click.command("publish")
@click.argument("name", metavar="SITE")
@click.option("--without-evidence", is_flag=True, help="Publish without capturing what visitors see; the log says so.")
@click.option("--at", metavar="TIME", help="Later, such as 2026-12-01T09:00:00Z: by the service, checked again then.")
@click.pass_obj
def publish_command(context: Context, name: str, without_evidence: bool, at: str | None) -> None:
    """Lint SITE, freeze a version, capture its evidence, append it to the log."""
    if at is not None:
        _plan(context, name, at, without_evidence)
        return

    async def work(store: Store) -> publishing.Published:
        settings = await effective(context.settings, store)
        return await publishing.publish(
            store.sites,
            name,
            overrides_of(store),
            base=settings.service_url,
            actor=_actor(),
            chromium=None if without_evidence else settings.chromium,
            clock=SystemClock(),
        )

    done = _told(context, work)
    facts = {
        "site": done.site,
        "version": done.version,
        "published_at": done.published_at,
        "log_index": done.index,
        "screens": done.screens,
        "warnings": [asdict(finding) for finding in done.findings],
    }
    warnings = f"\n{output.as_lines(done.findings)}".rstrip()
    context.print(facts, f"{done.site}: version {done.version} published, {done.screens} screens kept.{warnings}")


def _plan(context: Context, name: str, at: str, without_evidence: bool) -> None:
    """Keeps the draft for the service to publish later."""
    try:
        moment = parse_rfc3339(at)
    except ValueError as error:
        raise Malformed(
            "bad_time", f"{at!r} is not a time with an offset.", "Write it as 2026-12-01T09:00:00Z."
        ) from error

    async def work(store: Store) -> Plan:
        return await schedule_of(store).plan(name, moment, _actor(), without_evidence=without_evidence)

    plan = _told(context, work)
    context.print(
        {"site": name, "plan": plan.id, "at": plan.at},
        f"{name}: planned for {plan.at}. A running service publishes it then, if the rules still allow it.",
    )


def _told(context: Context, work: Callable[[Store], Coroutine[Any, Any, T]]) -> T:
    """`work` on the store; what the rules refuse is told before the error."""
    try:
        return context.with_store(work)
    except publishing.Refused as refused:
        click.echo(output.as_lines(refused.findings), err=True, nl=False)
        raise


def _actor() -> str:
    return f"cli:{getpass.getuser()}"


def schedule_of(store: Store) -> Schedule:
    clock = SystemClock()
    return Schedule(store.keyed, store.sites, overrides_of(store), Journal(store.sites, store, clock), clock)


def overrides_of(store: Store) -> Overrides:
    clock = SystemClock()
    return Overrides(store.keyed, Journal(store.sites, store, clock), clock)


async def _linted(store: Store, site: str) -> tuple[SiteConfig, list[Finding]]:
    """A stored draft and what is wrong with it; what somebody answers for is marked."""
    _, config = await publishing.draft_of(store.sites, site)
    return config, await overrides_of(store).applied(site, lint(config, text_keys()))


async def effective(settings: Settings, store: Store) -> Settings:
    """The settings, with the public URL under which the service last ran where none was given."""
    if settings.public_url:
        return settings
    known = await store.sites.service_url()
    return settings.at(known) if known else settings


def _write_served(target: Path, forms: Compressed) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise Malformed(
            "cannot_write", f"{target.parent} cannot be made: {error.strerror}.", "Name a folder that can be written."
        ) from error
    for suffix, data in ((".br", forms.brotli), (".gz", forms.gzip), ("", forms.raw)):
        with staged(target.with_name(target.name + suffix)) as file:
            file.write(data)


def read_draft(file: Path) -> SiteConfig:
    """The draft in a JSON or TOML file; raises NotFound, Malformed."""
    return parse_site(_read(file), str(file))


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise NotFound(
            "no_file", f"{file} cannot be read: {error.strerror}.", "Give the path of a JSON or TOML file."
        ) from error


def _printed(findings: list[Finding], config: SiteConfig, form: str, target: str) -> str:
    if form == "json":
        return output.as_json(findings).rstrip()
    if form == "sarif":
        return output.as_sarif(findings, target).rstrip()
    return output.as_lines(findings).rstrip() or f"{config.site}: no findings."
