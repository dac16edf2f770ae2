/** Google Consent Mode v2, basic: the four types, before any tag and at each change. */
import type { Signal } from "../config";

export default ((ads, analytics, first) => {
  const page = window as { dataLayer?: unknown[] };
  page.dataLayer ??= [];
  /** Google reads only `arguments` objects from the queue, as its own snippet pushes them. */
  function gtag(..._words: unknown[]): void {
    // biome-ignore lint/complexity/noArguments: an array is another kind of message
    page.dataLayer?.push(arguments);
  }
  const [ad, analytic] = [ads, analytics].map((granted) => (granted ? "granted" : "denied"));
  gtag("consent", first ? "default" : "update", {
    ad_storage: ad,
    ad_user_data: ad,
    ad_personalization: ad,
    analytics_storage: analytic,
    // In ms: how long a tag that is there before its time waits for the update.
    ...(first && { wait_for_update: 500 }),
  });
  if (!first) return;
  gtag("set", "ads_data_redaction", true);
  gtag("set", "url_passthrough", false);
}) satisfies Signal;
