/**
 * The page API for applications: the same before the tag has run, after it, and on a server. Nothing here throws, and
 * nothing is granted where no tag has run.
 */
import queue from "temoin:queue";
import type { Temoin, TemoinReceipt } from "./temoin.js";

export type * from "./temoin.js";

/** The site's tag: its address, and the nonce that the page's Content-Security-Policy wants of it. */
export interface Tag {
  src: string;
  nonce?: string;
}

const nothing = (): Promise<null> => Promise.resolve(null);
const onServer: Temoin = {
  choices: () => ({}),
  has: () => false,
  open: () => {},
  acceptAll: nothing,
  refuseAll: nothing,
  save: nothing,
  withdraw: nothing,
  on: () => () => {},
  get ready() {
    return Promise.resolve(onServer);
  },
  receipt: () => null,
};

/** The script's own object, or the queue that the script will take over. */
function page(): Temoin {
  if (typeof window === "undefined") return onServer;
  queue();
  return window.temoin;
}

/** What the queue would answer nothing to, once the script answers. */
const decided = (act: (api: Temoin) => Promise<TemoinReceipt | null>): Promise<TemoinReceipt | null> =>
  page().ready.then(act);

/** `window.temoin`, with one difference: it is there at any time. What it is asked to do waits for the script. */
export const temoin: Temoin = {
  choices: () => page().choices(),
  has: (purpose) => page().has(purpose),
  open: () => page().open(),
  acceptAll: () => decided((api) => api.acceptAll()),
  refuseAll: () => decided((api) => api.refuseAll()),
  save: (choices) => decided((api) => api.save(choices)),
  withdraw: () => decided((api) => api.withdraw()),
  on: (event, listener) => {
    let stop: (() => void) | undefined = () => {};
    void page().ready.then((api) => {
      if (stop) stop = api.on(event, listener);
    });
    return () => {
      stop?.();
      stop = undefined;
    };
  },
  get ready() {
    return page().ready;
  },
  receipt: () => page().receipt(),
};

/** Whether all of the purposes, separated by spaces, may act now: what `data-purpose` means in markup. */
export const granted = (purposes: string): boolean => purposes.trim().split(/\s+/).every(temoin.has);

/** Calls once the stored choice has been read, and at each change; answers a function that stops. Never on a server. */
export function subscribe(listener: () => void): () => void {
  if (typeof window === "undefined") return () => {};
  let heard = true;
  const stop = temoin.on("change", listener);
  void temoin.ready.then(() => {
    if (heard) listener();
  });
  return () => {
    heard = false;
    stop();
  };
}

/**
 * Waits for the site's tag, and adds it to pages that have none. What ran before an added tag was not held back, so the
 * tag belongs into the HTML wherever you can put it there.
 *
 * Null where the script did not load: nothing is granted then. On a server, null at once.
 */
export async function load({ src, nonce }: Tag): Promise<Temoin | null> {
  if (typeof document === "undefined") return null;
  const { ready } = page();
  const address = new URL(src, document.baseURI).href;
  let script = [...document.scripts].find((each) => each.src === address);
  if (!script && "q" in window.temoin && window.temoin.q) {
    script = document.createElement("script");
    if (nonce) script.nonce = nonce;
    try {
      script.src = address;
    } catch {
      return null; // Trusted Types take no address that is a mere string.
    }
    document.head.append(script);
  }
  const failed = new Promise<null>((resolve) => script?.addEventListener("error", () => resolve(null)));
  return Promise.race([ready, failed]);
}
