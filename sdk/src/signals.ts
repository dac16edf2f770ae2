/**
 * Telling others: the `temoin` event in `dataLayer`, and each signal that the site has switched on (signals/).
 *
 * Denied before any tag, then one update per change of what is in force. Purposes that stand for no signal grant none.
 */
import { config } from "./config";
import { guard } from "./guard";

type Choices = Readonly<Record<string, boolean>>;

/** By the purposes' usual ids, the same for which the banner brings its own texts. */
function consent(choices: Choices, first: boolean): void {
  const any = (...ids: string[]): boolean => ids.some((id) => choices[id]);
  const ads = any("ads", "advertising", "marketing");
  const analytics = any("audience", "analytics", "statistics");
  for (const tell of config.signals) guard(tell)(ads, analytics, first);
}

/** Everything denied; to be called before any tag can run. */
export const deny = (): void => consent({}, true);

let last = "{}";

/** Tells what is in force, where it differs from what was told last. */
export const signal = guard((choices: Choices) => {
  const now = JSON.stringify(choices);
  if (now === last) return;
  last = now;
  consent(choices, false);
  const page = window as { dataLayer?: unknown[] };
  page.dataLayer ??= [];
  page.dataLayer.push({ event: "temoin", temoin: { choices } });
});
