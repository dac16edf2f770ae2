/**
 * The banner: built from the configuration's tree into one shadow root, its controls wired by their `data-t` names.
 *
 * It only toggles `hidden`, `checked`, `textContent` and the dialog; what it looks like is the template's business.
 * Nothing but a click on one of its buttons decides anything: Escape, the backdrop and closing grant nothing.
 */
import { decided, present, undecided } from "./choices";
import { type Attributes, asked, config, type TreeNode, type Ui } from "./config";
import { tell } from "./events";
import { guard } from "./guard";
import { speak } from "./language";
import { receiptLine } from "./receipt";
import { body, build, style } from "./tree";

/** What the visitor asked for: the name of the control pressed, the switches as they stand, the control. */
export type Act = (name: string, wanted: Readonly<Record<string, boolean>>, control: HTMLElement) => void;

let act: Act;
/** Set while a signal of the browser (GPC) keeps the banner from popping up. */
let quiet: boolean;
let host: HTMLElement | undefined;
let shown: Ui = { text: {} };
/** The second layer, where it has not been built yet. */
let second: TreeNode | undefined;

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

function click(event: Event): void {
  const control = (event.target as Element).closest<HTMLElement>("button[data-t]");
  const name = control?.dataset.t ?? "";
  if (name === "choose" || name === "open") openPreferences();
  else if (name === "close") dialog()?.close();
  else if (control)
    act(name, Object.fromEntries(switches().map((each) => [each.dataset.purpose, each.checked])), control);
}

function listen(box: HTMLElement): void {
  box.addEventListener("close", () => {
    // Put off by Escape: nothing is decided, and the way back has to show.
    if (box === part("banner")) set("open", { hidden: false });
    if (box === dialog()) tell("close");
  });
}

/**
 * Builds the tree where it is not there yet, or was in another language than the page now speaks. The second layer is the
 * longer one, and most visitors never open it: it is built for those who do.
 */
async function mount(whole?: boolean): Promise<void> {
  const [[language, ui]] = await Promise.all([speak(), body()]);
  if (host?.lang !== language) {
    host?.remove();
    host = document.createElement("temoin-banner");
    host.lang = language;
    shown = ui;
    const root = host.attachShadow({ mode: "open" });
    const [tag, attributes, ...parts] = (ui.tree ?? ["i", 0]) as Exclude<TreeNode, string>;
    second = parts.find((each) => (each[1] as Attributes)["data-t"] === "preferences");
    root.append(build([tag, attributes, ...parts.filter((each) => each !== second)]));
    style(root);
    root.addEventListener("click", guard(click));
    all("dialog").forEach(listen);
    // Before the body: the first thing that the keyboard reaches, and no ancestor's style can hide or move it.
    document.body.before(host);
  }
  if (!whole || !second) return;
  const box = build(second) as HTMLElement;
  part("banner")?.after(box);
  listen(box);
  second = undefined;
}

/** Brings the banner into the state that the present choice asks for; `whole`: the second layer too. */
export const render = guard(async (whole?: boolean): Promise<void> => {
  await mount(whole);
  const asking = !quiet && undecided();
  set("open", { hidden: asking });
  ask(asking);
  // One click, as accepting was (rule R23); while the banner asks, refusing does the same.
  set("withdraw", { hidden: asking || !asked().some(decided) });
  set("receipt", { hidden: !present()?.recorded });
  for (const line of all("[data-t=receipt]")) line.replaceChildren(...receiptLine(shown.text.receipt, shownLanguage()));
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
  await render(true);
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
