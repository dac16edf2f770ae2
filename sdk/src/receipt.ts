/** The proof of the present choice; after a reload, as much of it as the cookie keeps. */
import { present } from "./choices";
import { config } from "./config";
import type { Receipt } from "./outbox";

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
