"""docs/commands.md and the quoted commands of every page, held against the commands themselves."""

from __future__ import annotations

import re
import shlex

import click
import pytest

from temoin.cli.main import cli
from tests.docs.sources import ROOT, blocks, commands, pages, section, text

COMMANDS = commands()
PAGE = text("docs/commands.md")


@pytest.mark.parametrize("words", COMMANDS)
def test_every_command_has_a_section_that_names_its_arguments_and_options(words: str) -> None:
    found = section(PAGE, f"## `temoin {words}`")
    for parameter in COMMANDS[words].params:
        if isinstance(parameter, click.Argument):
            assert f"`{parameter.make_metavar(click.Context(COMMANDS[words]))}`" in found
        elif parameter.name != "help":
            assert f"`{parameter.opts[0]}" in found


def test_the_options_before_a_command_are_described() -> None:
    found = section(PAGE, "## Options before the command")
    for parameter in cli.params:
        assert f"`{parameter.opts[0]}" in found


def test_no_section_describes_a_command_that_is_not_there() -> None:
    described = re.findall(r"(?m)^## `temoin (.+)`$", PAGE)
    assert sorted(described) == sorted(COMMANDS)


def _quoted() -> list[tuple[str, str]]:
    """Each line of a `sh` block that runs temoin, with the page that it stands on."""
    return [
        (str(page.relative_to(ROOT)), command.strip())
        for page in pages()
        for block in blocks(page.read_text(encoding="utf-8"), "sh")
        for line in block.replace("\\\n", "").splitlines()
        for command in re.split(r"&&|\|", line)
        if re.match(r"(\w+=\S+ )*(\.venv/bin/)?temoin\b", command.strip())
    ]


@pytest.mark.parametrize(("page", "line"), _quoted())
def test_a_quoted_command_is_one_that_the_command_line_takes(page: str, line: str) -> None:
    """Parsed by click itself, which knows every option and the number of arguments; nothing is run."""
    words = [word for word in shlex.split(line, comments=True) if not re.match(r"[A-Z_]+=", word)][1:]
    while words and words[0].startswith("-"):
        option = words.pop(0)
        (known,) = [each for each in cli.params if option in each.opts]
        if isinstance(known, click.Option) and not known.is_flag:
            words.pop(0)
    if words:
        names = {words[0], " ".join(words[:2])}
        (name,) = [name for name in names if name in COMMANDS]
        COMMANDS[name].make_context(name, words[len(name.split()) :])


def test_the_quoted_make_targets_exist() -> None:
    targets = set(re.findall(r"(?m)^([a-z]+):", text("Makefile")))
    quoted = {
        target
        for page in pages()
        for block in blocks(page.read_text(encoding="utf-8"), "sh")
        for target in re.findall(r"(?m)^make ([a-z]+)", block)
    }
    assert {"demo", "test"} <= quoted <= targets
