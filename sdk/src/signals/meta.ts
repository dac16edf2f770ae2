/**
 * Meta's pixel: `fbq("consent", "revoke" | "grant")`, which has to come before the page's `fbq("init")`.
 *
 * Meta's snippet does nothing where `fbq` is there already, so a queue of ours would keep its script from loading: the
 * call is put in when the page first takes up the `fbq` that the snippet has made.
 */
import type { Signal } from "../config";

type Fbq = (...words: unknown[]) => void;

export default ((ads) => {
  const page = window as { fbq?: Fbq };
  const told = ads ? "grant" : "revoke";
  if (page.fbq) return page.fbq("consent", told);
  // No prototypes: a page may have put `get` or `value` on Object.prototype.
  const plain = { configurable: true, enumerable: true, writable: true };
  let fbq: Fbq | undefined;
  const awaiting = {
    __proto__: null,
    configurable: true,
    set(made: Fbq) {
      fbq = made;
    },
    get() {
      if (!fbq) return;
      Object.defineProperty(page, "fbq", { __proto__: null, ...plain, value: fbq } as object);
      try {
        fbq("consent", told);
      } catch {} // Something else by that name.
      return fbq;
    },
  };
  Object.defineProperty(page, "fbq", awaiting);
}) satisfies Signal;
