"""`temoin serve` and `temoin demo`."""

from __future__ import annotations

import os
from typing import Any

import click
import uvicorn

from temoin.app import create_app
from temoin.cli.context import Context
from temoin.settings import Settings


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port",
    default=8080,
    show_default=True,
    type=click.IntRange(0, 65535),
    help="Port to listen on; 0 takes a free one.",
)
@click.option("--workers", default=1, show_default=True, type=click.IntRange(1, 64), help="Number of worker processes.")
@click.option(
    "--public-url",
    metavar="URL",
    help="How browsers reach the service. Environment: TEMOIN_PUBLIC_URL. [default: http://HOST:PORT]",
)
@click.pass_obj
def serve(context: Context, host: str, port: int, workers: int, public_url: str | None) -> None:
    """Run the service."""
    settings = context.settings.at(public_url or context.settings.public_url or f"http://{host}:{port}")
    options = uvicorn_options(settings) | {"host": host, "port": port}
    if workers == 1:
        uvicorn.run(create_app(settings), **options)
        return
    # Workers are fresh interpreters: what the flags said reaches them by the environment.
    os.environ.update(settings.as_environment())
    uvicorn.run("temoin.app:create_app", factory=True, workers=workers, **options)


def uvicorn_options(settings: Settings) -> dict[str, Any]:
    """How the service runs under uvicorn, in one place for `serve` and `demo`."""
    return {
        "loop": "uvloop",
        "http": "httptools",
        "ws": "none",
        "lifespan": "on",
        "access_log": False,  # it would write visitors' addresses down
        "proxy_headers": False,
        "server_header": False,
        "date_header": True,
        "log_level": settings.log_level,
        "timeout_graceful_shutdown": 10,
    }
