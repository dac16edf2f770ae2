"""One decoder under libFuzzer, guided by coverage: `python -m fuzz.decoders NAME RUNS SEEDS`, a process of its own.

A decoder takes any bytes and answers, or raises what its contract names. Anything else ends the run, as does memory
that grows past MOST_MEGABYTES, or an input that takes ten seconds. Seeds are well-formed inputs, to start from.
"""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["temoin"]):
    from temoin.admin.api.records import Search
    from temoin.analytics import agent, hit, mask
    from temoin.consent import decision
    from temoin.errors import TemoinError
    from temoin.http import network
    from temoin.proof import checkpoint, note, tlog_proof
    from temoin.proof.verify import formats, timestamp
    from temoin.proof.verify.bundle import verify_file
    from temoin.proof.verify.documents import read_canonical
    from temoin.site import parse_site
import msgspec
from tests.made import decision as a_decision
from tests.made import site_config

MOST_MEGABYTES = 1024
Body = Callable[[bytes], object]


@dataclass(frozen=True, slots=True)
class Target:
    """A decoder, what it may raise, and well-formed inputs."""

    takes: Body
    raises: tuple[type[Exception], ...]
    seeds: tuple[bytes, ...]


def _text(data: bytes) -> str:
    return data.decode("latin-1")


def _words(data: bytes) -> None:
    """What a browser says of itself, and what a page says of where it is."""
    text = _text(data)
    agent.classify(text)
    agent.language(text)
    mask.mask(text)
    mask.mask_path(text)
    network(text)


def _log(data: bytes) -> None:
    text = data.decode("utf-8")
    for read in (checkpoint.parse_checkpoint, tlog_proof.parse_proof, note.parse_note, note.parse_vkey):
        with suppress(ValueError, TemoinError):
            read(text)


def _verifier(data: bytes) -> None:
    text = data.decode("utf-8")
    for read in (formats.read_head, formats.note_lines, formats.read_key, formats.decode64):
        with suppress(ValueError):
            read(text)
    head = formats.Head("x", 3, bytes(32))
    formats.check_proof(text, bytes(32), 1, "x\n", head)


_HIT = json.dumps({"type": "view", "page": "/a?b#c", "entry": True, "referrer": "x.test"}).encode()
_CHECKPOINT = b"host/site\n3\n" + b"A" * 43 + b"=\n\n\xe2\x80\x94 host/site " + b"A" * 92 + b"\n"

TARGETS = {
    "decision": Target(decision.decode, (TemoinError,), (json.dumps(a_decision("0" * 16)).encode(),)),
    "hit": Target(hit.decode, (TemoinError,), (_HIT,)),
    "words of a browser": Target(_words, (), (b"Mozilla/5.0 (X11) Firefox/150.0", b"fr-FR,fr;q=0.8", b"203.0.113.7")),
    "configuration, JSON": Target(
        lambda data: parse_site(data, "x.json"), (TemoinError,), (json.dumps(site_config()).encode(),)
    ),
    "configuration, TOML": Target(lambda data: parse_site(data, "x.toml"), (TemoinError,), (b'site = "x"\n[a]\n',)),
    "body of the API": Target(
        msgspec.json.Decoder(Search).decode, (msgspec.MsgspecError, UnicodeDecodeError), (b'{"from": "2026-01-01"}',)
    ),
    "log formats": Target(_log, (UnicodeDecodeError,), (_CHECKPOINT, b"c2sp.org/tlog-proof@v1\nindex 1\n")),
    "verifier's formats": Target(_verifier, (ValueError,), (_CHECKPOINT, b"c2sp.org/tlog-proof@v1\nindex 1\n")),
    "verifier's documents": Target(read_canonical, (ValueError,), (b'{"schema":"temoin.consent/1"}',)),
    "time-stamps": Target(
        lambda data: timestamp.check_token(data, bytes(32)), (ValueError,), (b"\x30\x03\x02\x01\x00",)
    ),
    "bundles": Target(lambda data: verify_file(io.BytesIO(data)), (ValueError, OSError), ()),
}


def main(name: str, runs: int, seeds: Path) -> None:
    target = TARGETS[name]
    for number, seed in enumerate(target.seeds):
        (seeds / f"seed-{number}").write_bytes(seed)

    def once(data: bytes) -> None:
        with suppress(*target.raises):
            target.takes(data)

    atheris.Setup(
        [
            *(sys.argv[0], f"-runs={runs}", f"-rss_limit_mb={MOST_MEGABYTES}", "-timeout=10", "-max_len=16384"),
            *("-print_final_stats=1", "-verbosity=1", f"-artifact_prefix={seeds.parent}/", str(seeds)),
        ],
        once,
    )
    atheris.Fuzz()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
