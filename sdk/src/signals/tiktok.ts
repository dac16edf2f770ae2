/** TikTok's pixel: held first, then granted or revoked. Its snippet keeps a queue that is there; its script has methods. */
import type { Signal } from "../config";

type Ttq = { [name: string]: unknown; push?(words: string[]): void };

export default ((ads, _, first) => {
  const page = window as { ttq?: Ttq };
  page.ttq ??= [] as unknown as Ttq;
  const name = first ? "holdConsent" : ads ? "grantConsent" : "revokeConsent";
  const method = page.ttq[name] as (() => void) | undefined;
  if (method) method.call(page.ttq);
  else page.ttq.push?.([name]);
}) satisfies Signal;
