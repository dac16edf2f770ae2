/**
 * Decisions on their way to the service. Each is kept on the device until it is acknowledged or finally refused, and is
 * sent again with the same id and body, which the service answers with the same receipt. In order, one at a time.
 */
import { base, config } from "./config";

/** CONTRACT section 3: the body of `POST .../consents`. */
export interface Decision {
  readonly id: string;
  readonly subject: string;
  readonly config: string;
  readonly action: "accept_all" | "refuse_all" | "save" | "withdraw";
  readonly choices: Readonly<Record<string, boolean>>;
  readonly language: string;
  readonly layer: 1 | 2;
  readonly control: string;
  readonly page: string;
  readonly viewport: "mobile" | "desktop";
  readonly client_time: string;
  readonly signals: { readonly gpc?: true };
}

export interface Receipt {
  readonly id: string;
  readonly site: string;
  readonly subject: string;
  readonly config: string;
  readonly commitment?: string;
  readonly recorded_at: string;
  readonly expires_at: string;
  readonly choices: Readonly<Record<string, boolean>>;
}

/** Told once per decision: its receipt, or the status (4xx) with which the service refused it for good. */
export type Outcome = (decision: Decision, answer: Receipt | number) => void;

const LONGEST = 300_000;
// Taken before the gates are installed: the SDK's own request must not pass through them.
const send = window.fetch;

let waiting: Decision[] | undefined;
let busy = Promise.resolve();
let timer: ReturnType<typeof setTimeout> | undefined;
let delay = 1_000;

/** What is kept on the device: nothing where it throws, or holds rubbish. */
function kept(): Decision[] {
  try {
    const list: unknown = JSON.parse(localStorage.temoin ?? null);
    if (Array.isArray(list)) return list;
  } catch {}
  return [];
}

/** What this page sends; read when it is first needed: browsers are slow to open a page's storage. */
function queue(): Decision[] {
  waiting ??= kept();
  return waiting;
}

/** Keeps a decision on the device or no longer does. What another page of the site has kept meanwhile stays. */
function keep(decision: Decision, still?: boolean): void {
  const list = kept().filter(({ id }) => id !== decision.id);
  if (still) list.push(decision);
  try {
    if (list.length) localStorage.temoin = JSON.stringify(list);
    else delete localStorage.temoin;
  } catch {}
}

/** Whether a decision is still to be sent. */
export const holds = (id?: string): boolean => queue().some((decision) => decision.id === id);

export function add(decision: Decision): void {
  queue().push(decision);
  keep(decision, true);
}

/** A receipt, a final status, or undefined where it is worth trying again: 429, 5xx, rubbish. Rejects without answer. */
async function post(decision: Decision): Promise<Receipt | number | undefined> {
  const response = await send(`${base}/v1/sites/${config.site}/consents`, {
    method: "POST",
    credentials: "include",
    keepalive: true,
    // A string body is text/plain: a media type that needs no preflight, one round trip instead of two.
    body: JSON.stringify(decision),
    signal: AbortSignal.timeout(30_000),
  });
  const { ok, status } = response;
  if (status >= 400 && status < 500 && status !== 429) return status;
  const receipt: Receipt = await response.json();
  const whole = receipt.id === decision.id && Date.parse(receipt.recorded_at) && Date.parse(receipt.expires_at);
  return ok && whole ? receipt : undefined;
}

async function drain(outcome: Outcome): Promise<void> {
  for (let next = queue()[0]; next; next = queue()[0]) {
    const answer = await post(next).catch(() => undefined);
    if (!answer) {
      delay = Math.min(delay * 2, LONGEST);
      timer = setTimeout(flush, delay, outcome);
      return;
    }
    delay = 1_000;
    queue().shift();
    keep(next);
    outcome(next, answer);
  }
}

/**
 * Sends what waits, after what is being sent; settles when all is sent or an attempt has failed (the next one is then
 * planned).
 */
export function flush(outcome: Outcome): Promise<void> {
  clearTimeout(timer);
  const run = (): Promise<void> => drain(outcome);
  busy = busy.then(run, run);
  return busy;
}
