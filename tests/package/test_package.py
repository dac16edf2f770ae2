"""`@temoin/sdk`: what is packed, its types, and small React and Vue applications against a real service."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.made import site_config
from tests.package.conftest import PACKAGE, ROOT, Application, run
from tests.service_process import Service, free_port
from tests.waiting import until
from tests.web import get

MODULES = ("index", "react", "testing", "vue")


def test_what_is_packed_is_built_typed_and_free_of_dependencies(application: Application) -> None:
    built = [f"dist/{name}.{end}" for name in MODULES for end in ("js", "d.ts")]
    extra = ["LICENSE", "README.md", "package.json", "dist/stub.js", "dist/temoin.d.ts"]
    assert application.packed == sorted(built + extra)
    package = json.loads((PACKAGE / "package.json").read_text())
    assert "dependencies" not in package
    assert set(package["peerDependencies"]) == {"react", "vue"}
    assert all(each["optional"] for each in package["peerDependenciesMeta"].values())
    assert (PACKAGE / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()
    script = json.loads((ROOT / "sdk/package.json").read_text())
    assert package["version"] == script["version"]


def test_its_types_are_what_its_documents_say(application: Application) -> None:
    command = [
        str(PACKAGE / "node_modules/.bin/tsc"),
        "--noEmit",
        "--strict",
        "--jsx",
        "react-jsx",
        "--target",
        "es2022",
    ]
    options = ["--lib", "es2022,dom", "--types", "", "--skipLibCheck", "false"]
    for module, resolution in (("nodenext", "nodenext"), ("esnext", "bundler")):
        run(
            [*command, "--module", module, "--moduleResolution", resolution, *options, "consumer.tsx"],
            application.folder,
        )


class Pages:
    """Pages at an origin of their own; `tag` is what stands first in the head of each."""

    def __init__(self, application: Application) -> None:
        self.tag = ""
        self.bodies: dict[str, tuple[str, str]] = {}
        pages = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                file = application.folder / self.path.strip("/")
                if self.path in pages.bodies:
                    body, script = pages.bodies[self.path]
                    start = f'<!doctype html><html lang="en"><head>{pages.tag}<title>Shop</title>'
                    start += '<link rel="icon" href="data:,"></head>'
                    text = f'{start}<div id="app">{body}</div><script type="module" src="/{script}"></script></html>'
                    self._send(200, "text/html; charset=utf-8", text.encode())
                elif file.is_file():
                    self._send(200, "text/javascript", file.read_bytes())
                else:
                    self._send(404, "text/plain", b"")

            def _send(self, status: int, kind: str, body: bytes) -> None:
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://localhost:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02})
        self.thread.start()

    def close(self) -> None:
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture(scope="module")
def shop(application: Application, service: Service) -> Iterator[Pages]:
    """The applications' pages, with the tag of a published site: purposes audience, ads and video."""
    pages = Pages(application)
    version = service.publish(
        site_config(origins=[pages.url], purposes=[{"id": "audience"}, {"id": "ads"}, {"id": "video"}])
    )
    until(lambda: version in get(f"{service.url}/s/boutique.js").body.decode())
    pages.tag = f'<script src="{service.url}/s/boutique.js"></script>'
    for framework, end in (("react", "jsx"), ("vue", "js")):
        body = application.printed_by(f"{framework}_server.{end}")
        assert 'id="otherwise"' in body
        assert 'id="film"' not in body
        pages.bodies[f"/{framework}"] = (body, application.bundle(f"{framework}_browser.{end}").name)
    pages.bodies["/plain"] = ("", application.bundle("plain.js").name)
    yield pages
    pages.close()


Open = Callable[[str], Page]


@pytest.fixture
def visitor(chromium: Browser) -> Iterator[BrowserContext]:
    context = chromium.new_context(locale="en")
    yield context
    context.close()


@pytest.fixture
def opened(visitor: BrowserContext) -> Iterator[Open]:
    """Opens a page in the visitor's browser; whatever it throws or says on the console as an error fails the test."""
    said: list[str] = []

    def open_page(url: str) -> Page:
        page = visitor.new_page()
        page.on("pageerror", lambda error: said.append(str(error)))
        page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
        page.goto(url)
        return page

    yield open_page
    assert [each for each in said if "ERR_CONNECTION_REFUSED" not in each] == []


