"""A visitor's browser as the service sees it: headers and hits."""

from __future__ import annotations

import json
from typing import Any

from tests.made import ORIGIN, site_config
from tests.service_process import Service
from tests.web import Answer, request

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko)"
    " Version/18.1 Mobile/15E148 Safari/604.1"
)
EXEMPT = {"id": "statistics", "basis": "exempt", "exemption": "audience"}


def measured(**analytics: Any) -> dict[str, Any]:
    """A site that measures its audience."""
    config = site_config()
    return config | {
        "purposes": [*config["purposes"], EXEMPT],
        "analytics": {"mode": "exempt", "consent_purpose": "audience", **analytics},
    }


def send(service: Service, hit: Any, *, origin: str | None = ORIGIN, site: str = "boutique", **headers: str) -> Answer:
    """POST …/hits as the page's script does it; a header's name with underscores."""
    sent = {"Content-Type": "text/plain", "User-Agent": FIREFOX, "Accept-Language": "fr-FR,fr;q=0.8"}
    sent |= {name.replace("_", "-"): value for name, value in headers.items()}
    if origin is not None:
        sent["Origin"] = origin
    body = hit if isinstance(hit, bytes) else json.dumps(hit).encode()
    return request("POST", f"{service.url}/v1/sites/{site}/hits", body, sent)


def view(page: str = "/", **more: Any) -> dict[str, Any]:
    return {"type": "view", "page": page, **more}


def stats(service: Service, *options: str, site: str = "boutique") -> Any:
    """What `temoin stats` reports of the site: all of it once the service has ended."""
    return json.loads(service.must("--json", "stats", site, *options))


def cut(report: Any, kind: str, key: str = "views", series: str = "exempt") -> dict[str, int]:
    return {row["value"]: row[key] for row in report["cuts"][kind] if row["series"] == series}
