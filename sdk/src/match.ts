/**
 * Which trackers a request, a cookie or a storage key belongs to, and whether they may act now.
 *
 * The page's own calls pay for one look at the host as written; only an address that could be a tracker's (or is written
 * so that it cannot be told) is parsed. What a host could be is found by its labels, however many trackers there are.
 */
import { granted } from "./choices";
import { config } from "./config";

interface Rule {
  readonly id: string;
  readonly purposes: readonly string[];
  readonly cookie: RegExp;
  readonly key: RegExp;
  /** Known of the web rather than named by the site: gives way where a tracker of the site's lists the address. */
  readonly known: boolean;
  /** Whether it was in force at some time on this page: it may still be running. */
  ran: boolean;
}

type Listed = readonly [rule: Rule, pattern: string];

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
/** Patterns by the end of their host that is plain text: whole labels, `""` where there are none. */
const ends = new Map<string, Listed[]>();
const hosts = new Map<string, Listed[]>();
const own = location.hostname;
/** An address that says plainly which host it is for, or none: the page's own. All others are parsed. */
const PLAIN = /^(?:data:|blob:|(?:(?:https?|wss?):\/\/([\w.-]+)(?::\d+)?|\/?[\w.-]+)(?:[/?#]|$))/i;

export function compile(): void {
  const { trackers } = config;
  rules = trackers.map(({ id, purposes, match, cookies, storage, known }) => {
    const rule = { id, purposes, cookie: names(cookies), key: names(storage), known: !!known, ran: false };
    for (const pattern of match) {
      const end = pattern
        .toLowerCase()
        .replace(/(:\d+)?(\/.*)?$/, "")
        .replace(/.*\*[^.]*\.?/, "");
      ends.set(end, [...(ends.get(end) ?? []), [rule, pattern]]);
    }
    return rule;
  });
  any = {
    cookie: names(trackers.flatMap((each) => each.cookies)),
    key: names(trackers.flatMap((each) => each.storage)),
  };
}

/** What could be meant by a host; looked up once for each. It may end in a dot, and is the same. */
function candidates(host: string): Listed[] {
  let found = hosts.get(host);
  if (!found) {
    const labels = host.toLowerCase().replace(/\.$/, "").split(".");
    found = [...labels, ""].flatMap((_, at) => ends.get(labels.slice(at).join(".")) ?? []);
    hosts.set(host, found);
  }
  return found;
}

const live = (rule: Rule): boolean => rule.purposes.every(granted);

/** A tracker by its id is in force; an unknown one never is. */
export const trackerGranted = (id: string): boolean => rules.some((rule) => rule.id === id && live(rule));

/** The trackers that an address belongs to. */
export function owners(url: unknown): Rule[] {
  const text = String(url);
  const plain = PLAIN.exec(text);
  if (plain && !candidates(plain[1] ?? own)[0]) return [];
  try {
    const { host, hostname, pathname } = new URL(text, document.baseURI);
    const place = host.replace(/\.(:|$)/, "$1") + pathname;
    const found = candidates(hostname).flatMap(([rule, pattern]) =>
      whole([address(pattern)]).test(place) ? rule : [],
    );
    const named = found.filter((rule) => !rule.known);
    return named[0] ? named : found;
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
  !!candidates(own)[0] ||
  /&(#|(?!amp|lt|gt|quot|nbsp)\w+;)|(https?|wss?):(?![/\\]{2})/i.test(html) ||
  [...html.matchAll(/[/\\][\t\r\n]*[/\\]([^ "'`/?#&<>]*)/g)].some(
    ([, host = ""]) => /[^\w.:@-]/.test(host) || candidates(host.replace(/.*@|:.*/g, ""))[0],
  );

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
