/**
 * The banner: built from the configuration's tree into one shadow root, its controls wired by their `data-t` names.
 *
 * It only toggles `hidden`, `checked`, `textContent` and the dialog; what it looks like is the template's business.
 * Nothing but a click on one of its buttons decides anything: Escape, the backdrop and closing grant nothing.
 */
import { decided, present, undecided } from "./choices";
import { asked, base, config, type Ui } from "./config";
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
let shown: Ui = { text: {} };

export function wire(onAct: Act, silent: boolean): void {
  act = onAct;
  quiet = silent;
}

/** The language that the banner shows: what a record has to name. */
export const shownLanguage = (): string => host?.lang || config.language;

const all = <T extends HTMLElement>(selector: string): T[] => [
  ...(host?.shadowRoot?.querySelectorAll<T>(selector) ?? []),
];
const part = (name: string): HTMLElement | undefined => all(`[data-t~=${name}]`)[0];
const dialog = (): HTMLDialogElement | undefined => part("preferences") as HTMLDialogElement | undefined;
const switches = (): HTMLInputElement[] => all("input[data-purpose]");

/** Nothing happens to a part that the template leaves out. */
const set = (name: string, state: { hidden?: boolean; textContent?: string | undefined }): void => {
  for (const each of all(`[data-t~=${name}]`)) Object.assign(each, state);
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
  shown = ui;
  const root = host.attachShadow({ mode: "open" });
  if (ui.tree) root.append(build(ui.tree));
  style(root);
  root.addEventListener("click", guard(click));
  for (const each of all("dialog"))
    each.addEventListener("close", () => {
      // Put off by Escape: nothing is decided, and the way back has to show.
      if (each === part("banner")) set("open", { hidden: false });
      if (each === dialog()) tell("close");
    });
  // Before the body: the first thing that the keyboard reaches, and no ancestor's style can hide or move it.
  document.body.before(host);
}

/** Brings the banner into the state that the present choice asks for. */
export const render = guard(async (): Promise<void> => {
  await mount();
  const asking = !quiet && undecided();
  const { id = "", subject, recorded = 0, expires = 0 } = present() ?? {};
  const day = (time: number): string => new Date(time).toLocaleDateString(shownLanguage());
  const [before, after = ""] = (shown.text.receipt ?? "")
    .replace("{recorded}", day(recorded))
    .replace("{expires}", day(expires))
    .split("{id}");
  set("open", { hidden: asking });
  ask(asking);
  // One click, as accepting was (rule R23); while the banner asks, refusing does the same.
  set("withdraw", { hidden: asking || !asked().some(decided) });
  set("receipt", { hidden: !recorded, textContent: before });
  // The reference is the way to the receipt itself, which the visitor may keep.
  const href = `${base}/v1/sites/${config.site}/subjects/${subject}/receipt`;
  part("receipt")?.append(build(["a", { href }, id]), after);
});

/** Opens a dialog, each switch as decided; undecided is off. */
function show(box: HTMLDialogElement): void {
  const on = asked().filter(decided);
  for (const each of switches()) each.checked = on.some(({ id }) => id === each.dataset.purpose);
  box.showModal();
}

/** Shows or hides the first layer: a region of the page, or a dialog where the page waits. A site's own is told to. */
function ask(asking: boolean): void {
  const first = part("banner") as HTMLDialogElement | undefined;
  if (!first) {
    if (asking) tell("ask", shown);
  } else if (!first.showModal) first.hidden = !asking;
  else if (!asking) first.close();
  else if (!first.open) show(first);
}

/** The second layer. */
export const openPreferences = guard(async (purposes: readonly string[] = []): Promise<void> => {
  await render();
  const box = dialog();
  if (!box) tell("open", shown);
  if (!box || box.open) return;
  show(box);
  switches()
    .find((each) => purposes.includes(each.dataset.purpose ?? ""))
    ?.focus();
  tell("open");
});

/** Takes everything off the page at once. The control that was pressed may be gone: focus goes to the next best. */
export function dismiss(): void {
  const box = dialog();
  const active = host?.shadowRoot?.activeElement as HTMLElement | null | undefined;
  const going = all<HTMLDialogElement>("dialog").some(({ open }) => open) || active?.dataset.t === "withdraw";
  ask(false);
  set("open", { hidden: false });
  box?.close();
  if (going && document.activeElement === (host?.shadowRoot?.activeElement ? host : document.body))
    part("open")?.focus();
}

export const announce = (key: string): void => set("status", { textContent: shown.text[key] });
