/**
 * Replacing the browser's own functions so that nobody notices but the trackers.
 *
 * A gate that cannot be installed (frozen objects, an older browser) is skipped: the others still hold.
 */
// biome-ignore lint/suspicious/noExplicitAny: the browser's functions have no common type
type Any = any;

/** Answers `[result]` where the call is held back, nothing where it goes through. `native` is the browser's function. */
export type Hold = (
  self: Any,
  args: Any[],
  native: (...args: Any[]) => unknown,
) => unknown[] | false | null | undefined;

/** Gates a method of a class, or with `set` the assignment to one of its properties; no class: a global function. */
export function gate(owner: string, name: string, hold: Hold, part: "value" | "set" = "value"): void {
  const target: Any = owner ? (window as Any)[owner]?.prototype : window;
  const found = target && Object.getOwnPropertyDescriptor(target, name);
  const native = found?.[part];
  if (!native) return;
  const gated = {
    [part](this: Any, ...args: Any[]): unknown {
      let held: ReturnType<Hold>;
      try {
        held = hold(this, args, native);
      } catch {} // What cannot be read as an address is the browser's to refuse.
      return held ? held[0] : native.apply(this, args);
    },
  };
  try {
    // No prototype: a page may have put `get` or `value` on Object.prototype.
    Object.defineProperty(target, name, { __proto__: null, ...found, ...gated } as PropertyDescriptor);
  } catch {}
}

/** Fires events as the browser does for a failed request: later, never from inside the call. */
export function fire<T extends EventTarget>(target: T, ...types: string[]): T {
  setTimeout(() => {
    for (const type of types) target.dispatchEvent(new Event(type));
  });
  return target;
}

/** Stands for what is not opened. An element: it brings `onerror`, `onclose` and the rest, and goes nowhere. */
export const dead = <T extends object>(properties: T): HTMLElement & T =>
  Object.assign(document.createElement("i"), properties);
