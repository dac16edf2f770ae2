"""Verifiers that others wrote accept the log and refuse it once a byte was changed.

Go's sumdb packages (Debian's golang-golang-x-mod-dev), proofbundle (PyPI), @sigstore/verify (npm): three code bases,
three languages. What the README in every bundle tells an auditor to run is run here too.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from proofbundle.tlogproof import verify_tlog_proof

from temoin.proof.bundle_readme import readme
from tests.proof.folder import Folder, change_byte, document
from tests.proof.logs import ORIGIN, VKEY
from tests.proof.tiles import entry_of, proof_of

SIZES = [1, 255, 256, 257, 70_000]
HERE = Path(__file__).parent

Build = Callable[[Path], Path]
Accepts = Callable[[str, bytes], bool]
_HASHED = 'createHash("sha256").update(record).digest()'


@pytest.fixture(scope="module")
def go_build(tmp_path_factory: pytest.TempPathFactory) -> Build:
    """Compiles a Go program offline, from Debian's packages alone."""
    room = tmp_path_factory.mktemp("go")

    def build(source: Path) -> Path:
        program = room / source.parent.name
        environment = os.environ | {
            "GO111MODULE": "off",
            "GOPATH": "/usr/share/gocode",
            "GOFLAGS": "",
            "GOTOOLCHAIN": "local",
            "GOCACHE": str(room / "cache"),
            "CGO_ENABLED": "0",
        }
        subprocess.run(["go", "build", "-o", program, source], env=environment, check=True, cwd=room)
        return program

    return build


