"""The suite of faults runs, and its mirror of a log does notice what is missing, doubled or forked."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from faults.load import SITE, Broken
from faults.mirror import Mirror

from temoin.proof.checkpoint import Checkpoint, sign_checkpoint
from temoin.proof.note import Signer
from temoin.proof.tile import EMPTY_EDGE, grow

ROOT = Path(__file__).parents[2]
SIGNER = Signer("log.test/boutique", b"s" * 32)


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *given: object) -> None:
        pass


@pytest.fixture
def log(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder that is served as a site's log, and the address of the service that it seems to be."""
    folder = tmp_path / "log" / SITE
    (folder / "tile/entries").mkdir(parents=True)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(tmp_path)))
    Thread(target=server.serve_forever, daemon=True).start()
    yield folder, f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def _write(folder: Path, entries: list[bytes]) -> None:
    edge = grow(EMPTY_EDGE, entries).edge
    (folder / "checkpoint").write_text(
        sign_checkpoint(Checkpoint(SIGNER.verifier.name, edge.size, edge.root()), [SIGNER])
    )
    (folder / "tile/entries/000.p").mkdir(exist_ok=True)
    bundle = b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)
    (folder / f"tile/entries/000.p/{len(entries)}").write_bytes(bundle)


def _entries(*names: str) -> list[bytes]:
    return [name.encode() * 32 for name in names]


def test_the_mirror_follows_a_log_that_grows(log: tuple[Path, str]) -> None:
    folder, url = log
    mirror = Mirror(SIGNER.verifier.vkey)
    for letters in ("a", "abc", "abcdefg"):
        _write(folder, _entries(*letters))
        mirror.follow(url)
    mirror.holds(url, [entry.hex() for entry in _entries(*"gab")])
    assert (mirror.entries, mirror.checkpoints) == (_entries(*"abcdefg"), 3)


@pytest.mark.parametrize("then", ["ab", "abxdef", "abcdbe"], ids=["shrunk", "forked", "doubled"])
def test_the_mirror_notices_a_log_that_does_not_continue(log: tuple[Path, str], then: str) -> None:
    folder, url = log
    mirror = Mirror(SIGNER.verifier.vkey)
    _write(folder, _entries(*"abc"))
    mirror.follow(url)
    _write(folder, _entries(*then))
    with pytest.raises(Broken):
        mirror.follow(url)


def test_the_mirror_notices_what_is_missing(log: tuple[Path, str]) -> None:
    folder, url = log
    _write(folder, _entries(*"abc"))
    with pytest.raises(Broken, match="1 acknowledged"):
        Mirror(SIGNER.verifier.vkey).holds(url, [b"d".hex() * 32], seconds=0.1)


def test_a_fault_is_done_and_counted(tmp_path: Path) -> None:
    out = tmp_path / "counts.json"
    command = [sys.executable, "-m", "faults", "--only", "kill Redis", "--times", "1", "--out", str(out)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=150, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    counted = json.loads(out.read_text())["kill Redis"]
    assert (counted["faults"], counted["missing"], counted["twice"]) == (1, 0, 0)
    assert counted["acknowledged"] > 0
