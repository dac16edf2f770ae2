"""HTML to the compact tree that the SDK builds with createElement: `[tag, attributes or 0, ...children]`, or a text.

The browser never parses markup from us, so a banner works under `require-trusted-types-for 'script'` and a Content
Security Policy without `unsafe-inline`. Parsing happens here, with the standard library, over HTML that Jinja2 escaped:
what an owner wrote in a text is text.
"""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import Any

Node = str | list[Any]

_VOID = frozenset({"br", "hr", "img", "input"})
_CASED = {"viewbox": "viewBox"}
_FORBIDDEN = frozenset({"script", "style", "iframe", "object", "embed", "link", "meta", "base", "form"})
_EDGES = re.compile(r"\A\s*\n\s*|\s*\n\s*\Z")
_SPACES = re.compile(r"\s+")


def tree_of(html: str) -> Node:
    """The one element of `html` as a tree, whitespace collapsed; raises ValueError for what the SDK must never build.

    White space that holds a line break at the edge of a text is the template's layout and goes; other white space
    counts as one space.
    """
    builder = _Builder()
    builder.feed(html)
    builder.close()
    if builder.open_tags or len(builder.root) != 1:
        raise ValueError("the banner's template must be one element with every tag closed")
    node: Node = builder.root[0]
    return node


class _Builder(HTMLParser):
    """Collects children in `root`; `_stack` holds the child lists of the elements that are open."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root: list[Any] = []
        self.open_tags: list[str] = []
        self._stack: list[list[Any]] = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._add(tag, attrs)
        if tag not in _VOID:
            self.open_tags.append(tag)
            self._stack.append(self._stack[-1][-1])

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._add(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if not self.open_tags or self.open_tags.pop() != tag:
            raise ValueError(f"</{tag}> closes nothing in the banner's template")
        self._stack.pop()

    def handle_data(self, data: str) -> None:
        text = _SPACES.sub(" ", _EDGES.sub("", data))
        if text:
            self._stack[-1].append(text)

    def _add(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        if tag in _FORBIDDEN or any(name == "style" or name.startswith("on") for name in names):
            raise ValueError(f"<{tag}> with {names} has no place in a banner")
        values = {_CASED.get(name, name): value or "" for name, value in attrs}
        self._stack[-1].append([tag, values or 0])
