/**
 * Which trackers a request, a cookie or a storage key belongs to, and whether they may act now.
 *
 * The page's own calls pay for one look at the host as written; only an address that could be a tracker's (or is written
 * so that it cannot be told) is parsed.
 */
import { granted } from "./choices";
import { config } from "./config";

interface Rule {
  readonly id: string;
  readonly purposes: readonly string[];
  readonly address: RegExp;
  readonly cookie: RegExp;
  readonly key: RegExp;
  /** Whether it was in force at some time on this page: it may still be running. */
  ran: boolean;
}

const wild = (text: string, any: string): string => text.replace(/[^\w*]/g, "\\$&").replace(/\*/g, any);
/** All patterns in one expression; without patterns it matches nothing (an empty text has no word boundary). */
const whole = (sources: string[]): RegExp => new RegExp(`^(?:${sources.join("|") || "\\b"})$`);
const names = (patterns: readonly string[]): RegExp => whole(patterns.map((pattern) => wild(pattern, ".*")));

/** `*.host` covers the host itself, a pattern without a port every port, one without a path every path. */
function address(pattern: string): string {
  const [host = "", ...path] = pattern.split("/");
  const any = wild(host.toLowerCase(), "[^/]*").replace(/^\[\^\/\]\*\\\./, "(?:[^/]+\\.)?");
  return `${any}${/:\d+$/.test(host) ? "" : "(?::\\d+)?"}/${path.length ? wild(path.join("/"), ".*") : ".*"}`;
}

let rules: Rule[] = [];
/** All trackers' names in one expression: what the page's own cost. */
let any: { cookie: RegExp; key: RegExp };
let hint: RegExp;
const hosts = new Map<string, boolean>();
const own = location.hostname;
/** An address that says plainly which host it is for, or none: the page's own. All others are parsed. */
const PLAIN = /^(?:(?:https?|wss?):\/\/([\w.-]+)(?::\d+)?|\/?[\w.-]+)(?:[/?#]|$)/i;

export function compile(): void {
  rules = config.trackers.map(({ id, purposes, match, cookies, storage }) => ({
    id,
    purposes,
    address: whole(match.map(address)),
    cookie: names(cookies),
    key: names(storage),
    ran: false,
  }));
  const { trackers } = config;
  any = {
    cookie: names(trackers.flatMap((each) => each.cookies)),
    key: names(trackers.flatMap((each) => each.storage)),
  };
  // The first literal part of each host: no address without one of them can be a tracker's.
  const parts = trackers.flatMap(({ match }) => match.map((each) => each.replace(/^[*.]+|[*/:].*/g, "")));
  hint = new RegExp(parts.map((part) => wild(part, "")).join("|") || "$^", "i");
}

/** Whether a host could be a tracker's; asked once for each host. */
function suspect(host: string): boolean {
  let known = hosts.get(host);
  if (known === undefined) {
    known = hint.test(host);
    hosts.set(host, known);
  }
  return known;
}

const live = (rule: Rule): boolean => rule.purposes.every(granted);

/** A tracker by its id is in force; an unknown one never is. */
export const trackerGranted = (id: string): boolean => rules.some((rule) => rule.id === id && live(rule));

/** The trackers that an address belongs to. */
export function owners(url: unknown): Rule[] {
  const text = String(url);
  const plain = PLAIN.exec(text);
  if (plain && !suspect(plain[1] ?? own)) return [];
  try {
    const { host, pathname } = new URL(text, document.baseURI);
    return rules.filter((rule) => rule.address.test(host + pathname));
  } catch {
    return []; // No address at all: the browser says so itself.
  }
}

/** Held back: at least one tracker that lists this address is not granted. */
export const denied = (url: unknown): boolean => !owners(url).every(live);

/** The tracker that is in the way, for markup that names it. */
export const deniedId = (url: unknown): string | undefined => owners(url).find((rule) => !live(rule))?.id;

/** Whether markup could hold a tracker's address: it names a host, or hides characters of one. */
export const suspicious = (html: string): boolean =>
  hint.test(html) || /&#|[/\\]{2}[^\s"'/?#&>]*[^\s"'/?#&>\w.:@-]/.test(html);

/** Held back because its tracker was stopped while it ran: nothing of it is kept for later. */
export const silenced = (url: unknown): boolean => owners(url).some((rule) => rule.ran && !live(rule));

/** Whether any tracker was stopped while it ran. */
export const stopped = (): boolean => rules.some((rule) => rule.ran && !live(rule));

type Kind = "cookie" | "key";

/** Whether a name is some tracker's. The SDK's own never are. */
export const nameListed = (kind: Kind, name: unknown): boolean => name !== "temoin" && any[kind].test(String(name));

/** What several trackers share stays while one of them is granted. */
export const nameDenied = (kind: Kind, name: unknown): boolean =>
  nameListed(kind, name) && !rules.some((rule) => rule[kind].test(String(name)) && live(rule));

/** To be called whenever grants changed. */
export const track = (): void => {
  for (const rule of rules) rule.ran ||= live(rule);
};
