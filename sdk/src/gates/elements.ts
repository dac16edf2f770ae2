/**
 * Elements that a script creates and points at a tracker: the address is kept aside, and set once it may be.
 *
 * An element without its address does nothing, wherever it is inserted; a script that gets it later runs then, once,
 * as if it had been inserted at that moment.
 */
import { guard } from "../guard";
import { comesLate } from "../late";
import { denied, silenced } from "../match";
import { cssAddresses } from "./css";
import { fire, gate, type Hold } from "./gate";

type Held = readonly [owner: object, name: string, value: unknown, set: () => void];
let held: Held[] = [];

/** The addresses in a value: several in `srcset`, any number in CSS. */
const addresses = (name: string, value: unknown): unknown[] =>
  /srcset$/i.test(name) ? String(value).split(/[\s,]+/) : /^style/.test(name) ? cssAddresses(String(value)) : [value];

/** Takes the assignment aside where it has to wait. A later one to the same place replaces it. */
export function hold(owner: object, name: string, value: unknown, set: () => void): [] | false {
  if (held[0]) held = held.filter((each) => each[0] !== owner || each[1] !== name);
  const found = addresses(name, value);
  if (!found.some(denied)) return false;
  // A pixel of a tracker that was stopped while it ran would tell, later, what was done after the withdrawal.
  if (owner instanceof HTMLImageElement && found.some(silenced)) fire(owner, "error");
  else held.push([owner, name, value, set]);
  return [];
}

/** Whether this attribute makes the browser fetch something by itself. */
export const fetches = ({ localName }: Element, name: string): boolean =>
  /^((image)?src(set)?|data|poster|background|style)$/i.test(name) ||
  (/^(xlink:)?href$/i.test(name) && !/^(a|area|base)$/.test(localName));

/** What has to wait of the attributes under `root`, which brought them along from a document that loads nothing. */
export function holdTree(root: Node): boolean {
  let found = false;
  const visit = (element: Element): void => {
    for (const { name, value } of [...element.attributes]) {
      if (!fetches(element, name) || !hold(element, name, value, () => element.setAttribute(name, value))) continue;
      element.removeAttribute(name);
      found = true;
    }
    if (element.shadowRoot) each(element.shadowRoot);
  };
  const each = (parent: ParentNode): void => parent.querySelectorAll("*").forEach(visit);
  if (root instanceof Element) visit(root);
  if ("querySelectorAll" in root) each(root as Element);
  return found;
}

function gateAttributes(): void {
  for (const place of [0, 1]) {
    gate("Element", place ? "setAttributeNS" : "setAttribute", (self, args, native) => {
      const name = args[place];
      return fetches(self, name) && hold(self, name.toLowerCase(), args[place + 1], () => native.apply(self, args));
    });
  }
  const node: Hold = (self, [attribute], native) =>
    fetches(self.ownerElement ?? self, attribute.name) &&
    hold(self, attribute.name, attribute.value, () => native.call(self, attribute));
  for (const name of ["setAttributeNode", "setAttributeNodeNS"]) gate("Element", name, node);
  for (const name of ["setNamedItem", "setNamedItemNS"]) gate("NamedNodeMap", name, node);
  gate(
    "Attr",
    "value",
    ({ ownerElement, name }, [value]) =>
      ownerElement &&
      fetches(ownerElement, name) &&
      hold(ownerElement, name, value, () => ownerElement.setAttribute(name, value)),
    "set",
  );
}

/** Which elements have which. Named, for a browser takes milliseconds to bring out all that it could have. */
const ADDRESSED: Readonly<Record<string, string>> = {
  src: "Script Image IFrame Frame Embed Media Source Track Input",
  srcset: "Image Source",
  href: "Link",
  imageSrcset: "Link",
  data: "Object",
  poster: "Video",
  background: "Body",
};

export function gateElements(): void {
  for (const [name, kinds] of Object.entries(ADDRESSED))
    for (const kind of kinds.split(" ")) {
      const set: Hold = (self, args, native) => hold(self, name, args[0], () => native.apply(self, args));
      gate(`HTML${kind}Element`, name, set, "set");
    }
  gateAttributes();
}

/** Sets what was held and may now be, in the order in which the page set it. */
export function releaseElements(): void {
  const list = held;
  held = list.filter(([, name, value]) => addresses(name, value).some(denied));
  for (const each of list) {
    if (held.includes(each)) continue;
    if (each[0] instanceof HTMLScriptElement) comesLate(each[0]);
    guard(each[3])();
    // A player that has found no source does not look again by itself.
    if (each[0] instanceof HTMLSourceElement) (each[0].parentElement as Partial<HTMLMediaElement> | null)?.load?.();
  }
}

/** Takes a live frame's document away: moving the element ends it without an entry in the page's history. */
export function emptyFrame(frame: HTMLIFrameElement): void {
  const { parentNode, nextSibling } = frame;
  frame.remove();
  frame.removeAttribute("src");
  parentNode?.insertBefore(frame, nextSibling);
}

/** Empties the frames of trackers that were stopped; they load again after a new grant. */
export function stopFrames(): void {
  for (const frame of document.querySelectorAll<HTMLIFrameElement>("iframe[src]:not([data-src])")) {
    const { src } = frame;
    if (!denied(src)) continue;
    emptyFrame(frame);
    frame.src = src;
  }
}
