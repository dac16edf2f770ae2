"""The template `none`: the page draws its own banner over what the script tells it, and everything else is as ever."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

import pytest
from playwright.sync_api import Browser, Page, Route, expect

from tests.made import site_config
from tests.service_process import Service
from tests.web import get

PAGE = """<!doctype html><html lang="fr"><head><script src="{script}"></script></head><body>
<img data-purpose="audience" data-src="http://stats.test/pixel.gif" alt="">
<div id="mine" hidden><h2></h2><ul></ul><button id="no">Non</button><button id="yes">Oui</button></div>
<button data-temoin="open">Mes choix</button>
<script>
  const mine = document.getElementById("mine");
  const draw = (ui) => {{
    mine.querySelector("h2").textContent = ui.text["banner.title"];
    mine.querySelector("ul").replaceChildren(...ui.purposes.asked.map((purpose) => {{
      const line = document.createElement("li");
      line.textContent = purpose.title;
      return line;
    }}));
    mine.hidden = false;
  }};
  setTimeout(() => {{  // later than the question
    temoin.on("ask", draw);
    temoin.on("open", draw);
    temoin.on("change", () => {{ mine.hidden = true; }});
  }}, 50);
  document.getElementById("no").onclick = () => temoin.refuseAll();
  document.getElementById("yes").onclick = () => temoin.acceptAll();
</script></body></html>"""


class Own(NamedTuple):
    """The page, and what the tracker's host was asked for."""

    page: Page
    asked: list[str]


@pytest.fixture
def own(service: Service, chromium: Browser) -> Iterator[Own]:
    """A page that draws its own banner, at an origin of its own."""
    body = PAGE.format(script=f"{service.url}/s/boutique.js").encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    origin = f"http://127.0.0.1:{server.server_port}"
    service.publish(site_config(origins=[origin], banner={"template": "none"}))
    page = chromium.new_page(locale="fr")
    asked: list[str] = []

    def tracker(route: Route) -> None:
        asked.append(route.request.url)
        route.fulfill(status=204)

    page.route("http://stats.test/**", tracker)
    page.goto(f"{origin}/")
    yield Own(page, asked)
    page.close()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.browser
def test_a_page_asks_by_itself_and_a_refusal_is_recorded_and_kept(own: Own, service: Service) -> None:
    page, asked = own
    expect(page.get_by_role("heading", name="Cookies")).to_be_visible()
    expect(page.locator("#mine li")).to_have_text(["Mesure d’audience", "Publicité personnalisée"])
    with page.expect_response(lambda answer: answer.url.endswith("/consents")) as answered:
        page.locator("#no").click()
    assert answered.value.status == 201
    expect(page.locator("#mine")).to_be_hidden()
    subject = answered.value.json()["subject"]
    (line,) = get(f"{service.url}/v1/sites/boutique/subjects/{subject}").json["history"]
    assert line["choices"] == {"audience": False, "ads": False}
    page.reload()
    page.wait_for_function("window.temoin && temoin.choices().audience === false")
    expect(page.locator("#mine")).to_be_hidden()
    assert asked == []
    page.get_by_role("button", name="Mes choix").click()
    expect(page.locator("#mine")).to_be_visible()


@pytest.mark.browser
def test_a_page_that_asks_by_itself_opens_gates_only_on_a_grant(own: Own) -> None:
    page, asked = own
    expect(page.locator("#mine")).to_be_visible()
    assert asked == []
    with page.expect_request("http://stats.test/pixel.gif"):
        page.locator("#yes").click()
