"""`temoin demo`: the service with a seeded site, a shop with real trackers, and a counter of what those received."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import socket
from dataclasses import dataclass

import click
import msgspec
import uvicorn

from temoin.admin import publish as publishing
from temoin.admin.people import open_people
from temoin.admin.rights import EVERY_SITE
from temoin.app import create_app
from temoin.cli.context import Context
from temoin.cli.serve import listen, uvicorn_options
from temoin.cli.site import overrides_of
from temoin.clock import SystemClock
from temoin.demo.hosts import Ports
from temoin.demo.servers import DemoServers
from temoin.settings import Settings
from temoin.site import SiteConfig, site_bytes
from temoin.storage.open import open_store
from temoin.storage.ports import Store

_ACCOUNT = "demo"


@dataclass(frozen=True, slots=True)
class _Prepared:
    version: str
    screens: int | None
    password: str


@click.command("demo")
@click.option(
    "--port",
    default=8080,
    show_default=True,
    type=click.IntRange(1024, 65500),
    help="Port of the service; the shop, the counter and the trackers take the ones after it.",
)
@click.pass_obj
def demo(context: Context, port: int) -> None:
    """Run the service with a demo shop, real tracker SDKs, a counter of what reached them, and an admin account."""
    settings = context.settings.at(f"http://localhost:{port}")
    with listen("127.0.0.1", port) as listening:
        _run(context, settings, listening, DemoServers(ports=Ports.after(port + 1)))


def _run(context: Context, settings: Settings, listening: socket.socket, servers: DemoServers) -> None:
    click.echo("Publishing the demo shop's banner, with pictures of every screen …", err=True)
    prepared = asyncio.run(_prepare(settings, servers))
    servers.sdk_url = f"{settings.service_url}/s/boutique.js"
    context.print(_facts(settings, servers, prepared), _text(settings, servers, prepared))
    asyncio.run(_serve(settings, servers, listening))


async def _prepare(settings: Settings, servers: DemoServers) -> _Prepared:
    """Puts and publishes the site unless this very version is what visitors get already, and renews the account."""
    config = msgspec.convert(servers.config(), SiteConfig)
    clock = SystemClock()
    store = open_store(settings, clock)
    try:
        await store.sites.put_site(
            config.site,
            site_bytes(config),
            publishing.log_origin(settings.service_url, config.site),
            secrets.token_bytes(32),
        )
        done = await _published(store, config, settings, clock)
        password = secrets.token_urlsafe(12)
        people = open_people(store.keyed, store.sites, store, clock)
        await people.put(_ACCOUNT, password, EVERY_SITE, "owner")
        return _Prepared(done[0], done[1], password)
    finally:
        await store.close()


async def _published(
    store: Store, config: SiteConfig, settings: Settings, clock: SystemClock
) -> tuple[str, int | None]:
    """The version, and how many screens were captured now (None where it had been published before)."""
    row = await store.sites.site(config.site)
    made = publishing.edition(config, settings.service_url, clock.now())
    if row is not None and (row.version, row.script) == (made.version.version, made.script_sha256):
        return made.version.version, None
    browser = settings.chromium if shutil.which(settings.chromium) else None
    done = await publishing.publish(
        store.sites,
        config.site,
        overrides_of(store),
        base=settings.service_url,
        actor="cli:demo",
        chromium=browser,
        clock=clock,
    )
    return done.version, done.screens


async def _serve(settings: Settings, servers: DemoServers, listening: socket.socket) -> None:
    quiet = uvicorn_options(settings) | {"log_level": "warning"}
    server = uvicorn.Server(uvicorn.Config(create_app(settings), **quiet))
    async with servers.running():
        await server.serve(sockets=[listening])


def _facts(settings: Settings, servers: DemoServers, prepared: _Prepared) -> dict[str, object]:
    return {
        "shop": servers.shop_url,
        "counter": servers.counter_url,
        "admin": f"{settings.service_url}/admin/",
        "account": _ACCOUNT,
        "password": prepared.password,
        "service": settings.service_url,
        "version": prepared.version,
    }


def _text(settings: Settings, servers: DemoServers, prepared: _Prepared) -> str:
    def line(name: str, value: str, note: str = "") -> str:
        return f"  {click.style(f'{name:<9}', bold=True)}{click.style(value, fg='cyan')}{f'  {note}' if note else ''}"

    evidence = "" if prepared.screens is None else f" with {prepared.screens} screens as evidence"
    if prepared.screens == 0:
        evidence = " without evidence: no browser to capture it with"
    return "\n".join(
        (
            "",
            line("Shop", f"{servers.shop_url}/", "real trackers behind an honest banner"),
            line("Counter", f"{servers.counter_url}/", "what each tracker host has received, live"),
            line("Admin", f"{settings.service_url}/admin/", f"account {_ACCOUNT}, password {prepared.password}"),
            "",
            f"  Version {prepared.version} is published{evidence}.",
            "  Open shop and counter side by side: the counter stays at zero until you accept something.",
            "  Then prove what was recorded, in another terminal:",
            "",
            "    .venv/bin/temoin export boutique --format bundle --out p && .venv/bin/temoin verify p",
            "",
            "  Ctrl+C stops everything.",
            "",
        )
    )
