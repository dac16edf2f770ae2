/**
 * One act of the visitor, from the click to the service's answer.
 *
 * Refusals take effect at once; grants when the receipt is there. Until then the choice is kept on the device.
 */
import { announce, dismiss, render, shownLanguage } from "./banner";
import * as choices from "./choices";
import { asked, config } from "./config";
import { apply, changed } from "./force";
import { guard } from "./guard";
import { newDecisionId, newSubject } from "./identity";
import type { Decision, Receipt } from "./outbox";
import * as outbox from "./outbox";
import { after } from "./period";
import { currentReceipt, keepReceipt } from "./receipt";
import { signal } from "./signals";

/** Global Privacy Control: may only reduce, never grant. */
export const gpc = (navigator as { globalPrivacyControl?: boolean }).globalPrivacyControl === true;

/** The service's answer to a decision of this page, or of an earlier one. */
function answered(decision: Decision, answer: Receipt | number): void {
  choices.reread();
  const choice = choices.present();
  // A newer choice, here or in another tab, has taken its place.
  if (choice?.id !== decision.id) return;
  if (typeof answer === "number") {
    announce("failed");
    if (answer === 409 || answer === 422) choices.keep(null);
  } else {
    keepReceipt(answer);
    choices.keep({ ...choice, recorded: Date.parse(answer.recorded_at), expires: Date.parse(answer.expires_at) });
    announce(decision.action === "withdraw" ? "withdrawn" : "saved");
  }
  // Before the tags that it lets run (rule R17).
  signal(choices.choices());
  apply();
  changed();
  render();
}

export const flush = guard((): Promise<void> => outbox.flush(answered));

/**
 * Browsers paint between a click and the next task: the banner is seen to go before the rest is done. A page that is left
 * meanwhile does it on its way out. Not where something in force may have to stop.
 */
const painted = (): Promise<unknown> =>
  new Promise((go) => {
    setTimeout(go);
    addEventListener("pagehide", go);
  });

export const decide = guard(
  async (
    name: string,
    wanted: Readonly<Record<string, boolean>> = {},
    control?: HTMLElement,
  ): Promise<Receipt | null> => {
    // Read before anything changes: afterwards the browser would have to lay the page out to answer.
    const viewport = innerWidth < 768 ? "mobile" : "desktop";
    dismiss();
    if (control && !asked().some(({ id }) => choices.granted(id))) await painted();
    const now = Date.now();
    const id = newDecisionId(now);
    const action = (/^(accept|refuse)$/.test(name) ? `${name}_all` : name) as Decision["action"];
    const subject = choices.present()?.subject ?? newSubject();
    const granted = (purpose: string): boolean => name === "accept" || (name === "save" && !!wanted[purpose]);
    const grants: Record<string, boolean> = Object.fromEntries(
      asked().map((purpose) => [purpose.id, granted(purpose.id)]),
    );
    const version = config.version;
    outbox.add({
      id,
      subject,
      config: version,
      action,
      choices: grants,
      language: shownLanguage(),
      layer: control?.closest("[data-t=preferences]") ? 2 : 1,
      control: control?.id ?? "api",
      page: location.origin + location.pathname,
      viewport,
      client_time: new Date(now).toISOString(),
      signals: gpc ? { gpc: true } : {},
    });
    const expires = after(now, config.validity);
    const entries = choices.entriesOf(grants);
    const revoked = choices.keep({ version, subject, id, recorded: 0, expires, entries });
    apply();
    render();
    if (revoked) changed();
    await flush();
    if (outbox.holds(id)) {
      announce("offline");
      changed();
    }
    return currentReceipt();
  },
);
