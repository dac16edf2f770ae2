"""A real `temoin serve` process with a data folder of its own, and the commands that run beside it."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.web import Answer, get, request

_START_SECONDS = 90


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@dataclass
class Service:
    """Started by `start`, ended by `stop` (SIGTERM) or `kill` (SIGKILL); the same folder serves the next start."""

    data: Path
    port: int = field(default_factory=free_port)
    host: str = "127.0.0.1"
    process: subprocess.Popen[bytes] | None = None
    store: str = ""  # the address of a store, where it is not the embedded one
    extra: dict[str, str] = field(default_factory=dict)  # more of the environment

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def environment(self) -> dict[str, str]:
        return {
            **os.environ,
            "TEMOIN_DATA": str(self.data),
            "TEMOIN_PUBLIC_URL": self.url,
            "TEMOIN_STORE": self.store,
            "PYTHONUNBUFFERED": "1",
            **self.extra,
        }

    def start(self, *options: str) -> Service:
        log = (self.data.parent / f"{self.data.name}.log").open("ab")
        command = [sys.executable, "-m", "temoin", "serve", "--host", "127.0.0.1", "--port", str(self.port), *options]
        self.process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)
        log.close()
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"the service did not start: {self.log()}")
        return self

    def _answers(self) -> bool:
        try:
            return get(f"http://127.0.0.1:{self.port}/readyz").status == 200
        except OSError:
            return False

    def log(self) -> str:
        return (self.data.parent / f"{self.data.name}.log").read_text(errors="replace")

    def stop(self) -> None:
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def _end(self, how: signal.Signals) -> None:
        if self.process is not None:
            self.process.send_signal(how)
            self.process.wait(timeout=30)
            self.process = None

    def run(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """`temoin …` on this service's data folder."""
        command = [sys.executable, "-m", "temoin", *arguments]
        return subprocess.run(
            command, env=self.environment, input=stdin, capture_output=True, text=True, timeout=120, check=False
        )

    def must(self, *arguments: str) -> str:
        """`run`, failing the test unless the command exits 0; its standard output."""
        done = self.run(*arguments)
        assert done.returncode == 0, f"temoin {' '.join(arguments)}: {done.stdout}{done.stderr}"
        return done.stdout

    def put(self, config: dict[str, Any]) -> None:
        file = self.data.parent / f"{config['site']}.json"
        file.write_text(json.dumps(config))
        self.must("site", "put", str(file))

    def publish(self, config: dict[str, Any]) -> str:
        """Puts and publishes without evidence; the new version's id."""
        self.put(config)
        facts = json.loads(self.must("--json", "publish", config["site"], "--without-evidence"))
        return str(facts["version"])

    def post(self, site: str, body: Any, *, origin: str | None, media: str = "application/json") -> Answer:
        headers = {"Content-Type": media} | ({"Origin": origin} if origin else {})
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        return request("POST", f"{self.url}/v1/sites/{site}/consents", data, headers)
