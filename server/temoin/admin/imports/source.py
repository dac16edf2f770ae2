"""Reading another tool's configuration: JSON as it is, a script by running it.

These configurations are programs, with regular expressions and functions in them, so a script runs: in an empty page of
the service's Chromium that finds no host, with a stand-in for each tool that takes what it is called with. What comes
out is plain values; `{"regex": …}` stands for a regular expression, and functions are None.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from playwright.async_api import Error

from temoin.errors import Malformed
from temoin.proof.browser import first_line, started

TOOLS = {"klaro": "Klaro", "cookieconsent": "CookieConsent v3", "tarteaucitron": "tarteaucitron"}
_LARGEST = 2_000_000  # bytes
_PATIENCE_SECONDS = 10.0

_IMPORT = re.compile(r"^\s*import\b[^;\n]*(;|$)", re.MULTILINE)
_EXPORT_DEFAULT = re.compile(r"^\s*export\s+default\b", re.MULTILINE)
_EXPORT = re.compile(r"^\s*export\s+(?=const|let|var|function)", re.MULTILINE)

_STAND_INS = """
globalThis.taken = [];
const take = (tool) => (config) => void taken.push([tool, config]);
globalThis.CookieConsent = { run: take("cookieconsent") };
globalThis.klaro = { setup: take("klaro"), show() {}, render: take("klaro") };
globalThis.tarteaucitron = { user: {}, job: [], parameters: {}, init: take("tarteaucitron") };
"""
_LOOK = """() => {
  const plain = (value, depth) => {
    if (value instanceof RegExp) return { regex: value.source };
    if (typeof value === 'function' || value === null || depth > 12) return null;
    if (Array.isArray(value)) return value.slice(0, 2000).map((each) => plain(each, depth + 1));
    if (typeof value === 'object')
      return Object.fromEntries(
        Object.entries(value).slice(0, 2000).map(([key, each]) => [key, plain(each, depth + 1)]));
    return value;
  };
  if (typeof klaroConfig === 'object') taken.push(['klaro', klaroConfig]);
  if (typeof exported === 'object') taken.push(['', exported]);
  const last = taken.at(-1) ?? (tarteaucitron.job.length ? ['tarteaucitron', {}] : null);
  if (!last) return null;
  const more = last[0] === 'tarteaucitron' ? { jobs: tarteaucitron.job, user: tarteaucitron.user } : {};
  return [last[0], plain({ ...last[1], ...more }, 0)];
}"""


@dataclass(frozen=True, slots=True)
class Source:
    """`tool` is a key of TOOLS."""

    tool: str
    config: dict[str, Any]


async def read_source(file: Path, chromium: str) -> Source:
    """Raises Malformed for what is none of the tools' configurations, Unavailable where a script needs a browser."""
    try:
        data = file.read_bytes()  # noqa: ASYNC240  # one small file, before anything else runs
        text = data.decode()
    except (OSError, UnicodeDecodeError) as error:
        raise _bad(file, "it cannot be read as text") from error
    if len(data) > _LARGEST:
        raise _bad(file, f"it is larger than {_LARGEST} bytes")
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        tool, value = await _run(file, text, chromium)
    else:
        tool = ""
    if not isinstance(value, dict) or not (tool := tool or _guess(value)):
        raise _bad(file, "it holds the configuration of none of them")
    return Source(tool, value)


async def _run(file: Path, text: str, chromium: str) -> tuple[str, Any]:
    script = _EXPORT.sub("", _EXPORT_DEFAULT.sub("globalThis.exported =", _IMPORT.sub("", text)))
    async with started(chromium, "to run the script with", "a configuration in JSON needs none.") as browser:
        page = await browser.new_page(offline=True, service_workers="block", accept_downloads=False)
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(error.message.splitlines()[0]))
        try:
            await page.add_script_tag(content=_STAND_INS)
            await asyncio.wait_for(page.add_script_tag(content=script or ";"), _PATIENCE_SECONDS)
            found = await asyncio.wait_for(page.evaluate(_LOOK), _PATIENCE_SECONDS)
        except (Error, TimeoutError) as error:
            raise _bad(file, first_line(error) if isinstance(error, Error) else "its script does not end") from error
    if found is None:
        raise _bad(file, errors[0] if errors else "its script configures none of them")
    return str(found[0]), found[1]


def _guess(value: dict[str, Any]) -> str:
    if isinstance(value.get("services", value.get("apps")), list):
        return "klaro"
    if isinstance(value.get("categories"), dict):
        return "cookieconsent"
    return "tarteaucitron" if isinstance(value.get("jobs"), list) else ""


def _bad(file: Path, why: str) -> Malformed:
    return Malformed(
        "bad_import",
        f"{file}: {why}.",
        f"Give the file that configures {', '.join(TOOLS.values())}, as it stands on the site, or that value as JSON.",
    )
