/**
 * Elements that a script creates and points at a tracker: the address is kept aside, and set once it may be.
 *
 * An element without its address does nothing, wherever it is inserted; a script that gets it later runs then, once,
 * as if it had been inserted at that moment.
 */
import { denied, silenced } from "../match";
import { fire, gate } from "./gate";

const SOURCES =
  "Script src,IFrame src,Image src,Image srcset,Link href,Media src,Source src,Source srcset,Embed src,Object data";

type Held = readonly [element: Element, name: string, value: unknown, set: () => void];
let held: Held[] = [];

/** Whether `test` holds for an address in the value; only `srcset` has several. */
const some = (name: string, value: unknown, test: (url: unknown) => boolean): boolean =>
  name === "srcset"
    ? String(value)
        .split(/[\s,]+/)
        .some(test)
    : test(value);

/** Takes the assignment aside where it has to wait. A later one to the same element replaces it. */
function hold(element: Element, name: string, value: unknown, set: () => void): [] | false {
  if (held[0]) held = held.filter((each) => each[0] !== element || each[1] !== name);
  if (!some(name, value, denied)) return false;
  // A pixel of a tracker that was stopped while it ran would tell, later, what was done after the withdrawal.
  if (element.localName === "img" && some(name, value, silenced)) fire(element, "error");
  else held.push([element, name, value, set]);
  return [];
}

export function gateElements(): void {
  for (const source of SOURCES.split(",")) {
    const [kind, name = ""] = source.split(" ");
    gate(
      `HTML${kind}Element`,
      name,
      (self, args, native) => hold(self, name, args[0], () => native.apply(self, args)),
      "set",
    );
  }
  for (const place of [0, 1]) {
    gate("Element", place ? "setAttributeNS" : "setAttribute", (self, args, native) => {
      const name = args[place];
      const source = /^(src(set)?|data)$/i.test(name) || (/^href$/i.test(name) && self.localName === "link");
      return source && hold(self, name.toLowerCase(), args[place + 1], () => native.apply(self, args));
    });
  }
}

/** Sets what was held and may now be, in the order in which the page set it. */
export function releaseElements(): void {
  const list = held;
  held = list.filter(([, name, value]) => some(name, value, denied));
  for (const each of list) if (!held.includes(each)) each[3]();
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
