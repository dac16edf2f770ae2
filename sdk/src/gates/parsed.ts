/**
 * Markup that a script has the browser parse, and nodes that it brings from documents that load nothing (DOMParser,
 * templates): addresses of trackers are taken out before they are in the page, and set when they may be.
 *
 * Only text that names a tracker's host, or hides its characters, is parsed a second time; all other markup goes to the
 * browser as it is.
 */
import { deniedId, stopped, suspicious } from "../match";
import { fetches, holdTree } from "./elements";
import { gate, type Hold } from "./gate";

// Taken before the gates are installed.
const { insertAdjacentHTML } = Element.prototype;
let inert: Document | undefined;

/** Parses as `context` would, in a document that loads nothing; null where `take` finds nothing to hold in it. */
function parsed(context: Element, html: unknown, take: (root: Element) => boolean): Element | null {
  const { localName, namespaceURI, ownerDocument } = context;
  if (ownerDocument !== document || localName === "template" || !suspicious(String(html))) return null;
  inert ??= document.implementation.createHTMLDocument("");
  const parent = inert.createElementNS(namespaceURI, localName);
  if (parent.setHTMLUnsafe) parent.setHTMLUnsafe(html as string);
  else insertAdjacentHTML.call(parent, "beforeend", html as string);
  // Parsed without scripting: with it, what is inside is text.
  for (const each of parent.querySelectorAll("noscript")) each.textContent = each.innerHTML;
  return take(parent) ? parent : null;
}

/** Turns what `document.write` must not write into gated markup, which keeps its place and its order. */
function mark(root: Element): boolean {
  let found = false;
  for (const element of root.querySelectorAll<HTMLElement>("*")) {
    for (const { name, value } of [...element.attributes]) {
      const id = fetches(element, name) && deniedId(value);
      if (!id) continue;
      found = true;
      element.removeAttribute(name);
      Object.assign(element.dataset, { tracker: id, [name]: value });
      if (!(element instanceof HTMLScriptElement)) continue;
      if (element.type) element.dataset.type = element.type;
      element.type = "text/plain";
    }
  }
  return found;
}

function gateMarkup(): void {
  for (const owner of ["Element", "ShadowRoot"]) {
    const inside: Hold = (self, [html]) => {
      const found = parsed(self.host ?? self, html, holdTree);
      return found && [self.replaceChildren(...found.childNodes)];
    };
    gate(owner, "innerHTML", inside, "set");
    gate(owner, "setHTMLUnsafe", inside);
  }
  gate(
    "Element",
    "outerHTML",
    (self, [html]) => {
      const found = parsed(self.parentElement ?? self, html, holdTree);
      return found && [self.replaceWith(...found.childNodes)];
    },
    "set",
  );
  gate("Element", "insertAdjacentHTML", (self, [place, html]) => {
    const inside = /^(afterb|beforee)/i.test(place);
    const found = parsed(inside ? self : (self.parentElement ?? self), html, holdTree);
    const spot = document.createElement("i");
    return found && [self.insertAdjacentElement(place, spot).replaceWith(...found.childNodes)];
  });
  for (const name of ["write", "writeln"]) {
    gate("Document", name, (self, args, native) => {
      const found = parsed(document.createElement("div"), args.join(""), mark);
      if (!found) return null;
      try {
        return [native.call(self, found.innerHTML)];
      } catch {
        return []; // The page's Trusted Types take no text from us: nothing is written.
      }
    });
  }
}

/** Methods by which nodes come into the page, today's and tomorrow's: they are called alike. */
const ENTRY = /^(append|prepend|before|after|insert|replace|adopt|surround|move)/;

export function gateParsed(): void {
  gateMarkup();
  for (const owner of ["Node", "Element", "CharacterData", "DocumentFragment", "Document", "Range"]) {
    for (const name of Object.getOwnPropertyNames(window[owner as "Node"].prototype)) {
      if (!ENTRY.test(name)) continue;
      gate(owner, name, (_, nodes) => {
        // Those of the page's own document have been seen when their address was set.
        for (const node of nodes) if (node?.ownerDocument && node.ownerDocument !== document) holdTree(node);
        return false;
      });
    }
  }
  // What these make has not begun to load when they answer.
  const copy: Hold = (self, args, native) => {
    const made = native.apply(self, args) as Node;
    holdTree(made);
    return [made];
  };
  gate("Document", "importNode", copy);
  gate("Range", "createContextualFragment", copy);
  gate("Node", "cloneNode", (self, args, native) => stopped() && copy(self, args, native));
}
