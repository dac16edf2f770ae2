"""Somebody outside who mirrors the site's public log while things break, and remembers all that it ever saw.

Reads the C2SP tlog-tiles form over HTTP and computes every root anew (RFC 6962), with no code of the writer.
"""

from __future__ import annotations

import hashlib
import time
from contextlib import suppress

from tests.web import get

from faults.load import SITE, Broken
from temoin.proof.verify.formats import Head, Key, open_note, read_head, read_key

_TILE = 256
_SECONDS = 60.0


class Mirror:
    """`entries` are the commitments in index order: dense by how they are read, and none may ever be there twice."""

    def __init__(self, vkey: str) -> None:
        self.entries: list[bytes] = []
        self.known: set[bytes] = set()
        self.checkpoints = 0
        self._key: Key = read_key(vkey)
        self._peaks: list[tuple[int, bytes]] = []  # (leaves, hash) of the full subtrees so far, left to right
        self._head = Head(self._key.name, 0, hashlib.sha256(b"").digest())

    def follow(self, url: str) -> None:
        """Takes in what the log has grown by; raises Broken where it shrank, forked, or does not add up."""
        answer = get(f"{url}/log/{SITE}/checkpoint")
        if answer.status != 200:
            raise OSError(f"no checkpoint: {answer.status}")
        text, _ = open_note(answer.body.decode(), self._key)
        head = read_head(text)
        if head.size < self._head.size:
            raise Broken(f"the log shrank from {self._head.size} to {head.size}")
        self._read(url, head)
        if self._root() != head.root:
            raise Broken(f"the checkpoint of size {head.size} does not cover the entries that the log gave out")
        self.checkpoints += head != self._head
        self._head = head

    def holds(self, url: str, acknowledged: list[str], seconds: float = _SECONDS) -> None:
        """Waits until every acknowledged commitment is in the log; raises Broken where one stays missing."""
        wanted = {bytes.fromhex(commitment) for commitment in acknowledged}
        deadline = time.monotonic() + seconds
        while True:
            with suppress(OSError):  # not reachable just now; the deadline tells whether it stays so
                self.follow(url)
            if wanted <= self.known:
                return
            if time.monotonic() > deadline:
                raise Broken(f"{len(wanted - self.known)} acknowledged decisions are not in the log")
            time.sleep(0.05)

    def _read(self, url: str, head: Head) -> None:
        while len(self.entries) < head.size:
            tile, skip = divmod(len(self.entries), _TILE)
            width = min(_TILE, head.size - tile * _TILE)
            part = "" if width == _TILE else f".p/{width}"
            answer = get(f"{url}/log/{SITE}/tile/entries/{_number(tile)}{part}")
            if answer.status != 200:
                raise OSError(f"no entries: {answer.status}")
            for entry in _unpacked(answer.body)[skip:]:
                self._add(entry)

    def _add(self, entry: bytes) -> None:
        if entry in self.known:
            raise Broken(f"entry {len(self.entries)} is in the log twice")
        self.known.add(entry)
        self.entries.append(entry)
        size, node = 1, hashlib.sha256(b"\x00" + entry).digest()
        while self._peaks and self._peaks[-1][0] == size:
            _, left = self._peaks.pop()
            size, node = size * 2, hashlib.sha256(b"\x01" + left + node).digest()
        self._peaks.append((size, node))

    def _root(self) -> bytes:
        if not self._peaks:
            return hashlib.sha256(b"").digest()
        node = self._peaks[-1][1]
        for _, left in reversed(self._peaks[:-1]):
            node = hashlib.sha256(b"\x01" + left + node).digest()
        return node


def _number(tile: int) -> str:
    """A tile's number in groups of three digits, all but the last behind an x (tlog-tiles)."""
    groups = [f"{tile % 1000:03d}"]
    while tile := tile // 1000:
        groups.insert(0, f"x{tile % 1000:03d}")
    return "/".join(groups)


def _unpacked(data: bytes) -> list[bytes]:
    """The entries of a bundle: each behind its length, two bytes."""
    entries, place = [], 0
    while place < len(data):
        end = place + 2 + int.from_bytes(data[place : place + 2], "big")
        entries.append(data[place + 2 : end])
        place = end
    return entries
