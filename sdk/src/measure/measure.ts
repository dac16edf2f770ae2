/**
 * Exempt measurement: what happens on a page, told to the service without anything that tells who.
 *
 * Nothing is kept on the device but, after an objection, the one word that says so. A visit begins where a page is
 * reached from elsewhere, and goes on where it is left for another page of the site: the page itself knows both.
 */
import { running } from "../api";
import { guard } from "../guard";
import { listenForLinks } from "./links";
import { object, objected } from "./objection";

export interface Measured {
  /** `…/v1/sites/{site}/hits`. */
  readonly url: string;
  /** Query parameters that hold the words of the site's own search. */
  readonly search: readonly string[];
  /** Signals after which nothing is measured. */
  readonly objections: readonly string[];
  /** Whether the purpose that adds campaigns is granted now. */
  readonly consented: () => boolean;
  /** Told of each page that begins. */
  readonly begun?: () => void;
}

type Hit = Readonly<Record<string, unknown>>;
type Kind = "shown" | "view" | "leave" | "consent" | "event" | "outbound" | "download" | "search";
/** Whether it could be told: there is no page to tell of while this one is only prepared (prerendering). */
export type Tell = (type: Kind, more?: Hit) => boolean;

// Taken before the gates are installed: the hit must not pass through them.
const post = window.fetch;
// A second copy of the tag, or this one beside it, counts nothing twice.
const second = running();

let page:
  | {
      path: string;
      entry: boolean;
      referrer: string | undefined;
      campaign: Hit | undefined;
      told: boolean;
      next: boolean;
    }
  | undefined;
let seconds = 0;
let since = 0;

/** Starts measuring this page; `consent` is to be called when a choice has changed. */
export function measure(to: Measured): { consent: () => void; tell: Tell } {
  const { globalPrivacyControl: gpc, doNotTrack: dnt } = navigator as { globalPrivacyControl?: boolean } & Navigator;
  const silent = second || (gpc && to.objections.includes("gpc")) || (dnt === "1" && to.objections.includes("dnt"));

  const tell: Tell = (type, more) => {
    if (!page) return false;
    if (silent || objected()) return true;
    const { path, entry, referrer } = page;
    void post(to.url, {
      method: "POST",
      credentials: "omit",
      keepalive: true,
      referrerPolicy: "origin",
      body: JSON.stringify({
        type,
        page: path,
        ...(to.consented() && { consented: true }),
        ...(type === "shown" && { entry, referrer }),
        ...more,
      }),
    }).catch(() => {});
    return true;
  };

  /** The campaign waits in this page's memory; only with consent is it told, of the very view that it belongs to. */
  const consent = (): void => {
    if (!page || page.told || !to.consented()) return;
    page.told = true;
    tell("consent", { entry: page.entry, campaign: page.campaign });
  };

  const begin = (entry: boolean, answered?: PerformanceNavigationTiming): void => {
    const { pathname: path, search } = location;
    const query = new URLSearchParams(search);
    const parts = ["source", "medium", "campaign"].map((name) => (query.get(`utm_${name}`) ?? "").slice(0, 100));
    const campaign = parts.some(Boolean) ? { source: parts[0], medium: parts[1], name: parts[2] } : undefined;
    const told = to.consented();
    const referrer = entry && document.referrer ? new URL(document.referrer).hostname : undefined;
    page = { path, entry, referrer, campaign, told, next: false };
    seconds = 0;
    since = document.hidden ? 0 : performance.now();
    const missing = answered?.responseStatus === 404 || undefined;
    tell("view", { entry, referrer, missing, campaign: told ? campaign : undefined });
    for (const name of to.search) if (query.get(name)) tell("search", { value: query.get(name)?.slice(0, 100) });
    to.begun?.();
  };

  const watch = (): void => {
    if (since) seconds += (performance.now() - since) / 1000;
    since = document.hidden ? 0 : performance.now();
  };

  const leave = (next?: boolean): void => {
    if (!page) return;
    watch();
    tell("leave", { entry: page.entry, next: next ?? page.next, seconds: Math.min(14_400, Math.round(seconds)) });
    page = undefined;
  };

  const moved = guard((): void => {
    if (!page || location.pathname === page.path) return;
    leave(true);
    begin(false);
  });

  const push = history.pushState;
  history.pushState = function (...args) {
    push.apply(this, args);
    moved();
  };
  addEventListener("popstate", moved);
  addEventListener(
    "pagehide",
    guard(() => leave()),
  );
  addEventListener(
    "pageshow",
    guard((event: PageTransitionEvent) => event.persisted && begin(false)),
  );
  document.addEventListener("visibilitychange", guard(watch));
  const objects = (button: Element): void => {
    if (object(button)) page = undefined;
  };
  listenForLinks(tell, objects, () => {
    if (page) page.next = true;
  });

  const start = guard(() => {
    const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
    begin(arrived(navigation), navigation);
  });
  if ((document as { prerendering?: boolean }).prerendering) {
    document.addEventListener("prerenderingchange", start, { once: true });
  } else start();
  return { consent: guard(consent), tell };
}

/** Whether this page was reached from elsewhere, and not by reloading it or going back to it. */
function arrived(navigation?: PerformanceNavigationTiming): boolean {
  const from = document.referrer;
  return (!navigation || navigation.type === "navigate") && !(from && new URL(from).host === location.host);
}
