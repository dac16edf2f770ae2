/** A page API that keeps choices in memory, for tests of your own code: no service, no script, no banner. */
import type { Temoin, TemoinEvents, TemoinReceipt } from "./temoin.js";

export interface FakeTemoin extends Temoin {
  /** Takes it out of `window` again. */
  remove(): void;
}

type Listener = (detail: never) => void;

/**
 * Takes the place of `window.temoin`, with these purposes. Nothing is decided until it is asked to decide; each decision
 * is granted at once and told to listeners, as the script does once the service has answered.
 */
export function fakeTemoin(...purposes: string[]): FakeTemoin {
  let receipt: TemoinReceipt | null = null;
  const listeners = new Set<[name: string, listener: Listener]>();
  const all = (granted: boolean) => Object.fromEntries(purposes.map((purpose) => [purpose, granted]));

  function tell<K extends keyof TemoinEvents>(name: K, detail: TemoinEvents[K]): void {
    for (const [wanted, listener] of [...listeners]) if (wanted === name) listener(detail as never);
  }

  function decide(choices: Record<string, boolean>): Promise<TemoinReceipt> {
    const now = new Date();
    const times = { recorded_at: now.toISOString(), expires_at: new Date(now.getTime() + 180 * 864e5).toISOString() };
    const ids = { id: crypto.randomUUID(), site: "test", subject: "0".repeat(22), config: "0".repeat(16) };
    receipt = { ...ids, ...times, choices };
    const detail = { choices: { ...choices }, receipt };
    tell("change", detail);
    document.dispatchEvent(new CustomEvent("temoin:change", { detail }));
    return Promise.resolve(receipt);
  }

  const fake: FakeTemoin = {
    choices: () => ({ ...receipt?.choices }),
    has: (purpose) => receipt?.choices[purpose] ?? false,
    open: () => tell("open", undefined),
    acceptAll: () => decide(all(true)),
    refuseAll: () => decide(all(false)),
    save: (choices) => {
      const named = Object.entries(choices).filter(([purpose]) => purposes.includes(purpose));
      return decide({ ...all(false), ...receipt?.choices, ...Object.fromEntries(named) });
    },
    withdraw: () => decide(all(false)),
    on: (name, listener) => {
      const entry: [string, Listener] = [name, listener];
      listeners.add(entry);
      return () => void listeners.delete(entry);
    },
    get ready() {
      return Promise.resolve(fake);
    },
    receipt: () => receipt,
    remove: () => {
      if (window.temoin === fake) Reflect.deleteProperty(window, "temoin");
    },
  };
  const before = window.temoin as (Temoin & { r?: (api: Temoin) => void }) | undefined;
  window.temoin = fake;
  before?.r?.(fake); // Whoever waits for the script has waited for this.
  return fake;
}
