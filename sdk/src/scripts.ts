/**
 * Running gated scripts after a grant: once each and in document order, as the parser would have.
 *
 * A script in plain text never ran, so a fresh element takes its place with all its attributes. An external script
 * without `async` is waited for before the next one starts.
 */
import { guard } from "./guard";
import { comesLate } from "./late";

interface Rules {
  createScript(text: string): string;
  createScriptURL(url: string): string;
}
declare const trustedTypes: { createPolicy(name: string, rules: Rules): Rules } | undefined;

// Only what the page's own author wrote into gated markup passes here, nothing that came later by network. Throws where
// the page's CSP allows other policies only: the script then stays held (docs/sdk.md).
let policy: Rules | undefined;
function trusted(): Rules {
  const rules: Rules = { createScript: (text) => text, createScriptURL: (url) => url };
  policy ??= typeof trustedTypes === "undefined" ? rules : trustedTypes.createPolicy("temoin", rules);
  return policy;
}

const line = new Set<HTMLScriptElement>();
let busy = false;

function run(old: HTMLScriptElement): void {
  const script = document.createElement("script");
  const { type, src } = old.dataset;
  for (const { name, value } of old.attributes)
    if (!/^(type|nonce|data-(src|type|purpose|tracker))$/.test(name)) script.setAttribute(name, value);
  if (type) script.type = type;
  script.nonce = old.nonce; // The attribute reads as empty.
  script.async = old.hasAttribute("async");
  if (src) script.src = trusted().createScriptURL(src);
  else script.text = trusted().createScript(old.text);
  if (src && !script.async) {
    busy = true;
    script.onload = script.onerror = () => {
      busy = false;
      advance();
    };
  }
  comesLate(script);
  old.replaceWith(script);
}

let allowed: (script: HTMLScriptElement) => boolean;

function advance(): void {
  for (const script of line) {
    if (busy) return;
    line.delete(script);
    // Withdrawn, or taken out of the page, while it waited.
    if (script.isConnected && allowed(script)) guard(run)(script);
  }
}

/** Lines a script up. `check` is asked again when its turn comes. */
export function enqueue(script: HTMLScriptElement, check: (script: HTMLScriptElement) => boolean): void {
  allowed = check;
  line.add(script);
  advance();
}
