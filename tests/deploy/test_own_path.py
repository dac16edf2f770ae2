"""The service below a path of the site, through the nginx configuration that docs/cookie.md shows."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Response, expect

from tests.made import decision, site_config
from tests.service_process import Service, free_port
from tests.waiting import until
from tests.web import get, request

# A page that has loaded long before its first frame.
_LATE = (
    "<script>const frame = requestAnimationFrame; requestAnimationFrame = (f) => setTimeout(frame, 1000, f)</script>"
)
DOCUMENT = Path(__file__).parents[2] / "docs/cookie.md"


@dataclass(frozen=True)
class Site:
    """A site's own web server at `url`; the service stands behind its path /temoin."""

    url: str
    service: Service

    def published(self, **changes: object) -> str:
        version = self.service.publish(site_config(origins=[self.url], **changes))
        until(lambda: _delivers(self.service, version))
        return version


@pytest.fixture
def site(tmp_path: Path, own_service: Service) -> Iterator[Site]:
    port = free_port()
    folder = tmp_path / "nginx"
    (folder / "pages").mkdir(parents=True)
    for name, source in (("index", "/temoin/s/boutique.js"), ("elsewhere", f"{own_service.url}/s/boutique.js")):
        late = _LATE if name == "elsewhere" else ""
        page = (
            f'<!doctype html><html lang="fr"><head><script src="{source}"></script>{late}<title>Boutique</title></head>'
        )
        (folder / "pages" / f"{name}.html").write_text(page)
    (shown,) = re.findall(r"```nginx\n(.*?)```", DOCUMENT.read_text("utf-8"), re.DOTALL)
    passed = shown.replace("https://consent.example.org", own_service.url)
    places = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy"))
    owner = "user root; " if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"{owner}pid {folder}/nginx.pid; daemon off; events {{}}\n"
        f"http {{ access_log off; {places} types {{ text/html html; }}\n"
        f"server {{ listen 127.0.0.1:{port}; root {folder}/pages;\n{passed}}} }}"
    )
    command = ["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", "stderr"]
    nginx = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    own_service.start()
    until(lambda: _answers(f"http://127.0.0.1:{port}/"))
    yield Site(f"http://localhost:{port}", own_service)
    nginx.terminate()
    nginx.wait(30)


def _delivers(service: Service, version: str) -> bool:
    return version in get(f"{service.url}/s/boutique.js").body.decode()


def _answers(url: str) -> bool:
    try:
        return get(url).status == 200
    except OSError:
        return False


@pytest.mark.browser
def test_a_path_of_the_site_makes_the_services_cookie_the_sites_own(site: Site, chromium: Browser) -> None:
    site.published(service_url=f"{site.url}/temoin")
    context = chromium.new_context(locale="fr")
    context.add_cookies([{"name": "cart", "value": "3", "url": site.url}])
    page = context.new_page()
    page.goto(site.url)

    def recorded(answer: Response) -> bool:
        return answer.url.endswith("/consents") and answer.status == 201

    with page.expect_response(recorded) as response:
        page.get_by_role("button", name="Tout refuser").click()
    assert response.value.url == f"{site.url}/temoin/v1/sites/boutique/consents"
    header = response.value.header_value("set-cookie")
    assert header is not None
    assert header.startswith("temoin=1.")
    assert "Domain=" not in header
    page.reload()
    page.wait_for_function("window.temoin.ready.then(() => temoin.receipt() !== null)")
    expect(page.get_by_role("button", name="Tout refuser")).to_have_count(0)
    assert sorted(cookie.get("name", "") for cookie in context.cookies()) == ["cart", "temoin"]
    context.close()


@pytest.mark.browser
def test_the_check_tells_which_of_the_two_ways_safari_keeps(site: Site) -> None:
    site.published(service_url=f"{site.url}/temoin")
    done = site.service.run("--json", "site", "check", "boutique")
    found = json.loads(done.stdout)
    assert (done.returncode, found["works"], found["safari_keeps"]) == (0, True, True), found
    site.published(banner={"template": "centre"})
    done = site.service.run("site", "check", "boutique", f"{site.url}/elsewhere.html")
    assert done.returncode == 1
    assert "ok    The banner is shown to a new visitor." in done.stdout
    assert "Safari forgets the choice after seven days.\n      The service is on another site" in done.stdout


def test_each_site_of_one_service_may_have_a_host_of_its_own(own_service: Service) -> None:
    own_service.start()
    origin = "https://www.shop.test"
    for service_url, said in (("https://consent.shop.test", "; Domain=shop.test; Secure"), (None, None)):
        version = own_service.publish(site_config(origins=[origin], service_url=service_url))
        until(partial(_delivers, own_service, version))
        answer = request(
            "POST",
            f"{own_service.url}/v1/sites/boutique/consents",
            json.dumps(decision(version)).encode(),
            {"Origin": origin, "Content-Type": "application/json"},
        )
        header = answer.headers.get("set-cookie")
        assert answer.status == 201
        assert header is None if said is None else header is not None and header.endswith(said)
        script = get(f"{own_service.url}/s/boutique.js").body.decode()
        assert (f'"base":"{service_url or own_service.url}"') in script


def test_an_address_with_a_slash_at_its_end_or_a_query_is_none(own_service: Service, tmp_path: Path) -> None:
    for wrong in ("https://consent.shop.test/", "https://consent.shop.test/?a", "consent.shop.test"):
        file = tmp_path / "site.json"
        file.write_text(json.dumps(site_config(service_url=wrong)))
        done = own_service.run("site", "put", str(file))
        assert done.returncode == 2
        assert "$.service_url" in done.stderr
