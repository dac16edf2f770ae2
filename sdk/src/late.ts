/**
 * Scripts that come to life once the page was read have missed `DOMContentLoaded`, later ones `load` too. What they listen
 * for is told to them all the same, and to nobody else: who starts with these events would otherwise never start.
 */
import { gate } from "./gates/gate";
import { guard } from "./guard";

// biome-ignore lint/suspicious/noExplicitAny: a function, or an object with `handleEvent`
type Listener = any;

const late = new WeakSet<object>();
/** The last one, where it is a module: those have no `document.currentScript`. */
let module: object;
let gated = false;

function tell(target: object, type: string, listener: Listener): [] | false {
  const missed =
    type === "load"
      ? target === window && document.readyState === "complete"
      : type === "DOMContentLoaded" && performance.timing.domContentLoadedEventStart;
  if (!missed || !listener || !late.has(document.currentScript ?? module)) return false;
  setTimeout(
    guard(() => (listener.handleEvent ?? listener).call(listener.handleEvent ? listener : target, new Event(type))),
  );
  return [];
}

/** To be called before the script runs. Without such scripts the page's own listeners cost nothing. */
export function comesLate(script: HTMLScriptElement): void {
  if (document.readyState === "loading") return;
  late.add(script);
  module = script.type === "module" ? script : window;
  if (gated) return;
  gated = true;
  gate("EventTarget", "addEventListener", (self, [type, listener]) => tell(self ?? window, type, listener));
  gate("", "onload", (_, [listener]) => tell(window, "load", listener), "set");
}
