"""The recipes of docs/embedding.md, read by each language's own parser, and as a browser would meet them."""

from __future__ import annotations

import re
import subprocess

import jinja2
import pytest

from tests.docs.sources import ROOT, text

PAGE = text("docs/embedding.md")
BLOCKS = re.findall(r"(?ms)^```(\w+)\n(.*?)^```$", PAGE.partition("## Recipes")[2])
TAG = re.compile(r'<script src="[^"]*/s/boutique\.js"')


def _of(*kinds: str) -> list[str]:
    return [code for kind, code in BLOCKS if kind in kinds]


def _reads(command: list[str], code: str) -> None:
    done = subprocess.run(command, input=code, capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_system_has_its_recipe() -> None:
    headings = re.findall(r"(?m)^### (.+)$", PAGE.partition("## Recipes")[2])
    assert headings == ["WordPress", "Google Tag Manager", "Next.js", "Django", "Rails", "Symfony", "Shopify"]


@pytest.mark.parametrize("code", _of("php"))
def test_php_parses(code: str) -> None:
    _reads(["php", "-l"], code if code.startswith("<?php") else f"<?php\n{code}")


@pytest.mark.parametrize("code", _of("ruby"))
def test_ruby_parses(code: str) -> None:
    _reads(["ruby", "-c"], code)


@pytest.mark.parametrize("code", _of("erb"))
def test_erb_compiles_to_ruby(code: str) -> None:
    script = "require 'erb'; RubyVM::InstructionSequence.compile(ERB.new($stdin.read).src.gsub('yield', 'nil'))"
    _reads(["ruby", "-e", script], code)


@pytest.mark.parametrize("code", _of("python"))
def test_python_compiles(code: str) -> None:
    compile(code, "recipe", "exec")


@pytest.mark.parametrize("code", _of("twig", "liquid"))
def test_templates_parse(code: str) -> None:
    jinja2.Environment(autoescape=True).parse(code)


@pytest.mark.parametrize("code", _of("tsx"))
def test_typescript_parses(code: str) -> None:
    _reads([str(ROOT / "sdk/node_modules/.bin/esbuild"), "--loader=tsx"], code)


@pytest.mark.parametrize("code", [code for code in _of("html", "erb", "twig", "liquid", "tsx") if "<head>" in code])
def test_the_tag_is_the_first_script_of_the_head(code: str) -> None:
    head = code.partition("<head>")[2]
    first = re.search(r"<script.*", head)
    assert first is not None
    assert TAG.match(first[0])
    assert not re.search(r"\b(async|defer)\b", first[0])


@pytest.mark.parametrize("code", _of("html", "erb", "twig", "liquid"))
def test_what_is_gated_has_no_address_that_a_browser_would_follow(code: str) -> None:
    for element in re.findall(r"<[a-z]+ [^>]*data-purpose[^>]*>", code):
        assert " src=" not in element
        assert "<script" not in element or 'type="text/plain"' in element