@pytest.fixture(scope="module")
def go_verifier(go_build: Build) -> Path:
    return go_build(HERE / "go" / "main.go")


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log of 70 000 entries in a folder, with three proofs; tests copy it before they change it."""
    log = Folder(tmp_path_factory.mktemp("large")).grow(30_000)
    shutil.copy(log.folder / "checkpoint", log.folder / "older")
    log.grow(70_000)
    for index in (0, 29_999, 69_999):
        log.prove(index)
    return log.folder


def _of_size(folder: Path, size: int) -> Folder:
    log = Folder(folder).grow(max(1, size // 2))
    shutil.copy(folder / "checkpoint", folder / "older")
    log.grow(size)
    for index in {0, size // 2, size - 1}:
        log.prove(index)
    return log


def _go(program: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([program, VKEY, folder, folder / "older"], capture_output=True, text=True, check=False)


def _proofbundle(proof: str, entry: bytes) -> bool:
    return bool(verify_tlog_proof(proof, entry, VKEY, expected_origin=ORIGIN)["ok"])


def _sigstore(room: Path) -> Accepts:
    """By the program for @sigstore/verify in the README of a bundle, but given the entry instead of the record."""
    program = _snippet("verify.cjs", room)
    text = program.read_text("utf-8")
    assert _HASHED in text
    program.write_text(text.replace(_HASHED, "record"), "utf-8")

    def accepts(proof: str, entry: bytes) -> bool:
        (room / "proof").write_text(proof, "utf-8")
        return _run_snippet(["node", program], room, room / "proof", entry) == 0

    return accepts


@pytest.fixture(params=["proofbundle", "sigstore"])
def accepts(request: pytest.FixtureRequest, tmp_path: Path) -> Accepts:
    """Whether a verifier takes a proof of an entry."""
    return _proofbundle if request.param == "proofbundle" else _sigstore(tmp_path)


def _snippet(name: str, folder: Path) -> Path:
    """A program out of the README of a bundle."""
    text = readme(ORIGIN, VKEY).decode()
    source = folder / Path(name).stem / name
    source.parent.mkdir()
    source.write_text(text.partition(f"--- {name}\n")[2].partition(f"--- end of {name}")[0], "utf-8")
    return source


def _run_snippet(command: list[str | Path], folder: Path, proof: Path, record: bytes) -> int:
    (folder / "key.vkey").write_text(VKEY + "\n", "utf-8")
    (folder / "record").write_bytes(record)
    environment = os.environ | {"NODE_PATH": str(HERE / "npm" / "node_modules")}
    arguments = [*command, folder / "key.vkey", proof, folder / "record"]
    return subprocess.run(arguments, env=environment, capture_output=True, check=False).returncode


@pytest.mark.parametrize("size", SIZES)
def test_go_accepts_every_entry_proof_and_the_growth_of_a_log(size: int, tmp_path: Path, go_verifier: Path) -> None:
    log = _of_size(tmp_path, size)
    result = _go(go_verifier, log.folder)
    assert result.returncode == 0, result.stderr
    assert result.stdout.startswith(f"{size} entries, {len({0, size // 2, size - 1})} proofs")


@pytest.mark.parametrize(
    "victim",
    [
        *("tile/0/000", "tile/0/136", "tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"),
        *("tile/entries/000", "tile/entries/273.p/112", "checkpoint", "older"),
        *("proofs/0.tlog-proof", "proofs/29999.tlog-proof", "proofs/69999.tlog-proof"),
    ],
)
def test_go_refuses_a_log_with_one_changed_byte(victim: str, tmp_path: Path, large: Path, go_verifier: Path) -> None:
    folder = tmp_path / "log"
    shutil.copytree(large, folder)
    assert _go(go_verifier, folder).returncode == 0
    change_byte(folder / victim)
    assert _go(go_verifier, folder).returncode == 1


@pytest.mark.parametrize("size", SIZES[:-1])
def test_go_refuses_one_changed_byte_in_any_file_of_a_small_log(size: int, tmp_path: Path, go_verifier: Path) -> None:
    log = _of_size(tmp_path, size)
    files = [file for file in sorted(tmp_path.rglob("*")) if file.is_file()]
    assert {file.relative_to(tmp_path).parts[0] for file in files} == {"tile", "proofs", "checkpoint", "older"}
    for file in files:
        kept = file.read_bytes()
        change_byte(file)
        assert _go(go_verifier, log.folder).returncode == 1, file
        file.write_bytes(kept)
    assert _go(go_verifier, log.folder).returncode == 0


@pytest.mark.parametrize("size", SIZES)
def test_two_more_verifiers_accept_proofs_and_refuse_changed_ones(size: int, tmp_path: Path, accepts: Accepts) -> None:
    log = _of_size(tmp_path / "log", size)
    for index in {0, size // 2, size - 1}:
        proof = (log.folder / "proofs" / f"{index}.tlog-proof").read_text("utf-8")
        assert proof == proof_of(log.folder, index)
        assert accepts(proof, _entry(index))
        assert not accepts(proof, _entry(index + 1))
        for place in (0.1, 0.5, 0.9):
            assert not accepts(_changed(proof, place), _entry(index))


@pytest.mark.parametrize(
    ("victim", "index"),
    [
        *[("tile/0/000", 0), ("tile/0/136", 136 * 256), ("tile/0/273.p/112", 69_888), ("tile/1/000", 0)],
        *[("tile/1/001.p/17", 65_536), ("tile/2/000.p/1", 69_999), ("checkpoint", 5)],
    ],
)
def test_two_more_verifiers_refuse_what_a_changed_log_proves(
    victim: str, index: int, tmp_path: Path, large: Path, accepts: Accepts
) -> None:
    folder = tmp_path / "log"
    shutil.copytree(large, folder)
    assert accepts(proof_of(folder, index), entry_of(folder, index))
    change_byte(folder / victim)
    assert not accepts(proof_of(folder, index), entry_of(folder, index))


@pytest.mark.parametrize(
    ("size", "victim", "index"),
    [
        *[(255, "tile/0/000.p/255", 0), (256, "tile/0/000", 0), (257, "tile/0/000", 0), (257, "tile/0/001.p/1", 0)],
        (257, "tile/1/000.p/1", 256),  # a proof at size 1 is made of no tile: there Go alone sees it
        *[(size, "checkpoint", 0) for size in SIZES[:-1]],
    ],
)
def test_two_more_verifiers_refuse_what_a_changed_small_log_proves(
    size: int, victim: str, index: int, tmp_path: Path, accepts: Accepts
) -> None:
    log = _of_size(tmp_path / "log", size)
    assert accepts(proof_of(log.folder, index), entry_of(log.folder, index))
    change_byte(log.folder / victim)
    assert not accepts(proof_of(log.folder, index), entry_of(log.folder, index))


@pytest.mark.parametrize("size", SIZES)
def test_all_three_refuse_an_entry_that_was_changed_in_its_bundle(
    size: int, tmp_path: Path, go_verifier: Path, accepts: Accepts
) -> None:
    log = _of_size(tmp_path / "log", size)
    tile, place = divmod(size // 2, 256)
    width = min(256, size - 256 * tile)
    victim = log.folder / "tile" / "entries" / (f"{tile:03d}" if width == 256 else f"{tile:03d}.p/{width}")
    assert entry_of(log.folder, size // 2) == _entry(size // 2)
    change_byte(victim, (34 * place + 12.5) / victim.stat().st_size)
    assert not accepts(proof_of(log.folder, size // 2), entry_of(log.folder, size // 2))
    assert _go(go_verifier, log.folder).returncode == 1


def test_the_program_for_sigstore_in_the_readme_accepts_a_proof_and_refuses_another_record(tmp_path: Path) -> None:
    log = _of_size(tmp_path / "log", 300)
    program = _snippet("verify.cjs", tmp_path)
    proof = log.folder / "proofs" / "299.tlog-proof"
    assert _run_snippet(["node", program], tmp_path, proof, document(299)) == 0
    assert _run_snippet(["node", program], tmp_path, proof, document(298)) != 0


def test_the_go_program_in_the_readme_accepts_a_proof_and_refuses_a_changed_one(
    tmp_path: Path, go_build: Build
) -> None:
    log = _of_size(tmp_path / "log", 300)
    program = go_build(_snippet("verify.go", tmp_path))
    proof = log.folder / "proofs" / "299.tlog-proof"
    assert _run_snippet([program], tmp_path, proof, document(299)) == 0
    assert _run_snippet([program], tmp_path, proof, document(298)) != 0
    change_byte(proof)
    assert _run_snippet([program], tmp_path, proof, document(299)) != 0


def _changed(text: str, place: float) -> str:
    at = int(len(text) * place)
    return text[:at] + ("B" if text[at] == "A" else "A") + text[at + 1 :]


def _entry(index: int) -> bytes:
    return hashlib.sha256(document(index)).digest()