@pytest.mark.browser
@pytest.mark.parametrize("framework", ["react", "vue"])
def test_what_is_gated_is_mounted_while_it_is_granted(framework: str, shop: Pages, opened: Open) -> None:
    page = opened(f"{shop.url}/{framework}")
    expect(page.locator("#otherwise")).to_be_visible()
    expect(page.locator("#film")).to_have_count(0)
    page.get_by_role("button", name="Accept all").click()
    expect(page.locator("#film")).to_be_visible()
    expect(page).to_have_title("playing")
    expect(page.locator("#both")).to_have_text("true")

    again = opened(f"{shop.url}/{framework}")  # another page of theirs, with the choice already made
    expect(again.locator("#film")).to_be_visible()
    again.locator("#withdraw").click()
    expect(again.locator("#film")).to_have_count(0)
    expect(again.locator("#otherwise")).to_be_visible()
    expect(again).to_have_title("stopped")
    expect(again.locator("#both")).to_have_text("false")


@pytest.mark.browser
@pytest.mark.parametrize("framework", ["react", "vue"])
def test_all_purposes_count_and_a_changed_one_is_looked_at_anew(framework: str, shop: Pages, opened: Open) -> None:
    page = opened(f"{shop.url}/{framework}")
    page.evaluate("temoin.save({ video: true, audience: true })")
    expect(page.locator("#film")).to_be_visible()
    expect(page.locator("#both")).to_have_text("false")
    page.locator("#other").click()
    expect(page.locator("#film")).to_have_count(0)
    page.evaluate("temoin.save({ ads: true })")
    expect(page.locator("#both")).to_have_text("true")


@pytest.mark.browser
def test_a_page_without_the_tag_adds_it_once_and_what_was_asked_before_is_done_then(
    shop: Pages, service: Service, opened: Open
) -> None:
    tag, shop.tag = shop.tag, ""
    try:
        page = opened(f"{shop.url}/plain")
        source = f"{service.url}/s/boutique.js"
        page.wait_for_function("window.sdk")
        page.evaluate("""() => {
          window.heard = [];
          sdk.temoin.on('change', ({ choices }) => heard.push(choices));
          sdk.temoin.on('change', () => heard.push('never'))();
          window.decided = sdk.temoin.save({ audience: true });
        }""")
        assert page.evaluate("[sdk.temoin.has('audience'), sdk.temoin.choices(), sdk.temoin.receipt()]") == [
            False,
            {},
            None,
        ]
        loaded = "([a, b]) => a === window.temoin && b === a && document.scripts.length"
        both = f"Promise.all([sdk.load({{ src: '{source}' }}), sdk.load({{ src: '{source}' }})])"
        assert page.evaluate(f"{both}.then({loaded})") == 2  # the page's own, and the tag
        receipt = page.evaluate("decided")
        assert receipt["choices"] == {"audience": True, "ads": False, "video": False}
        assert (
            get(f"{service.url}/v1/sites/boutique/subjects/{receipt['subject']}").json["choices"] == receipt["choices"]
        )
        page.wait_for_function("heard.length")
        assert page.evaluate("heard") == [receipt["choices"]]
        assert page.evaluate("[sdk.granted('audience'), sdk.granted(' audience  ads '), sdk.granted('')]") == [
            True,
            False,
            False,
        ]
    finally:
        shop.tag = tag


@pytest.mark.browser
def test_a_service_that_is_down_grants_nothing_and_the_page_goes_on(shop: Pages, opened: Open) -> None:
    tag, shop.tag = shop.tag, ""
    try:
        page = opened(f"{shop.url}/plain")
        page.wait_for_function("window.sdk")
        assert page.evaluate(f"sdk.load({{ src: 'http://127.0.0.1:{free_port()}/s/boutique.js' }})") is None
        assert page.evaluate("sdk.granted('audience')") is False
    finally:
        shop.tag = tag


@pytest.mark.browser
def test_the_fake_page_api_of_tests_decides_in_memory(shop: Pages, opened: Open) -> None:
    tag, shop.tag = shop.tag, ""
    try:
        page = opened(f"{shop.url}/plain")
        page.wait_for_function("window.sdk")
        seen = page.evaluate("""async () => {
          const { fakeTemoin, granted, subscribe, temoin } = sdk;
          const waited = temoin.ready;
          const fake = fakeTemoin('audience', 'ads');
          let calls = 0;
          const stop = subscribe(() => { calls += 1; });
          await waited;
          const before = [granted('audience'), temoin.receipt()];
          await temoin.save({ audience: true, unknown: true });
          const after = [granted('audience'), granted('ads'), temoin.choices(), temoin.receipt().choices];
          await temoin.withdraw();
          stop();
          await temoin.acceptAll();
          fake.remove();
          return { before, after, calls, gone: !('temoin' in window) };
        }""")
        assert seen == {
            "before": [False, None],
            "after": [True, False, {"audience": True, "ads": False}, {"audience": True, "ads": False}],
            "calls": 3,
            "gone": True,
        }
    finally:
        shop.tag = tag
