/**
 * Gated markup (CONTRACT section 4): what the page marks with `data-purpose` or `data-tracker` comes to life when all
 * its purposes are granted. Frames go back behind their placeholder when they no longer are.
 */
import { granted } from "./choices";
import { emptyFrame } from "./gates/elements";
import { gate } from "./gates/gate";
import { guard } from "./guard";
import { denied, trackerGranted } from "./match";
import { removePlaceholder, showPlaceholder } from "./placeholder";
import { enqueue } from "./scripts";

const open = new WeakSet<Element>();
const loading = (): boolean => document.readyState === "loading";
const purposesOf = (element: HTMLElement): string[] => element.dataset.purpose?.match(/\S+/g) ?? [];

/** All purposes, the tracker if one is named, and those that the address gives away. Nothing named: held. */
function allowed(element: HTMLElement): boolean {
  const { tracker, src } = element.dataset;
  const purposes = purposesOf(element);
  return (
    !!(tracker || purposes[0]) &&
    purposes.every(granted) &&
    !(tracker && !trackerGranted(tracker)) &&
    !(src && denied(src))
  );
}

/** While the page is read, an element whose end has not been reached may still grow. */
function growing(element: HTMLElement): boolean {
  let node: Node | null = element;
  while (node && !node.nextSibling) node = node.parentNode;
  return loading() && !node;
}

function frame(element: HTMLIFrameElement): void {
  const { src } = element.dataset;
  if (!src) return;
  if (!allowed(element)) {
    if (open.delete(element)) emptyFrame(element);
    showPlaceholder(element, purposesOf(element));
  } else if (!open.has(element)) {
    open.add(element);
    removePlaceholder(element);
    element.src = src;
  }
}

/** An image, or anything else that `document.write` would have written with an address. */
function other(element: HTMLElement): void {
  const { dataset } = element;
  if (!allowed(element)) return;
  for (const name of ["srcset", "src", "href", "data", "poster", "style"]) {
    const value = dataset[name];
    delete dataset[name]; // Once.
    if (value) element.setAttribute(name, value);
  }
}

/** The content takes the template's place; its scripts line up as gated scripts, so that order is kept. */
function template(element: HTMLTemplateElement): void {
  if (!allowed(element) || growing(element)) return;
  const { purpose = "", tracker = "" } = element.dataset;
  const content = document.importNode(element.content, true);
  for (const script of content.querySelectorAll("script")) {
    const { type, dataset } = script;
    const src = script.getAttribute("src");
    if (type === "text/plain") continue;
    Object.assign(dataset, { purpose, tracker, type }, src && { src });
    script.removeAttribute("src");
    script.type = "text/plain";
  }
  const parent = element.parentNode as ParentNode;
  element.replaceWith(content);
  scan(parent);
}

/** `defer` and module scripts that the parser meets wait for its end, as they would ungated. */
function script(element: HTMLScriptElement): void {
  const late = !element.hasAttribute("async") && (element.defer || element.dataset.type === "module");
  if (element.type === "text/plain" && allowed(element) && !growing(element) && !(late && loading()))
    enqueue(element, allowed);
}

const KINDS: Readonly<Record<string, (element: never) => void>> = { iframe: frame, template, script };
const roots = new Set<WeakRef<ShadowRoot>>();
let observer: MutationObserver | undefined;

/** Brings every gated element under `root` into the state that the present choice asks for. */
export function scan(root: ParentNode): void {
  for (const element of root.querySelectorAll("[data-purpose],[data-tracker]")) {
    // An inline script that just ran may have taken it away.
    if (element.isConnected) guard(KINDS[element.localName] ?? other)(element as never);
  }
  if (root === document) for (const each of roots) scan(each.deref() ?? new DocumentFragment());
}

const DEEP = { childList: true, subtree: true };

/** Shadow roots, closed ones too: gated markup in them is found like any other. */
export function gateShadows(): void {
  gate("Element", "attachShadow", (self, args, native) => {
    const root = native.apply(self, args) as ShadowRoot;
    roots.add(new WeakRef(root));
    observer?.observe(root, DEEP);
    return [root];
  });
}

/** Sees what the parser and the page add from now on. */
export function observe(): void {
  observer = new MutationObserver((records) => {
    // An element that was still growing is looked at again before those that follow it.
    if (loading()) scan(document);
    else for (const { target, addedNodes } of records) if (addedNodes[0]) scan(target as Element);
  });
  observer.observe(document, DEEP);
}
