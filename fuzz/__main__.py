"""`make fuzz`: every decoder and every public address; ends with 1 where anything was not foreseen.

    python -m fuzz [--runs 125000] [--requests 300000] [--publish]

`--publish` writes the table of docs/fuzzing.md.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.made import ORIGIN, decision, site_config
from tests.service_process import Service
from tests.waiting import until
from tests.web import get

from fuzz.traffic import SEED, fuzz_traffic

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/fuzzing.md"
MARKS = "<!-- measured -->", "<!-- end of measured -->"
NAMES = {
    "decision": 1.0, "hit": 1.0, "words of a browser": 1.0, "configuration, JSON": 0.4, "configuration, TOML": 0.4,
    "body of the API": 1.0, "log formats": 1.0, "verifier's formats": 1.0, "verifier's documents": 1.0,
    "time-stamps": 0.2, "bundles": 0.02,
}  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__)
    parser.add_argument("--runs", type=int, default=125_000, help="inputs of each decoder; slow ones take a share")
    parser.add_argument("--requests", type=int, default=300_000)
    parser.add_argument("--publish", action="store_true")
    given = parser.parse_args()
    rows, total, failed = [], 0, False
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for decoder, share in NAMES.items():
            runs = int(given.runs * share)
            ok, said = _decoder(decoder, runs, folder)
            failed |= not ok
            total += runs
            rows.append(f"| {decoder} | {runs:,} | {said} | {'none' if ok else '**yes**'} |")
            print(rows[-1], flush=True)
        tally = fuzz_traffic(given.requests, folder)
        total += tally.sent
        failed |= bool(tally.failures) or tally.grown_bytes > 32 << 20
        grown = f"memory {tally.grown_bytes / 2**20:+.0f} MiB after the first tenth"
        rows.append(f"| requests to a service | {tally.sent:,} | {grown} | {len(tally.failures) or 'none'} |")
        print(rows[-1], dict(sorted(tally.statuses.items())), flush=True)
        for request in tally.failures[:5]:
            print("not foreseen:", request[:400], file=sys.stderr)
    print(f"{total:,} inputs")
    if given.publish:
        _publish(rows, total, sorted(tally.statuses.items()))
    return int(failed)


def _decoder(name: str, runs: int, folder: Path) -> tuple[bool, str]:
    """Whether all of its inputs ended as they should, and what libFuzzer says of coverage and memory."""
    seeds = folder / re.sub(r"\W+", "-", name)
    seeds.mkdir()
    if name == "bundles":
        (seeds / "seed-bundle").write_bytes(_bundle(folder))
    command = [sys.executable, "-m", "fuzz.decoders", name, str(runs), str(seeds)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=3600, check=False)
    last = re.findall(r"cov: (\d+).*?corp: (\d+)", done.stderr)
    peak = re.findall(r"peak_rss_mb: +(\d+)", done.stderr)
    if done.returncode:
        print(done.stdout[-2000:], done.stderr[-3000:], file=sys.stderr)
    coverage = f"{last[-1][0]} edges, {last[-1][1]} kept inputs, " if last else ""
    return done.returncode == 0, f"{coverage}{peak[-1] if peak else '?'} MB at most"


def _bundle(folder: Path) -> bytes:
    """A real one, of a few records."""
    service = Service(folder / "made").start()
    try:
        version = service.publish(site_config())
        for _ in range(3):
            assert service.post("boutique", decision(version), origin=ORIGIN).status == 201
        until(lambda: b"\ntemoin_unsealed_entries 0.0" in get(f"{service.url}/metrics").body)
        out = folder / "bundle.zip"
        service.must("export", "boutique", "--format", "bundle", "--out", str(out))
        return out.read_bytes()
    finally:
        service.kill()


def _publish(rows: list[str], total: int, statuses: list[tuple[int, int]]) -> None:
    answered = ", ".join(f"{status or 'connection ended'}: {count:,}" for status, count in statuses)
    table = "\n".join(["| what | inputs | coverage, memory | not foreseen |", "|---|---:|---|---|", *rows])
    text = f"{table}\n\n{total:,} inputs in all. Answers to the requests (seed {SEED}), by status: {answered}."
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(MARKS[0])
    PAGE.write_text(f"{before}{MARKS[0]}\n{text}\n{MARKS[1]}{rest.partition(MARKS[1])[2]}", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
