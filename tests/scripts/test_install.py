"""The set-up on machines that lack something: it says exactly what, and how to get it, and changes nothing."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

INSTALL = Path(__file__).parents[2] / "scripts" / "install"
NEEDED = [
    "bash",
    "env",
    "dirname",
    "cat",
    "python3",
    "node",
    "npm",
    "sha256sum",
    "cut",
    "find",
    "sort",
    "xargs",
    "mktemp",
]


def _machine(folder: Path, *present: str, user: int) -> dict[str, str]:
    """An environment whose PATH has these commands only, run by a user of that id."""
    commands = folder / "bin"
    commands.mkdir()
    for name in (*NEEDED, *present):
        # The interpreter itself: what PATH has may be a version switcher's shim, which needs more than these commands.
        found = str(Path(sys.executable).resolve()) if name == "python3" else shutil.which(name)
        assert found, name
        (commands / name).symlink_to(found)
    (commands / "id").write_text(f"#!/bin/sh\necho {user}\n")
    (commands / "id").chmod(0o755)
    return {"PATH": str(commands), "HOME": str(folder)}


def _run(environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    bash = shutil.which("bash")
    assert bash
    return subprocess.run([bash, str(INSTALL)], env=environment, capture_output=True, text=True, check=False)


def test_without_root_it_names_the_packages_and_the_command(tmp_path: Path) -> None:
    done = _run(_machine(tmp_path, "apt-get", user=1000))
    assert done.returncode == 3
    assert "chromium redis-server" in done.stderr
    assert "as root with: apt-get install chromium redis-server" in done.stderr


def test_on_another_system_it_names_what_to_install(tmp_path: Path) -> None:
    done = _run(_machine(tmp_path, "redis-server", user=0))
    assert done.returncode == 3
    assert "These are missing: chromium" in done.stderr
    assert "redis-server" not in done.stderr


@pytest.mark.parametrize(("command", "said"), [("node", "Node.js 20"), ("python3", "Python 3.11")])
def test_a_missing_language_is_named_with_its_version(tmp_path: Path, command: str, said: str) -> None:
    environment = _machine(tmp_path, "chromium", "redis-server", user=0)
    (tmp_path / "bin" / command).unlink()
    done = _run(environment)
    assert done.returncode == 3
    assert said in done.stderr
