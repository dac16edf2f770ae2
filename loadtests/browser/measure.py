"""One visit in Chromium as on a slow phone: a first page, a refusal, and the page again.

Slowed down through the DevTools protocol: four times slower scripts, 150 ms more a request, 1.6 Mbit/s. Each visit is
a browser profile of its own, so nothing is cached or warm but the browser itself.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from loadtests.browser.offer import Peer
from loadtests.browser.quiet import Disturbance, Watch
from playwright.sync_api import Browser, CDPSession, Page

CPU_FACTOR = 4
LATENCY_MS = 150
DOWN_BITS = 1_600_000
UP_BITS = 750_000
_AFTER_MS = 1_500
# For each new window Chromium loads pages of its own (what drops down from its address field) in a process beside ours.
_WINDOW_MS = 2_000
_HERE = Path(__file__).parent
_AXE = _HERE.parents[1] / "tests/browser/node_modules/axe-core/axe.min.js"
_PROBE = (_HERE / "probe.js").read_text()

Figures = dict[str, float | None]


def visit(browser: Browser, origin: str, peer: Peer) -> tuple[Figures, Disturbance]:
    """All figures of one visit: times in ms since the navigation began, bytes of bodies as they were sent. And what
    disturbed it, from the moment when the browser's window had come to rest.
    """
    context = browser.new_context(viewport={"width": 412, "height": 823}, locale="en-US")
    try:
        page = context.new_page()
        page.add_init_script(_PROBE.replace("PATH", json.dumps(peer.banner)))
        cdp = context.new_cdp_session(page)
        requests = _Requests(cdp)
        _slow_down(cdp)
        page.wait_for_timeout(_WINDOW_MS)
        watch = Watch()
        page.goto(origin + peer.folder, wait_until="load")
        page.wait_for_function("__noted.painted !== null", timeout=30_000)
        page.wait_for_timeout(_AFTER_MS)
        figures = _loaded(page, cdp) | {"requests": requests.others, "bytes": requests.bytes}
        if peer.refuse:
            figures |= _refused(page, peer)
            requests.forget()
            page.goto(origin + peer.folder, wait_until="load")
            page.wait_for_timeout(_AFTER_MS)
            figures["requests_again"] = requests.others
        return figures, watch.read()
    finally:
        context.close()


def examine(browser: Browser, origin: str, peer: Peer) -> dict[str, Any]:
    """The first layer under axe-core, and what opening the second one loads; at full speed."""
    context = browser.new_context(viewport={"width": 412, "height": 823}, locale="en-US")
    try:
        page = context.new_page()
        page.add_init_script(_PROBE.replace("PATH", json.dumps(peer.banner)))
        requests = _Requests(context.new_cdp_session(page))
        page.goto(origin + peer.folder, wait_until="networkidle")
        page.wait_for_function("__noted.painted !== null")
        page.wait_for_timeout(_AFTER_MS)  # fading in is over: colours are what they will be
        page.evaluate(_AXE.read_text())
        rules = page.evaluate("async () => (await axe.run()).violations.map(({ id, nodes }) => [id, nodes.length])")
        requests.forget()
        if peer.choose:
            page.locator(peer.choose).first.click()
            page.wait_for_timeout(_AFTER_MS)
        return {"axe": sum(count for _, count in rules), "rules": [rule for rule, _ in rules], "later": requests.bytes}
    finally:
        context.close()


class _Requests:
    """What the page asked for over the network, its own document left out."""

    def __init__(self, cdp: CDPSession) -> None:
        cdp.send("Network.enable")
        cdp.on("Network.requestWillBeSent", lambda event: self._ask(event["requestId"], event))
        cdp.on("Network.requestServedFromCache", lambda event: self._asked.discard(event["requestId"]))
        cdp.on("Network.responseReceived", lambda event: self._answer(event["requestId"], event["response"]))
        self.forget()

    def forget(self) -> None:
        self._asked: set[str] = set()
        self._sizes: dict[str, int] = {}

    def _ask(self, request: str, event: dict[str, Any]) -> None:
        if event["type"] != "Document" and event["request"]["url"].startswith("http"):
            self._asked.add(request)

    def _answer(self, request: str, response: dict[str, Any]) -> None:
        if response.get("fromDiskCache"):
            self._asked.discard(request)
        headers = {name.lower(): text for name, text in response["headers"].items()}
        self._sizes[request] = int(headers.get("content-length", 0))

    @property
    def others(self) -> int:
        return len(self._asked)

    @property
    def bytes(self) -> int:
        return sum(self._sizes.get(request, 0) for request in self._asked)


def _slow_down(cdp: CDPSession) -> None:
    conditions = {"latency": LATENCY_MS, "downloadThroughput": DOWN_BITS / 8, "uploadThroughput": UP_BITS / 8}
    cdp.send("Network.emulateNetworkConditions", {"offline": False, **conditions})
    cdp.send("Emulation.setCPUThrottlingRate", {"rate": CPU_FACTOR})
    cdp.send("Performance.enable")


def _loaded(page: Page, cdp: CDPSession) -> Figures:
    spent = {each["name"]: each["value"] for each in cdp.send("Performance.getMetrics")["metrics"]}
    noted = page.evaluate("__noted")
    tasks = noted["tasks"]
    return {
        "painted": noted["painted"],
        "fcp": noted["fcp"],
        "script": spent["ScriptDuration"] * 1000,
        "blocking": sum(max(0, task - 50) for task in tasks),
        "longest": max(tasks, default=0),
        "shift": noted["shift"],
    }


def _refused(page: Page, peer: Peer) -> Figures:
    box = page.locator(peer.refuse).first.bounding_box()
    assert box, f"{peer.name}: nothing to refuse with"
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_timeout(400)
    page.evaluate("__watch()")
    page.mouse.down()
    page.mouse.up()
    page.wait_for_function("__noted.gone !== null", timeout=10_000)
    page.wait_for_timeout(_AFTER_MS)
    noted = page.evaluate("__noted")
    return {
        "inp": max(noted["interactions"], default=None),
        "answered": max(noted["answered"], default=None),
        "gone": noted["gone"],
        "shift_after": noted["shift"],
    }
