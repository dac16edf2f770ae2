"""The README of a bundle, for an auditor who has never heard of Témoin. Its text is `bundle_readme.txt`."""

from __future__ import annotations

import re
from pathlib import Path


def readme(origin: str, vkey: str) -> bytes:
    """The text for one log; tests run the commands in it."""
    text = Path(__file__).with_name("bundle_readme.txt").read_text("utf-8")
    pattern = re.sub(r"([][\\/.*^$])", r"\\\1", origin)
    filled = text.replace("{{sed_origin}}", pattern).replace("{{origin}}", origin).replace("{{vkey}}", vkey)
    return filled.encode()
