"""A small HTTP client for tests: one request, one answer, no cookies, no redirects, no retries."""

from __future__ import annotations

import http.client
import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Answer:
    """Header names are lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def error(self) -> str:
        """The code of an error; fails the test unless the body has the one shape of errors."""
        value = self.json
        assert set(value) == {"error"}, value
        assert set(value["error"]) == {"code", "message", "hint"}, value
        assert all(isinstance(text, str) and text for text in value["error"].values()), value
        return str(value["error"]["code"])


def request(method: str, url: str, body: bytes | None = None, headers: dict[str, str] | None = None) -> Answer:
    """Raises OSError where no whole answer comes, also when the server goes in the middle of one."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=30)
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request(method, target, body=body, headers=headers or {})
        response = connection.getresponse()
        return Answer(response.status, {key.lower(): value for key, value in response.getheaders()}, response.read())
    except http.client.HTTPException as error:
        raise ConnectionResetError(f"{method} {url}: {error!r}") from error
    finally:
        connection.close()


def get(url: str, **headers: str) -> Answer:
    return request("GET", url, headers={name.replace("_", "-"): value for name, value in headers.items()})
