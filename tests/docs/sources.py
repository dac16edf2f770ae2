"""What the documentation has to keep up with: files of the repository, and facts that are read out of the code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click

from temoin import errors
from temoin.cli.main import cli

ROOT = Path(__file__).resolve().parent.parent.parent
DOCS = ROOT / "docs"

_NOT_OURS = {"node_modules", ".venv", "dist", ".git"}
_SNAKE = re.compile(r"[a-z][a-z0-9_]*\Z")


def text(name: str) -> str:
    """A file of the repository, by its path from the root."""
    return (ROOT / name).read_text(encoding="utf-8")


def pages() -> list[Path]:
    """Every Markdown file of the repository that people write."""
    found = (path for path in ROOT.rglob("*.md") if not _NOT_OURS.intersection(path.relative_to(ROOT).parts))
    return sorted(path for path in found if not any(part.startswith(".") for part in path.relative_to(ROOT).parts))


def commands() -> dict[str, click.Command]:
    """Every command that does something, by the words that call it, such as `site put`."""
    return dict(_below((), cli))


def _below(words: tuple[str, ...], command: click.Command) -> Iterator[tuple[str, click.Command]]:
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from _below((*words, name), inner)
    else:
        yield " ".join(words), command


def error_statuses() -> dict[str, set[str]]:
    """The codes of the errors that the service and its commands raise, each with its status codes as text."""
    found: dict[str, set[str]] = {}
    for file in (ROOT / "server/temoin").rglob("*.py"):
        for code, status in _codes_in(file):
            found.setdefault(code, set()).update(status)
    return found


def _codes_in(file: Path) -> Iterator[tuple[str, set[str]]]:
    """The first argument of each error made, and the status of its class; a class of its own file has none."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and node.args and _makes_an_error(node):
            first = node.args[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str) and _SNAKE.match(first.value):
                kind = getattr(errors, node.func.id, None) if isinstance(node.func, ast.Name) else None
                yield first.value, {str(kind.status)} if kind else set()


def _makes_an_error(call: ast.Call) -> bool:
    """`Malformed("…")`, or `super().__init__("…")` in a class of errors."""
    if isinstance(call.func, ast.Name):
        return isinstance(getattr(errors, call.func.id, None), type)
    function = call.func
    return (
        isinstance(function, ast.Attribute)
        and function.attr == "__init__"
        and isinstance(function.value, ast.Call)
        and isinstance(function.value.func, ast.Name)
        and function.value.func.id == "super"
    )


def section(page: str, heading: str) -> str:
    """The text of a Markdown file below one heading, up to the next heading of any level."""
    _, found, rest = page.partition(f"{heading}\n")
    assert found, f"there is no heading {heading!r}"
    return re.split(r"(?m)^#+ ", rest, maxsplit=1)[0]


def blocks(page: str, language: str) -> list[str]:
    """The fenced blocks of one language."""
    return re.findall(rf"(?ms)^```{language}\n(.*?)^```$", page)
