/** `window.temoin`: what a page may ask of Témoin. No method ever throws. */
export interface TemoinReceipt {
  id: string;
  site: string;
  subject: string;
  config: string;
  /** SHA-256 of the record, 64 hex digits; known on the page where the choice was made. */
  commitment?: string;
  recorded_at: string;
  expires_at: string;
  choices: Record<string, boolean>;
}

export interface TemoinChange {
  choices: Record<string, boolean>;
  receipt: TemoinReceipt | null;
}

/** A tracker in words: `kept` pairs names and lifetimes, `also` names the other purposes that it needs. */
export interface TemoinTracker {
  name: string;
  party: string;
  role: string;
  kept: [name: string, lifetime: string][];
  recipients: string;
  also: string;
  policy: string;
  policy_url: string | null;
}

export interface TemoinPurpose {
  id: string;
  title: string;
  description: string;
  trackers: TemoinTracker[];
  trackers_label: string;
}

/** What a banner that the site draws by itself has to show, in the visitor's language. */
export interface TemoinUi {
  text: Record<string, string>;
  /** Only with the template "none". */
  language?: string;
  purposes?: { asked: TemoinPurpose[]; exempt: TemoinPurpose[] };
}

export interface TemoinEvents {
  change: TemoinChange;
  /** With the template "none": the visitor is to be asked. Heard by late listeners too, until a choice is made. */
  ask: TemoinUi;
  /** With the template "none" the site has to open its preferences. */
  open: TemoinUi | undefined;
  close: undefined;
}

export interface Temoin {
  /** What is in force, by purpose. Absent: undecided, or granted but not yet acknowledged by the service. */
  choices(): Record<string, boolean>;
  /** Whether a purpose may act now. */
  has(purpose: string): boolean;
  /** Opens the preferences. */
  open(): void;
  /** Each decides and resolves when the service has answered: the receipt, or null where it did not (yet). */
  acceptAll(): Promise<TemoinReceipt | null>;
  refuseAll(): Promise<TemoinReceipt | null>;
  /** Purposes that are not named keep their choice; undecided ones are refused. */
  save(choices: Record<string, boolean>): Promise<TemoinReceipt | null>;
  withdraw(): Promise<TemoinReceipt | null>;
  /** Listens; answers a function that stops listening. */
  on<K extends keyof TemoinEvents>(event: K, listener: (detail: TemoinEvents[K]) => void): () => void;
  /** Resolves once the stored choice has been read and the gates stand. */
  readonly ready: Promise<Temoin>;
  /** The proof of the present choice; null before one, and until the service has acknowledged it. */
  receipt(): TemoinReceipt | null;
}

declare global {
  interface Window {
    temoin: Temoin;
  }
  interface DocumentEventMap {
    "temoin:change": CustomEvent<TemoinChange>;
  }
}
