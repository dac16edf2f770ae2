/** The proof of the present choice; after a reload, as much of it as the cookie keeps. */
import { present } from "./choices";
import { base, config } from "./config";
import type { Receipt } from "./outbox";
import { build } from "./tree";

let last: Receipt | undefined;

export const keepReceipt = (receipt: Receipt): void => {
  last = receipt;
};

export function currentReceipt(): Receipt | null {
  const choice = present();
  if (!choice?.recorded) return null;
  const { id } = choice;
  if (last?.id === id) return last;
  const time = (epoch: number): string => new Date(epoch).toISOString();
  return {
    id,
    site: config.site,
    subject: choice.subject,
    config: choice.version,
    recorded_at: time(choice.recorded),
    expires_at: time(choice.expires),
    choices: Object.fromEntries(choice.entries.map((entry) => [entry.replace(/^-|:.*/g, ""), entry[0] !== "-"])),
  };
}

/** When the present choice was recorded, and the way to the receipt itself, which the visitor may keep; empty without one. */
export function receiptLine(text = "", language: string): (string | Node)[] {
  const { id = "", subject, recorded, expires = 0 } = present() ?? {};
  if (!recorded) return []; // Browsers load their calendars for a date: not while the page is being read.
  const day = (time: number): string => new Date(time).toLocaleDateString(language);
  const [before = "", after = ""] = text
    .replace("{recorded}", day(recorded))
    .replace("{expires}", day(expires))
    .split("{id}");
  const href = `${base}/v1/sites/${config.site}/subjects/${subject}/receipt`;
  return [before, build(["a", { href }, id]), after];
}
