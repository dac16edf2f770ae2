"""The installed Chromium, started for a task: capturing evidence, printing documents, checking a tag.

Its resolver knows no host but those that the task names, so nothing that a page asks for can leave the machine by
accident.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
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
]
_GET_ONE = "Install Debian's package chromium, or name another Chromium in TEMOIN_CHROMIUM"


@asynccontextmanager
async def started(
    chromium: str, task: str, otherwise: str, hosts: Mapping[str, str] | None = None
) -> AsyncIterator[Browser]:
    """The browser at the path `chromium`, closed when the block ends.

    `task` says what for ("to capture evidence with"), `otherwise` what can be done without one; `hosts` gives the
    addresses of the only hosts that it finds. Raises Unavailable where there is none, or it does not start.
    """
    known = "".join(f"MAP {host} {_bracketed(address)}," for host, address in (hosts or {}).items())
    arguments = [*_ARGUMENTS, f"--host-resolver-rules={known}MAP * ~NOTFOUND"]
    hint = f"{_GET_ONE}; {otherwise}"
    if not Path(chromium).is_file():  # noqa: ASYNC240  # one look at a local file
        raise Unavailable("browser_missing", f"There is no browser at {chromium} {task}.", hint)
    async with async_playwright() as playwright:
        try:
            browser = await playwright.chromium.launch(executable_path=chromium, args=arguments)
        except Error as error:
            raise Unavailable(
                "browser_failed", f"The browser at {chromium} did not start: {first_line(error)}.", hint
            ) from error
        try:
            yield browser
        finally:
            await browser.close()


def _bracketed(address: str) -> str:
    return f"[{address}]" if ":" in address else address


def first_line(error: Error) -> str:
    """What a browser's error says, without the call log that follows."""
    return error.message.strip().splitlines()[0].rstrip(".")
