"""`temoin serve`: the service on one address, in one process or several."""

from __future__ import annotations

import multiprocessing
import os
import signal
import socket
import threading
from typing import Any

import click
import uvicorn
from starlette.types import ASGIApp
from uvicorn.supervisors import Multiprocess

from temoin.app import create_app
from temoin.cli.context import Context
from temoin.connections import BoundedProtocol
from temoin.errors import Unavailable
from temoin.logs import log_config
from temoin.settings import Settings

_BACKLOG = 2048


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
        # Workers are fresh interpreters: what the flags said reaches them by the environment.
        os.environ.update(settings.as_environment())
        config = uvicorn.Config("temoin.cli.serve:worker_app", factory=True, workers=workers, **options)
        Multiprocess(config, sockets=[listening]).run()


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
    """What each of several processes runs: the application, ended in the ordinary way when its supervisor is gone."""
    threading.Thread(target=_end_with_supervisor, name="supervisor", daemon=True).start()
    return create_app()


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
