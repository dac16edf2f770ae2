"""What a user agent is, in classes: a bot, or a kind of device with a browser and a system by their major versions.

Families come from `ua-parser`, bots from `crawler-user-agents`; both are kept lists of the field. The texts themselves
stay in the memory of this process, in a bounded table of the most recent ones that nothing connects to a visit.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import crawleruseragents
import ua_parser

_MOBILE = ("iOS", "Android", "Windows Phone", "KaiOS", "HarmonyOS")
_TABLETS = ("iPad", "Tablet", "PlayBook", "Kindle", "Silk")
# Agents that run scripts but name themselves neither bot nor crawler.
_MACHINES = ("headless", "phantomjs", "electron/", "puppeteer", "playwright", "selenium", "cypress", "lighthouse")
_LONGEST = 512


@dataclass(frozen=True, slots=True)
class Agent:
    """`device` is desktop, mobile or tablet; `browser` and `system` are such as `Firefox 145` and `Android 16`."""

    bot: bool
    device: str
    browser: str
    system: str


_BOT = Agent(True, "", "", "")


@lru_cache(maxsize=4096)
def classify(text: str) -> Agent:
    """The classes of a User-Agent header; one that is empty or absurdly long is a bot's."""
    if not text or len(text) > _LONGEST or any(mark in text.lower() for mark in _MACHINES):
        return _BOT
    if crawleruseragents.is_crawler(text):
        return _BOT
    found = ua_parser.parse(text)
    browser, system = found.user_agent, found.os
    if browser is None:
        return _BOT  # no browser that anybody ever listed runs the script
    family = system.family if system else ""
    device = _device(text, family, found.device.family if found.device else "")
    return Agent(False, device, _named(browser.family, browser.major), _named(family, system.major if system else None))


def _device(text: str, system: str, device: str) -> str:
    if any(name in device for name in _TABLETS) or (system == "Android" and "Mobile" not in text):
        return "tablet"
    return "mobile" if system in _MOBILE else "desktop"


def _named(family: str, major: str | None) -> str:
    return f"{family} {major}".strip() if major else family or "Other"


@lru_cache(maxsize=1024)
def language(accept: str) -> str:
    """The first language of an Accept-Language header, without its region: `fr`; `??` where there is none."""
    tag = accept.partition(",")[0].partition(";")[0].partition("-")[0].strip().lower()
    return tag if 2 <= len(tag) <= 3 and tag.isascii() and tag.isalpha() else "??"
