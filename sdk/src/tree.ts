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

/**
 * The body begins after the script in `<head>` has run, and its first frame is the page's own: laying out page and banner
 * in one go would be a long task, and the page would be seen later. A page that is there already waits for nothing.
 */
export const body = (): Promise<unknown> =>
  new Promise((resolve) => {
    const begun = () => document.body && requestAnimationFrame(() => setTimeout(resolve));
    if (document.body) resolve(0);
    new MutationObserver(begun).observe(document.documentElement, { childList: true });
  });
