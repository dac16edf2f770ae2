/** What the SDK tells the page: DOM events `temoin:change`, `temoin:open`, `temoin:close` on the document. */
import { guard } from "./guard";
import type { TemoinEvents } from "./temoin";

export function tell<K extends keyof TemoinEvents>(event: K, detail?: TemoinEvents[K]): void {
  document.dispatchEvent(new CustomEvent(`temoin:${event}`, { detail }));
}

export function on<K extends keyof TemoinEvents>(event: K, listener: (detail: TemoinEvents[K]) => void): () => void {
  const hear = guard((told: Event) => listener((told as CustomEvent).detail));
  document.addEventListener(`temoin:${event}`, hear);
  return () => document.removeEventListener(`temoin:${event}`, hear);
}
