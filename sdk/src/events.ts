/** What the SDK tells the page: DOM events `temoin:change`, `:ask`, `:open`, `:close` on the document. */
import { guard } from "./guard";
import type { TemoinEvents } from "./temoin";

/** A question that is still open: who begins to listen later has to hear it too. */
let question: TemoinEvents["ask"] | undefined;

export function tell<K extends keyof TemoinEvents>(event: K, detail?: TemoinEvents[K]): void {
  if (event === "ask") question = detail as typeof question;
  if (event === "change") question = undefined;
  document.dispatchEvent(new CustomEvent(`temoin:${event}`, { detail }));
}

export function on<K extends keyof TemoinEvents>(event: K, listener: (detail: TemoinEvents[K]) => void): () => void {
  const hear = guard((told: Event) => listener((told as CustomEvent).detail));
  document.addEventListener(`temoin:${event}`, hear);
  if (event === "ask" && question) hear(new CustomEvent("", { detail: question }));
  return () => document.removeEventListener(`temoin:${event}`, hear);
}
