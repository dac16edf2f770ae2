/**
 * Telling others: the `temoin` event in `dataLayer`, Google Consent Mode v2 (basic) and Microsoft UET.
 *
 * Denied before any tag, then one update per change of what is in force. Purposes that stand for no signal grant none.
 */
import { config } from "./config";

type Choices = Readonly<Record<string, boolean>>;
const page = window as { dataLayer?: unknown[]; uetq?: unknown[] };

function queue(name: "dataLayer" | "uetq"): unknown[] {
  page[name] ??= [];
  return page[name];
}

/** Google reads only `arguments` objects from the queue, as its own snippet pushes them. */
function gtag(..._words: unknown[]): void {
  // biome-ignore lint/complexity/noArguments: an array is another kind of message
  queue("dataLayer").push(arguments);
}

/** By the purposes' usual ids, the same for which the banner brings its own texts. */
function consent(command: "default" | "update", choices: Choices): void {
  const state = (...ids: string[]): string => (ids.some((id) => choices[id]) ? "granted" : "denied");
  const ads = state("ads", "advertising", "marketing");
  if (config.gcm === "basic") {
    gtag("consent", command, {
      ad_storage: ads,
      ad_user_data: ads,
      ad_personalization: ads,
      analytics_storage: state("audience", "analytics", "statistics"),
    });
  }
  if (config.uet) queue("uetq").push("consent", command, { ad_storage: ads });
}

/** Everything denied; to be called before any tag can run. */
export function deny(): void {
  consent("default", {});
  // `url_passthrough` is off unless somebody sets it.
  if (config.gcm === "basic") gtag("set", "ads_data_redaction", true);
}

let last = "{}";

/** Tells what is in force, where it differs from what was told last. */
export function signal(choices: Choices): void {
  const now = JSON.stringify(choices);
  if (now === last) return;
  last = now;
  consent("update", choices);
  queue("dataLayer").push({ event: "temoin", temoin: { choices } });
}
