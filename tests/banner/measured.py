"""What tests read off a banner in a browser: looks, places, colours. Each script takes one argument."""

from __future__ import annotations

from playwright.sync_api import ViewportSize

ROOT = "const root = document.querySelector('temoin-banner').shadowRoot;"

# What makes a choice look like another one (rules D1-D4).
LOOKS = f"""(selector) => {{ {ROOT}
  return [...root.querySelectorAll(selector)].map((button) => {{
    const style = getComputedStyle(button), box = button.getBoundingClientRect();
    const names = ["fontFamily", "fontSize", "fontWeight", "color", "backgroundColor", "borderColor", "borderWidth",
      "borderRadius", "opacity", "boxShadow", "textDecorationLine", "padding", "lineHeight", "textTransform"];
    return {{tag: button.tagName, class: button.className, parent: button.parentElement?.className,
      width: Math.round(box.width), height: Math.round(box.height),
      ...Object.fromEntries(names.map(n => [n, style[n]]))}};
  }});
}}"""

# Boxes of what is shown of a layer, and what of it is wider than it has room for.
PLACED = f"""(layer) => {{ {ROOT}
  const top = root.querySelector(`[data-t~=${{layer}}]`), box = (e) => {{
    const b = e.getBoundingClientRect(); return {{left: b.left, top: b.top, right: b.right, bottom: b.bottom}}; }};
  return {{layer: box(top), buttons: [...top.querySelectorAll(".row button")].map(box),
    wide: [top, ...top.querySelectorAll("*")].filter(e => e.scrollWidth > e.clientWidth + 1 && e.clientWidth)
      .map(e => e.tagName + " " + e.textContent.slice(0, 40)),
    page: document.documentElement.scrollWidth - innerWidth}};
}}"""

# Each text with its colour and the nearest ground that is not clear.
TEXTS = f"""(layer) => {{ {ROOT}
  const top = root.querySelector(`[data-t~=${{layer}}]`), found = [];
  const ground = (e) => {{
    for (; e; e = e.parentElement) {{
      const colour = getComputedStyle(e).backgroundColor;
      if (!/, 0\\)$/.test(colour)) return colour;
    }}
  }};
  const walker = document.createTreeWalker(top, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {{
    const e = walker.currentNode.parentElement;
    found.push([walker.currentNode.data.slice(0, 30), getComputedStyle(e).color, ground(e), e.tagName]);
  }}
  return found;
}}"""


def hexed(colour: str) -> str:
    """`rgb(1, 2, 3)` as `#010203`."""
    red, green, blue = (int(part) for part in colour[colour.index("(") + 1 : -1].split(",")[:3])
    return f"#{red:02x}{green:02x}{blue:02x}"


def inside(box: dict[str, float], window: ViewportSize) -> bool:
    return (
        box["left"] >= -0.5
        and box["top"] >= -0.5
        and box["right"] <= window["width"] + 0.5
        and box["bottom"] <= window["height"] + 0.5
    )
