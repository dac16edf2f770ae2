/** Microsoft Clarity: its own snippet makes the same queue, and keeps one that is there. */
import type { Signal } from "../config";

type Queued = ((...words: unknown[]) => void) & { q?: unknown[] };

export default ((ads, analytics) => {
  const page = window as { clarity?: Queued };
  const q: unknown[] = [];
  const ours = function (): void {
    // biome-ignore lint/complexity/noArguments: as Clarity's snippet does
    q.push(arguments);
  };
  const queued: Queued = page.clarity ?? Object.assign(ours, { q });
  page.clarity = queued;
  queued("consentv2", {
    ad_Storage: ads ? "granted" : "denied",
    analytics_Storage: analytics ? "granted" : "denied",
  });
}) satisfies Signal;
