/**
 * The first-party cookie `temoin`: `1.{config}.{subject}.{id}.{recorded}.{expires}.{entries}`.
 *
 * Times are epoch milliseconds in base 36; `recorded` is 0 until the service has acknowledged the decision. Entries are
 * `{-}{purpose}:{scope}` joined by `~`, `-` meaning refused. What does not parse to the letter is no choice at all.
 */
import { config } from "./config";
import { hyphenate } from "./identity";

export interface Choice {
  readonly version: string;
  readonly subject: string;
  /** The decision's UUID; the cookie leaves its hyphens out. */
  readonly id: string;
  readonly recorded: number;
  readonly expires: number;
  /** `{-}{purpose}:{scope}`, `-` meaning refused: under another scope the visitor has decided nothing. */
  readonly entries: readonly string[];
}

const FORM =
  /^1\.([\da-f]{16})\.([\w-]{22})\.([\da-f]{32})\.([\da-z]{1,9})\.([\da-z]{1,9})\.((-?\w[\w-]*:[\da-f]{8}(~|$))*)$/;

// Taken before the cookie gate is installed, so that the SDK's own writes pass.
const native = Object.getOwnPropertyDescriptor(Document.prototype, "cookie") as {
  get(): string;
  set(cookie: string): void;
};

type Parts = [string, string, string, string, string, string, string];

/** Writes a cookie if one is given; answers all of them, none where the browser keeps no cookies or throws. */
export function jar(cookie?: string): string {
  try {
    if (cookie) native.set.call(document, cookie);
    return native.get.call(document);
  } catch {
    return ""; // A sandboxed frame throws SecurityError: the choice lives as long as the page.
  }
}

/** The raw value now in the jar. */
export const read = (): string => /(?:^|; )temoin=([^;]*)/.exec(jar())?.[1] ?? "";

export function parse(value: string): Choice | null {
  const found = FORM.exec(value);
  if (!found) return null;
  const [, version, subject, id, recorded, expires, list] = found as unknown as Parts;
  return {
    version,
    subject,
    id: hyphenate(id),
    recorded: parseInt(recorded, 36),
    expires: parseInt(expires, 36),
    entries: list.split("~"),
  };
}

/** `; Secure` where it may be said, for each cookie written or deleted. */
export const secure = location.protocol === "https:" ? "; Secure" : "";

/**
 * Writes a choice, or deletes it. A cookie that the service has set is left alone: written again by script, Safari would
 * keep it for seven days only.
 */
export function write(choice: Choice | null): void {
  const { domain } = config;
  const present = parse(read());
  if (choice?.recorded && present?.recorded && present.id === choice.id) return;
  let value = "";
  if (choice) {
    const { version, subject, id, recorded, expires } = choice;
    const times = `${recorded.toString(36)}.${expires.toString(36)}`;
    value = `1.${version}.${subject}.${id.replace(/-/g, "")}.${times}.${choice.entries.join("~")}`;
  }
  const covered = domain && `.${location.hostname}`.endsWith(`.${domain}`);
  jar(
    `temoin=${value}; Path=/; SameSite=Lax; Expires=${new Date(choice?.expires ?? 0).toUTCString()}${
      covered ? `; Domain=${domain}` : ""
    }${secure}`,
  );
}
