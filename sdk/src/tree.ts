/** Builds the banner's elements from plain data: never innerHTML, so CSP and Trusted Types have nothing to object to. */
import { config, type TreeNode } from "./config";

export function build(node: TreeNode, space = "http://www.w3.org/1999/xhtml"): Node {
  if (typeof node === "string") return document.createTextNode(node);
  const [tag, attributes, ...children] = node;
  const inside = tag === "svg" ? "http://www.w3.org/2000/svg" : space;
  const element = document.createElementNS(inside, tag);
  for (const [name, value] of Object.entries(attributes || {})) element.setAttribute(name, value);
  element.append(...children.map((child) => build(child, inside)));
  return element;
}

/** The banner's rules in a shadow root, by a constructed sheet: a page's CSP has no say in those. */
export function style(root: ShadowRoot): void {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(config.ui.css ?? "");
  root.adoptedStyleSheets = [sheet];
}

/** The body begins after the script in `<head>` has run; the first frame can only be painted from then on. */
export const body = (): Promise<unknown> =>
  new Promise((resolve) => {
    if (document.body) resolve(0);
    new MutationObserver(() => document.body && resolve(0)).observe(document.documentElement, { childList: true });
  });
