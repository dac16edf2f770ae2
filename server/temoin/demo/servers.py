"""Shop, counter and tracker hosts, started in one asyncio loop on the loopback address.

The sockets are bound when `DemoServers` is made, so every address is known before anything runs: a service can be
configured with them, and its own address be handed to the shop, before the first page is asked for.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import uvicorn
from starlette.applications import Starlette

from temoin.demo.counter import counter_app
from temoin.demo.hosts import TRACKER_HOSTS, Names, Ports, listen, origin
from temoin.demo.received import Ledger
from temoin.demo.seed import boutique_config
from temoin.demo.shop import ShopView, shop_app
from temoin.demo.sinks import sink_app
from temoin.errors import Unavailable


@dataclass(frozen=True, slots=True)
class _Listening:
    app: Starlette
    socket: socket.socket


class _Server(uvicorn.Server):
    """A server that leaves signals alone: the caller decides when it ends."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


class DemoServers:
    """All of the demo but the service itself.

    `shop_url`, `counter_url` and `tracker_urls` (by tracker id) are origins without a trailing slash; `ledger` is what
    the trackers received. Raises Unavailable where a port is taken.
    """

    def __init__(self, *, gated: bool = True, names: Names | None = None, ports: Ports | None = None) -> None:
        names, ports = names or Names(), ports or Ports()
        sockets = _listen_on([ports.shop, ports.counter, *ports.trackers])
        ids = [host.id for host in TRACKER_HOSTS]
        self.ledger = Ledger(ids)
        self.shop_url = origin(names.shop, sockets[0])
        self.counter_url = origin(names.counter, sockets[1])
        self.tracker_urls = {
            host_id: origin(names.of_tracker(host_id), sock) for host_id, sock in zip(ids, sockets[2:], strict=True)
        }
        self._view = ShopView(trackers=self.tracker_urls, gated=gated, counter=self.counter_url)
        apps = [shop_app(self._view), counter_app(self.ledger, self.tracker_urls, self.shop_url)]
        apps += [sink_app(host_id, self.ledger) for host_id in ids]
        self._listening = [_Listening(app, sock) for app, sock in zip(apps, sockets, strict=True)]

    @property
    def sdk_url(self) -> str:
        """Address of Témoin's script in the shop's pages; empty (the default) puts no script there."""
        return self._view.sdk

    @sdk_url.setter
    def sdk_url(self, url: str) -> None:
        self._view.sdk = url

    def config(self) -> dict[str, Any]:
        """The site configuration "boutique" for these addresses."""
        return boutique_config(self.shop_url, self.tracker_urls)

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[DemoServers]:
        """Serves until the block ends; then every port is closed."""
        servers = [(_Server(_uvicorn_config(each.app)), each.socket) for each in self._listening]
        tasks = [asyncio.create_task(server.serve(sockets=[sock])) for server, sock in servers]
        try:
            yield self
        finally:
            self.ledger.close()
            for server, _sock in servers:
                server.should_exit = True
            await asyncio.gather(*tasks)
            self.close()

    @contextlib.contextmanager
    def in_thread(self) -> Iterator[DemoServers]:
        """The same for a caller without a loop: serves on a loop of its own in a thread."""
        stop = threading.Event()
        thread = threading.Thread(target=lambda: asyncio.run(self._until(stop)), name="temoin-demo", daemon=True)
        thread.start()
        try:
            yield self
        finally:
            stop.set()
            thread.join()

    def close(self) -> None:
        """Closes the sockets; `running` and `in_thread` do so themselves."""
        for each in self._listening:
            each.socket.close()

    async def _until(self, stop: threading.Event) -> None:
        async with self.running():
            await asyncio.to_thread(stop.wait)


def _uvicorn_config(app: Starlette) -> uvicorn.Config:
    return uvicorn.Config(
        app, log_config=None, access_log=False, lifespan="off", server_header=False, timeout_graceful_shutdown=2
    )


def _listen_on(ports: list[int]) -> list[socket.socket]:
    """One listening socket a port, or none at all."""
    with contextlib.ExitStack() as opened:
        sockets = []
        for port in ports:
            try:
                sockets.append(opened.enter_context(listen(port)))
            except OSError as error:
                raise Unavailable(
                    "port_taken",
                    f"Port {port} cannot be used on the loopback address: {error.strerror}.",
                    "Stop what listens there, or choose another --port: the demo takes the ten ports after it.",
                ) from error
        opened.pop_all()
        return sockets
