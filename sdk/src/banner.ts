/**
 * The banner: built from the configuration's tree into one shadow root, its controls wired by their `data-t` names.
 *
 * It only toggles `hidden`, `checked`, `textContent` and the dialog; what it looks like is the template's business.
 * Nothing but a click on one of its buttons decides anything: Escape, the backdrop and closing grant nothing.
 */
import { decided, present, undecided } from "./choices";
import { asked, base, config } from "./config";
import { tell } from "./events";
import { guard } from "./guard";
import { speak } from "./language";
import { build, style } from "./tree";

/** What the visitor asked for: the name of the control pressed, the switches as they stand, the control. */
export type Act = (name: string, wanted: Readonly<Record<string, boolean>>, control: HTMLElement) => void;

let act: Act;
/** Set while a signal of the browser (GPC) keeps the banner from popping up. */
let quiet: boolean;
let host: HTMLElement | undefined;
let text: Readonly<Record<string, string>> = {};

export function wire(onAct: Act, silent: boolean): void {
  act = onAct;
  quiet = silent;
}

/** The language that the banner shows: what a record has to name. */
export const shownLanguage = (): string => host?.lang || config.language;

const all = <T extends HTMLElement>(selector: string): T[] => [
  ...(host?.shadowRoot?.querySelectorAll<T>(selector) ?? []),
];
const part = (name: string): HTMLElement | undefined => all(`[data-t=${name}]`)[0];
const dialog = (): HTMLDialogElement | undefined => all<HTMLDialogElement>("dialog")[0];
const switches = (): HTMLInputElement[] => all("input[data-purpose]");

/** Nothing happens to a part that the template leaves out. */
const set = (name: string, state: { hidden?: boolean; textContent?: string | undefined }): void => {
  for (const each of all(`[data-t=${name}]`)) Object.assign(each, state);
};

/** The body begins after the script in `<head>` has run; the first frame can only be painted from then on. */
const body = (): Promise<unknown> =>
  new Promise((resolve) => {
    if (document.body) resolve(0);
    new MutationObserver(() => document.body && resolve(0)).observe(document.documentElement, { childList: true });
  });

function click(event: Event): void {
  const control = (event.target as Element).closest<HTMLElement>("button[data-t]");
  const name = control?.dataset.t ?? "";
  if (name === "choose" || name === "open") openPreferences();
  else if (name === "close") dialog()?.close();
  else if (control)
    act(name, Object.fromEntries(switches().map((each) => [each.dataset.purpose, each.checked])), control);
}

/** Builds the tree where it is not there yet, or was in another language than the page now speaks. */
async function mount(): Promise<void> {
  const [[language, ui]] = await Promise.all([speak(), body()]);
  if (host?.lang === language) return;
  host?.remove();
  host = document.createElement("temoin-banner");
  host.lang = language;
  text = ui.text;
  const root = host.attachShadow({ mode: "open" });
  root.append(build(ui.tree));
  style(root);
  root.addEventListener("click", guard(click));
  dialog()?.addEventListener("close", () => tell("close"));
  // Before the body: the first thing that the keyboard reaches, and no ancestor's style can hide or move it.
  document.body.before(host);
}

/** Brings the banner into the state that the present choice asks for. */
export const render = guard(async (): Promise<void> => {
  await mount();
  const asking = !quiet && undecided();
  const { id = "", subject, recorded = 0, expires = 0 } = present() ?? {};
  const day = (time: number): string => new Date(time).toLocaleDateString(shownLanguage());
  const [before, after = ""] = (text.receipt ?? "")
    .replace("{recorded}", day(recorded))
    .replace("{expires}", day(expires))
    .split("{id}");
  set("banner", { hidden: !asking });
  set("open", { hidden: asking });
  // One click, as accepting was (rule R23); while the banner asks, refusing does the same.
  set("withdraw", { hidden: asking || !asked().some(decided) });
  set("receipt", { hidden: !recorded, textContent: before });
  // The reference is the way to the receipt itself, which the visitor may keep.
  const href = `${base}/v1/sites/${config.site}/subjects/${subject}/receipt`;
  part("receipt")?.append(build(["a", { href }, id]), after);
});

/** The second layer, each switch as decided; undecided is off. */
export const openPreferences = guard(async (purposes: readonly string[] = []): Promise<void> => {
  await render();
  const box = dialog();
  if (!box || box.open) return;
  const on = asked().filter(decided);
  for (const each of switches()) each.checked = on.some(({ id }) => id === each.dataset.purpose);
  box.showModal();
  switches()
    .find((each) => purposes.includes(each.dataset.purpose ?? ""))
    ?.focus();
  tell("open");
});

/** Takes everything off the page at once. The control that was pressed may be gone: focus goes to the next best. */
export function dismiss(): void {
  const box = dialog();
  const active = host?.shadowRoot?.activeElement as HTMLElement | null | undefined;
  const going = box?.open || active?.dataset.t === "withdraw";
  set("banner", { hidden: true });
  set("open", { hidden: false });
  box?.close();
  if (going && document.activeElement === (host?.shadowRoot?.activeElement ? host : document.body))
    part("open")?.focus();
}

export const announce = (key: string): void => set("status", { textContent: text[key] });
