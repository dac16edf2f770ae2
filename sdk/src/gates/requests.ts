/** Requests that a script sends: held back, they fail as in a network that is down. */
import { denied } from "../match";
import { fire, gate } from "./gate";

export function gateRequests(): void {
  gate("", "fetch", (_, args) => denied(args[0]?.url ?? args[0]) && [Promise.reject(new TypeError("Failed to fetch"))]);
  // A blocked beacon looks like a sent one: with false, trackers would try every other way out.
  gate("Navigator", "sendBeacon", (_, args) => denied(args[0]) && [true]);

  // Decided at `send`, not at `open`: a request opened before a withdrawal must not leave after it.
  const opened = new WeakMap<object, unknown>();
  gate("XMLHttpRequest", "open", (self, args) => {
    opened.set(self, args[1]);
    return delete self.readyState && false; // Uncovers the browser's own.
  });
  gate("XMLHttpRequest", "send", (self) => {
    if (!denied(opened.get(self))) return false;
    Object.defineProperty(self, "readyState", { value: 4, configurable: true });
    fire(self, "readystatechange", "error", "loadend");
    return [];
  });
}
