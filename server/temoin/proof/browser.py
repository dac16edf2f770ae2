"""The installed Chromium, started for a task of the proof plane: capturing evidence, printing documents.

Its resolver knows no host, so nothing that a page asks for can leave the machine by accident.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Browser, Error, async_playwright

from temoin.errors import Unavailable

_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND",
]
_GET_ONE = "Install Debian's package chromium, or name another Chromium in TEMOIN_CHROMIUM"


@asynccontextmanager
async def started(chromium: str, task: str, otherwise: str) -> AsyncIterator[Browser]:
    """The browser at the path `chromium`, closed when the block ends.

    `task` says what for ("to capture evidence with"), `otherwise` what can be done without one. Raises Unavailable
    where there is none, or it does not start.
    """
    hint = f"{_GET_ONE}; {otherwise}"
    if not Path(chromium).is_file():  # noqa: ASYNC240  # one look at a local file
        raise Unavailable("browser_missing", f"There is no browser at {chromium} {task}.", hint)
    async with async_playwright() as playwright:
        try:
            browser = await playwright.chromium.launch(executable_path=chromium, args=_ARGUMENTS)
        except Error as error:
            raise Unavailable(
                "browser_failed", f"The browser at {chromium} did not start: {first_line(error)}.", hint
            ) from error
        try:
            yield browser
        finally:
            await browser.close()


def first_line(error: Error) -> str:
    """What a browser's error says, without the call log that follows."""
    return error.message.strip().splitlines()[0].rstrip(".")
