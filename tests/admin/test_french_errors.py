"""Errors at the admin, in French: whatever the code behind it can raise, and what a reader then sees."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from temoin.admin.pages.language import told
from tests.admin.conftest import log_in
from tests.service_process import Service

SERVER = Path(__file__).parents[2] / "server" / "temoin"
# Programs meet these, and operators at the start of the service.
PROGRAMS = ("admin/api/", "analytics/hit", "analytics/routes", "proof/routes", "storage/open", "storage/backup")
SETTINGS = {"bad_setting"}


def _raised() -> Iterator[str]:
    """Every message and hint of an error in the code that pages of the admin call, `0` for what is filled in."""
    for plane in ("admin", "analytics", "proof", "storage"):
        for file in sorted((SERVER / plane).rglob("*.py")):
            if file.relative_to(SERVER).as_posix().startswith(PROGRAMS):
                continue
            for node in ast.walk(ast.parse(file.read_text("utf-8"))):
                if isinstance(node, ast.Call):
                    yield from _texts(node)


def _texts(call: ast.Call) -> Iterator[str]:
    name = call.func.id if isinstance(call.func, ast.Name) else ""
    if name == "_refused":  # how a sign-on is turned away
        yield from (text for part in call.args for text in _literal(part))
    elif name in _ERRORS and isinstance(call.args[0], ast.Constant) and call.args[0].value not in SETTINGS:
        yield from (text for part in call.args[1:3] for text in _literal(part))


def _literal(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "0" for part in node.values)


_ERRORS = {
    node.name
    for node in ast.walk(ast.parse((SERVER / "errors.py").read_text("utf-8")))
    if isinstance(node, ast.ClassDef)
}
ALL = sorted(set(_raised()))


def test_the_code_is_read_for_its_errors() -> None:
    assert len(ALL) > 150


@pytest.mark.parametrize("text", ALL)
def test_every_error_has_its_french(text: str) -> None:
    assert told(text, "fr") != text
    assert told(text, "en") == text


def test_what_was_filled_in_stays_and_quotes_are_french() -> None:
    assert told("There is no site 'vélo'.", "fr") == "Il n’y a pas de site «\u00a0vélo\u00a0»."
    assert told("Too many failed attempts for this network.", "fr") == "Trop de tentatives manquées pour ce réseau."


@pytest.mark.browser
def test_a_french_reader_is_told_in_french(admin: Service, chromium: Browser) -> None:
    context = chromium.new_context(locale="fr")
    page = context.new_page()
    page.goto(f"{admin.url}/admin/login")
    page.locator("#name").fill("ada")
    page.locator("#password").fill("not the password")
    page.locator("main button").click()
    expect(page.get_by_role("alert")).to_have_text("Le nom ou le mot de passe est faux. Réessayez.")
    log_in(page, admin)
    page.goto(f"{admin.url}/admin/sites/absent")
    expect(page.get_by_role("main")).to_contain_text("Il n’y a pas de site «\u00a0absent\u00a0».")
    context.close()
