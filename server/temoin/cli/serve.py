"""`temoin serve`: the service on one address, in one process or several."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import signal
import socket
import sys
import threading
import time
from typing import Any

import click
import uvicorn
from starlette.types import ASGIApp
from uvicorn.supervisors import Multiprocess

from temoin.app import create_app
from temoin.cli.context import Context
from temoin.clock import SystemClock
from temoin.connections import BoundedProtocol
from temoin.errors import TemoinError, Unavailable
from temoin.logs import log_config
from temoin.service import Service
from temoin.settings import Settings

_BACKLOG = 2048
_PAUSE_SECONDS = 1
_log = logging.getLogger(__name__)


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
    with listen(host, port) as listening:
        port = listening.getsockname()[1]
        settings = context.settings.at(public_url or context.settings.public_url or f"http://{host}:{port}")
        click.echo(f"Témoin answers at {settings.service_url} (listening on {host}:{port})", err=True)
        options = uvicorn_options(settings)
        if workers == 1:
            uvicorn.Server(uvicorn.Config(create_app(settings), **options)).run(sockets=[listening])
            return
        asyncio.run(_try(settings))
        # Workers are fresh interpreters: what the flags said reaches them by the environment.
        os.environ.update(settings.as_environment())
        config = uvicorn.Config("temoin.cli.serve:worker_app", factory=True, workers=workers, **options)
        Multiprocess(config, sockets=[listening]).run()


async def _try(settings: Settings) -> None:
    """Opens and closes what every worker will open: what keeps all of them from starting is told once, as with one
    worker, and a store of an older version is brought up to date by one process.
    """
    await Service(settings, SystemClock()).stop()


def listen(host: str, port: int) -> socket.socket:
    """A listening socket, taken before anything is stored or started; raises Unavailable where it cannot be had."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise Unavailable(
            "port_taken",
            f"{host}:{port} cannot be listened on: {error.strerror}.",
            "Stop what listens there, or choose another --host or --port.",
        ) from error


def worker_app() -> ASGIApp:
    """What each of several processes runs: the application, ended in the ordinary way when its supervisor is gone.

    A worker that comes later and cannot start says why; the supervisor tries with another one some seconds later.
    """
    threading.Thread(target=_end_with_supervisor, name="supervisor", daemon=True).start()
    try:
        return create_app()
    except TemoinError as error:
        _log.error("A worker cannot start: %s %s", error.message, error.hint)
        time.sleep(_PAUSE_SECONDS)  # this process serves nobody yet, and the next would fail the same at once
        sys.exit(1)  # at 3 the supervisor would stop the others too


def _end_with_supervisor() -> None:
    """A supervisor that was killed cannot tell its workers, and they would hold the port against the next start."""
    supervisor = multiprocessing.parent_process()
    if supervisor is not None:
        supervisor.join()
        os.kill(os.getpid(), signal.SIGTERM)


def uvicorn_options(settings: Settings) -> dict[str, Any]:
    """How the service runs under uvicorn, in one place for `serve` and `demo`."""
    return {
        "loop": "uvloop",
        "http": BoundedProtocol,
        "ws": "none",
        "lifespan": "on",
        "access_log": False,  # it would write visitors' addresses down
        "proxy_headers": False,
        "server_header": False,
        "date_header": True,
        "log_level": settings.log_level,
        "log_config": log_config(settings),
        "timeout_graceful_shutdown": 10,
    }
