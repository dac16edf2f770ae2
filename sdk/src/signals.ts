/**
 * Telling others: the `temoin` event in `dataLayer`, Google Consent Mode v2 (basic), Microsoft UET and Clarity.
 *
 * Denied before any tag, then one update per change of what is in force. Purposes that stand for no signal grant none.
 */
import { config } from "./config";
import { guard } from "./guard";

type Choices = Readonly<Record<string, boolean>>;
type Queued = ((...words: unknown[]) => void) & { q?: unknown[] };
const page = window as { dataLayer?: unknown[]; uetq?: unknown[]; clarity?: Queued };

function queue(name: "dataLayer" | "uetq"): unknown[] {
  page[name] ??= [];
  return page[name];
}

/** Google reads only `arguments` objects from the queue, as its own snippet pushes them. */
function gtag(..._words: unknown[]): void {
  // biome-ignore lint/complexity/noArguments: an array is another kind of message
  queue("dataLayer").push(arguments);
}

/** Clarity's own snippet makes the same queue, and keeps one that is there. */
function clarity(...words: unknown[]): void {
  const queued: Queued =
    page.clarity ??
    function () {
      queued.q ??= [];
      // biome-ignore lint/complexity/noArguments: as Clarity's snippet does
      queued.q.push(arguments);
    };
  page.clarity = queued;
  queued(...words);
}

/** By the purposes' usual ids, the same for which the banner brings its own texts. */
function consent(command: "default" | "update", choices: Choices): void {
  const state = (...ids: string[]): string => (ids.some((id) => choices[id]) ? "granted" : "denied");
  const ads = state("ads", "advertising", "marketing");
  const analytics = state("audience", "analytics", "statistics");
  if (config.gcm === "basic") {
    gtag("consent", command, {
      ad_storage: ads,
      ad_user_data: ads,
      ad_personalization: ads,
      analytics_storage: analytics,
      // In ms: how long a tag that is there before its time waits for the update.
      ...(command === "default" && { wait_for_update: 500 }),
    });
  }
  if (config.uet) queue("uetq").push("consent", command, { ad_storage: ads });
  if (config.trackers.some(({ match }) => /clarity\.ms/.test(match.join())))
    clarity("consentv2", { ad_Storage: ads, analytics_Storage: analytics });
}

/** Everything denied; to be called before any tag can run. */
export const deny = guard(() => {
  consent("default", {});
  if (config.gcm !== "basic") return;
  gtag("set", "ads_data_redaction", true);
  gtag("set", "url_passthrough", false);
});

let last = "{}";

/** Tells what is in force, where it differs from what was told last. */
export const signal = guard((choices: Choices) => {
  const now = JSON.stringify(choices);
  if (now === last) return;
  last = now;
  consent("update", choices);
  queue("dataLayer").push({ event: "temoin", temoin: { choices } });
});
