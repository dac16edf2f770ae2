"""One way to drive three engines: Chromium by Playwright, Firefox by puppeteer, WebKitGTK by selenium.

A `Driver` is a browser with one visitor at a time. JavaScript is given as the body of an async function, elements as
what follows `document` (`.querySelector('h1')`), for two of the three see no shadow root from outside.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import urllib3
from playwright.sync_api import sync_playwright
from selenium.webdriver import Remote
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.client_config import ClientConfig
from selenium.webdriver.remote.remote_connection import RemoteConnection
from selenium.webdriver.webkitgtk.options import Options
from selenium.webdriver.webkitgtk.service import Service

from tests.conftest import launched

HERE = Path(__file__).parent
MINI_BROWSER = Path("/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser")
_STARTS = 3
_ANSWER_SECONDS = 45
_KEYS = {"Tab": Keys.TAB, "Escape": Keys.ESCAPE, "Enter": Keys.ENTER, "Space": Keys.SPACE}


class Driver(ABC):
    """A browser. `open` begins a visitor who has never been anywhere, and ends the one before."""

    @abstractmethod
    def open(self) -> None: ...

    @abstractmethod
    def goto(self, url: str) -> None:
        """Returns once the page has loaded."""

    @abstractmethod
    def evaluate(self, body: str) -> Any:
        """What the body of an async function returns in the page."""

    @abstractmethod
    def click(self, path: str) -> None:
        """With the pointer, in the middle of the element."""

    @abstractmethod
    def press(self, key: str) -> None:
        """Tab, Escape, Enter or Space."""

    @abstractmethod
    def screenshot(self, file: Path) -> None: ...


class Chromium(Driver):
    def __init__(self, playwright: Any) -> None:
        # A browser that calls itself headless is not counted, and may not be told from a robot elsewhere.
        self._browser = launched(playwright.chromium, "--user-agent=Mozilla/5.0 (X11; Linux x86_64) Chrome/150.0.0.0")
        self._page: Any = None

    def open(self) -> None:
        if self._page is not None:
            self._page.context.close()
        self._page = self._browser.new_context(locale="fr-FR").new_page()

    def goto(self, url: str) -> None:
        self._page.goto(url, wait_until="load")

    def evaluate(self, body: str) -> Any:
        return self._page.evaluate(f"async () => {{ {body} }}")

    def click(self, path: str) -> None:
        self._page.evaluate_handle(f"document{path}").as_element().click()

    def press(self, key: str) -> None:
        self._page.keyboard.press(key)

    def screenshot(self, file: Path) -> None:
        self._page.screenshot(path=file)

    def close(self) -> None:
        self._browser.close()


class Firefox(Driver):
    """A Node process that takes commands; see firefox.mjs."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            ["node", "firefox.mjs", "/usr/bin/firefox-esr"],
            cwd=HERE,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._answer()

    def _answer(self) -> Any:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "Firefox did not start, or ended"
        answer = json.loads(line)
        assert "error" not in answer, answer["error"]
        return answer.get("value")

    def _ask(self, command: str, **given: str) -> Any:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"command": command, **given}) + "\n")
        self._process.stdin.flush()
        return self._answer()

    def open(self) -> None:
        self._ask("close")
        self._ask("open")

    def goto(self, url: str) -> None:
        self._ask("goto", url=url)

    def evaluate(self, body: str) -> Any:
        return self._ask("evaluate", body=body)

    def click(self, path: str) -> None:
        self._ask("click", path=path)

    def press(self, key: str) -> None:
        self._ask("press", key=key)

    def screenshot(self, file: Path) -> None:
        self._ask("screenshot", file=str(file))

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        try:
            self._process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()


class WebKit(Driver):
    """MiniBrowser of WebKitGTK on a display of its own; each visitor is a browser of their own.

    Now and then a browser never answers its driver. That is seen here, at its start, before any page: it is ended with
    all of its processes, and another is started. A page that hangs later fails its test.
    """

    def __init__(self, display: str) -> None:
        self._environment = {**os.environ, "DISPLAY": display, "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1"}
        self._service: Any = None
        self._driver: Any = None

    def open(self) -> None:
        for _ in range(_STARTS):
            self.close()
            with suppress(urllib3.exceptions.TimeoutError):
                self._start()
                return
        raise AssertionError(f"WebKit did not answer its driver in {_STARTS} starts")

    def _start(self) -> None:
        options = Options()
        options.binary_location = str(MINI_BROWSER)
        options.add_argument("--automation")
        group = {"start_new_session": True}
        self._service = Service("/usr/bin/WebKitWebDriver", env=self._environment, popen_kw=group)
        self._service.start()
        asked = ClientConfig(self._service.service_url, timeout=_ANSWER_SECONDS)
        self._driver = Remote(RemoteConnection(client_config=asked), options=options)
        self._driver.set_script_timeout(30)

    def goto(self, url: str) -> None:
        self._driver.get(url)

    def evaluate(self, body: str) -> Any:
        found, value = self._driver.execute_async_script(
            "const done = arguments[arguments.length - 1];"
            f"(async () => {{ {body} }})()"
            ".then((value) => done([true, value]), (error) => done([false, String(error)]));"
        )
        assert found, value
        return value

    def click(self, path: str) -> None:
        self._driver.execute_script(f"return document{path}").click()

    def press(self, key: str) -> None:
        ActionChains(self._driver).send_keys(_KEYS[key]).perform()

    def screenshot(self, file: Path) -> None:
        self._driver.save_screenshot(str(file))

    def close(self) -> None:
        """Ends the driver with its browser: nothing of such a session is kept, and asking it to quit may hang too."""
        if self._service is not None:
            with suppress(ProcessLookupError):  # it ended by itself, and the test says so
                os.killpg(self._service.process.pid, signal.SIGKILL)
            self._service.process.wait()
            self._service = None


@contextmanager
def chromium() -> Iterator[Driver]:
    with sync_playwright() as playwright:
        driver = Chromium(playwright)
        yield driver
        driver.close()


@contextmanager
def firefox() -> Iterator[Driver]:
    driver = Firefox()
    try:
        yield driver
    finally:
        driver.close()


@contextmanager
def webkit() -> Iterator[Driver]:
    with _display() as display:
        driver = WebKit(display)
        try:
            yield driver
        finally:
            driver.close()


@contextmanager
def _display() -> Iterator[str]:
    """An X server without a screen, which says its own number."""
    told, tell = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(tell), "-screen", "0", "1280x900x24", "-nolisten", "tcp"],
        pass_fds=(tell,),
        stderr=subprocess.DEVNULL,
    )
    os.close(tell)
    try:
        with os.fdopen(told) as number:
            yield f":{number.readline().strip()}"
    finally:
        server.terminate()
        server.wait(timeout=20)


ENGINES: dict[str, Callable[[], Any]] = {"chromium": chromium, "firefox": firefox, "webkit": webkit}
