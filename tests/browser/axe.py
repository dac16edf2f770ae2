"""axe-core on a page as it stands, shadow roots included."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from playwright.sync_api import Page

_FILE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"


@cache
def _source() -> str:
    assert _FILE.exists(), "axe-core is missing: run 'scripts/install --test'"
    return _FILE.read_text()


def violations(page: Page, scope: str | None = None) -> list[str]:
    """Each violation as `rule: elements`, in the whole page or below the elements that `scope` selects."""
    page.evaluate(_source())
    found = page.evaluate(
        "async (scope) => (await axe.run(scope ?? document, {resultTypes: ['violations']})).violations", scope
    )
    return [f"{rule['id']}: {[node['target'] for node in rule['nodes']]}" for rule in found]
