"""The shipped nginx configuration in front of a real service; only addresses and paths are replaced."""

from __future__ import annotations

import http.client
import json
import os
import re
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.made import ORIGIN, decision, site_config
from tests.service_process import Service, free_port
from tests.waiting import until
from tests.web import get

SHIPPED = Path(__file__).parents[2] / "deploy/nginx.conf"


class Front:
    """nginx on a port of its own."""

    def __init__(self, folder: Path, service: Service) -> None:
        self.port = free_port()
        (folder / "certificates").mkdir(parents=True)
        self._certificate(folder / "certificates")
        text = SHIPPED.read_text()
        text = re.sub(r"server temoin-\d:8080[^;]*;", f"server 127.0.0.1:{service.port};", text)
        text = text.replace("listen 443 ssl", f"listen 127.0.0.1:{self.port} ssl")
        text = text.replace("listen 80 default_server", f"listen 127.0.0.1:{free_port()} default_server")
        text = text.replace("/var/cache/nginx/temoin", str(folder / "cache"))
        places = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy"))
        text = text.replace("http {", "http { " + places, 1)
        self.file = folder / "nginx.conf"
        owner = "user root; " if os.geteuid() == 0 else ""  # the workers write into the test's folder
        self.file.write_text(f"{owner}pid {folder}/nginx.pid; daemon off;\n{text}")
        self._command = ["nginx", "-p", str(folder), "-c", str(self.file), "-e", "stderr"]
        self.process: subprocess.Popen[bytes] | None = None

    @staticmethod
    def _certificate(folder: Path) -> None:
        command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=test"]
        files = ["-keyout", str(folder / "privkey.pem"), "-out", str(folder / "fullchain.pem")]
        subprocess.run([*command, *files], check=True, capture_output=True)

    def check(self) -> str:
        return subprocess.run([*self._command, "-t"], capture_output=True, text=True, check=False).stderr

    def start(self) -> None:
        self.process = subprocess.Popen(self._command, stderr=subprocess.DEVNULL)
        until(self._listens)

    def _listens(self) -> bool:
        try:
            return self.ask("GET", "/healthz")[0] == 200
        except OSError:
            return False

    def ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        unverified = ssl.create_default_context()
        unverified.check_hostname, unverified.verify_mode = False, ssl.CERT_NONE
        connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=30, context=unverified)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            connection.request(method, path, body, {"Host": "consent.example.org", **named})
            answer = connection.getresponse()
            return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read()
        finally:
            connection.close()


@pytest.fixture
def front(tmp_path: Path, own_service: Service) -> Iterator[Front]:
    front = Front(tmp_path / "nginx", own_service)
    yield front
    if front.process is not None:
        front.process.terminate()
        front.process.wait(30)


def test_the_banner_outlives_the_service_and_decisions_pass_until_then(front: Front, own_service: Service) -> None:
    assert "test is successful" in front.check()
    version = own_service.start().publish(site_config())
    until(lambda: get(f"{own_service.url}/s/boutique.js").status == 200)
    front.start()
    status, headers, script = front.ask("GET", "/s/boutique.js", Accept_Encoding="br")
    assert (status, headers.get("content-encoding"), headers.get("x-cache")) == (200, "br", "MISS"), script
    assert front.ask("GET", "/s/boutique.js", Accept_Encoding="br")[1]["x-cache"] == "HIT"
    body = json.dumps(decision(version)).encode()
    told = {"Origin": ORIGIN, "Content_Type": "application/json"}
    assert front.ask("POST", "/v1/sites/boutique/consents", body, **told)[0] == 201
    assert front.ask("GET", "/metrics")[0] == 404
    own_service.kill()
    status, _, kept = front.ask("GET", "/s/boutique.js", Accept_Encoding="br")
    assert (status, kept) == (200, script)
    assert front.ask("POST", "/v1/sites/boutique/consents", body, **told)[0] == 502
