"""What a consent banner costs a visitor on a slow phone: ours beside its peers and beside the page alone, in one run.

    python -m loadtests.browser [--rounds 7] [--tries 3] [--alone] [--json FILE] [--write]

Installs the peers from npm by the lock file of this folder, lays out a page for each, and visits all of them in each
round, forth and back, in Debian's Chromium. A visit that was disturbed (the hypervisor took CPU away, or the browser
had to wait for a core) is made again; the calmest counts, and the table says how many were disturbed all the same.
`--write` puts the table into docs/performance.md, between its markers.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from loadtests.browser.measure import Figures, examine, visit
from loadtests.browser.offer import Peer
from loadtests.browser.ours import ours
from loadtests.browser.pages import Pages
from loadtests.browser.peers import MODULES, alone, peers
from loadtests.browser.quiet import go_first
from loadtests.browser.table import markdown, write
from playwright.sync_api import Browser, sync_playwright

_FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
_FLAGS += ["--disable-component-update", "--disable-sync"]


def main() -> None:
    options = _options()
    pages = Pages()
    with (
        tempfile.TemporaryDirectory(prefix="temoin-browser-") as folder,
        pages.served(),
        ours(Path(folder), pages.origin) as own,
        sync_playwright() as playwright,
    ):
        chosen = _lay_out(pages, [*own, *_others(options.alone), alone()])
        launch = partial(playwright.chromium.launch, executable_path="/usr/bin/chromium", args=_FLAGS)
        result = _measured(launch, pages.origin, chosen, options.rounds, options.tries)
    if options.json:
        Path(options.json).write_text(json.dumps(result, indent=1) + "\n")
    print(markdown(result))
    if options.write:
        write(result)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--tries", type=int, default=3, help="visits at most, where one was disturbed")
    parser.add_argument("--alone", action="store_true", help="without the peers: nothing is installed")
    parser.add_argument("--json", help="a file for all figures of every visit")
    parser.add_argument("--write", action="store_true", help="into docs/performance.md")
    return parser.parse_args()


def _others(alone: bool) -> Iterator[Peer]:
    if alone:
        return
    if not MODULES.exists():
        subprocess.run(["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], cwd=MODULES.parent, check=True)
    yield from peers()


def _lay_out(pages: Pages, candidates: list[Peer]) -> list[Peer]:
    for peer in candidates:
        pages.put(f"{peer.folder}index.html", peer.page)
        for name, content in peer.files.items():
            pages.put(peer.folder + name, content)
    return candidates


def _measured(
    launch: Callable[[], Browser], origin: str, candidates: list[Peer], rounds: int, tries: int
) -> dict[str, Any]:
    visits: dict[str, list[Figures]] = {peer.name: [] for peer in candidates}
    browser = launch()
    version = browser.version
    examined = {peer.name: examine(browser, origin, peer) for peer in candidates}
    browser.close()
    for number in range(rounds):
        browser = launch()
        go_first()
        visit(browser, origin, candidates[-1])  # the browser's own start is no part of anybody's figures
        for peer in candidates if number % 2 == 0 else reversed(candidates):
            figures = _calmest(browser, origin, peer, tries)
            visits[peer.name].append(figures)
            print(f"round {number + 1}: {peer.name}: {_brief(figures)}", file=sys.stderr, flush=True)
        browser.close()
    today = datetime.now(UTC).date().isoformat()
    gating = [peer.name for peer in candidates if peer.gates and peer.refuse]
    return {
        "date": today,
        "cores": os.cpu_count(),
        "chromium": version,
        "rounds": rounds,
        "gating": gating,
        "visits": visits,
        "examined": examined,
    }


def _calmest(browser: Browser, origin: str, peer: Peer, tries: int) -> Figures:
    made: list[tuple[float, Figures]] = []
    for _ in range(tries):
        figures, disturbance = visit(browser, origin, peer)
        noted: Figures = {"disturbed": disturbance.much, "steal": disturbance.steal, "waited": disturbance.waited_ms}
        made.append((disturbance.order, figures | noted))
        if not disturbance.much:
            break
    return min(made, key=lambda each: each[0])[1]


def _brief(figures: Figures) -> str:
    return " ".join(f"{name} {value:.0f}" for name, value in figures.items() if value is not None)


if __name__ == "__main__":
    main()
