/** Requests that a script sends: held back, they fail as in a network that is down. */
import { denied } from "../match";
import { fire, gate, type Hold } from "./gate";

/** A form that answers into a frame is a request like others; one that takes the visitor somewhere is not. */
const posts = (form: HTMLFormElement, submitter?: HTMLElement | null): boolean => {
  const of = (name: string): string | null | undefined =>
    submitter?.getAttribute(`form${name}`) ?? form.getAttribute(name);
  return /^[^_]/.test(of("target") ?? "") && denied(of("action"));
};

export function gateRequests(): void {
  const refuse: Hold = (_, [url]) => denied(url?.url ?? url) && [Promise.reject(new TypeError("Failed to fetch"))];
  gate("", "fetch", refuse);
  gate("ServiceWorkerContainer", "register", refuse);
  gate("Worklet", "addModule", refuse);
  gate("HTMLFormElement", "submit", (form) => posts(form) && []);
  addEventListener(
    "submit",
    (event) => {
      if (posts(event.target as HTMLFormElement, event.submitter)) event.preventDefault();
    },
    true,
  );
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
