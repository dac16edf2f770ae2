"""What holds for every page: links lead somewhere, pictures are small, decisions are short, the map is complete."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from temoin import __version__
from tests.docs.sources import DOCS, ROOT, pages, text

_LINK = re.compile(r"(?:\]\(|src=\")([^()\s\"]+)[)\"]")
_CODE = re.compile(r"(?ms)^```.*?^```$|`[^`\n]*`")
DECISIONS = sorted((DOCS / "adr").glob("*.md"))
MODULES = ROOT / "server/temoin"


@pytest.mark.parametrize("page", pages(), ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_leads_to_a_file_and_to_a_heading_in_it(page: Path) -> None:
    for target in _LINK.findall(_CODE.sub("", page.read_text(encoding="utf-8"))):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        assert file.exists(), target
        if anchor:
            assert anchor in _anchors(file), target


def _anchors(page: Path) -> set[str]:
    """The names that headings get: lower case, without punctuation, hyphens for spaces."""
    headings = re.findall(r"(?m)^#+ (.+)$", page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def test_the_changelog_has_a_section_for_the_present_version() -> None:
    assert re.search(rf"(?m)^## \[{re.escape(__version__)}\]", text("CHANGELOG.md"))


def test_pictures_are_png_files_of_a_modest_size() -> None:
    pictures = list((DOCS / "images").iterdir())
    assert {picture.name for picture in pictures} == {
        "banner-desktop.png",
        "banner-mobile.png",
        "preferences.png",
        "counter.png",
        "admin-audience.png",
        "admin-look.png",
        "admin-record.png",
        "admin.png",
    }
    for picture in pictures:
        data = picture.read_bytes()
        assert data.startswith(b"\x89PNG\r\n\x1a\n")
        assert len(data) <= 300_000


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda decision: decision.stem)
def test_a_decision_is_short_and_says_why_and_what_else_there_was(decision: Path) -> None:
    words = decision.read_text(encoding="utf-8")
    assert len(words.splitlines()) <= 60
    assert [*re.findall(r"(?m)^## (.+)$", words)] == ["Context", "Decision", "Consequences", "Rejected"]


def test_decisions_are_numbered_without_gaps_and_listed() -> None:
    assert [int(decision.name[:4]) for decision in DECISIONS] == list(range(1, len(DECISIONS) + 1))
    listed = text("ARCHITECTURE.md")
    assert [each.name for each in DECISIONS if f"(docs/adr/{each.name})" not in listed] == []


@pytest.mark.parametrize("folder", ["server/temoin", "sdk/src"])
def test_the_map_names_every_file(folder: str) -> None:
    rows = dict(re.findall(r"(?m)^\| `([\w/]+/)` \|(.*)$", text("ARCHITECTURE.md")))
    files = [path for path in (ROOT / folder).rglob("*") if path.suffix in (".py", ".ts") and path.stem != "__init__"]
    assert files
    missing = [
        str(path.relative_to(ROOT))
        for path in files
        if f"`{path.name.removesuffix('.py').removesuffix('.ts')}`"
        not in rows.get(f"{path.parent.relative_to(ROOT)}/", "")
    ]
    assert sorted(missing) == []
