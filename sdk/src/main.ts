/**
 * The wiring: gates first and synchronously, before the parser goes on; then the markup, the banner and the network.
 *
 * Fail closed: what is not granted, acknowledged and unexpired does not run, whatever breaks.
 */
import { publish, running } from "./api";
import { openPreferences, render, wire } from "./banner";
import { adopt, awaited, choices, decided, granted, present, reread } from "./choices";
import { asked, config } from "./config";
import { decide, flush, gpc } from "./decide";
import { on } from "./events";
import { enforce, refresh } from "./force";
import { gateChannels } from "./gates/channels";
import { gateStyles } from "./gates/css";
import { gateElements } from "./gates/elements";
import { gateParsed } from "./gates/parsed";
import { gateRequests } from "./gates/requests";
import { gateStorage } from "./gates/storage";
import { guard } from "./guard";
import { gateShadows, observe, scan } from "./markup";
import { compile } from "./match";
import { holds } from "./outbox";
import { currentReceipt } from "./receipt";
import { deny, signal } from "./signals";
import { deleteCookies, deleteTraces } from "./traces";

function gates(): void {
  compile();
  gateElements();
  gateRequests();
  gateChannels();
  gateStorage();
  gateParsed();
  gateStyles();
  gateShadows();
}

function remember(): void {
  reread();
  // A grant whose decision got lost on its way can never be acknowledged: ask again.
  if (awaited() && !holds(present()?.id)) adopt(null);
}

function listen(): void {
  // Back from the browser's memory: what other pages decided meanwhile holds here too.
  addEventListener("pageshow", ({ persisted }) => persisted && refresh());
  addEventListener("pagehide", guard(deleteTraces));
  addEventListener("online", flush);
  document.addEventListener("visibilitychange", refresh);
  document.addEventListener(
    "DOMContentLoaded",
    guard(() => scan(document)),
  );
  const click = guard((event: Event) => {
    const wish = (event.target as Element).closest<HTMLElement>("[data-temoin]")?.dataset.temoin;
    if (wish !== "open" && wish !== "withdraw") return;
    event.preventDefault();
    if (wish === "open") openPreferences();
    else decide(wish);
  });
  document.addEventListener("click", click);
}

/** Purposes that are not named keep their choice; the others are refused. */
const merged = (wanted: Readonly<Record<string, boolean>>): Record<string, boolean> => ({
  ...Object.fromEntries(asked().map((purpose) => [purpose.id, !!decided(purpose)])),
  ...wanted,
});

function start(): void {
  if (running()) return;
  gates();
  // Chromium notes who reads the cookies, and parses each function that is under way anew for it: once this script has
  // ended none is, and nothing of the page comes before a microtask.
  queueMicrotask(guard(begin));
}

function begin(): void {
  remember();
  deny();
  signal(choices());
  wire(decide, gpc && config.gpc === "refuse");
  publish({
    choices,
    has: granted,
    open: () => void openPreferences(),
    acceptAll: () => decide("accept"),
    refuseAll: () => decide("refuse"),
    save: (wanted) => decide("save", merged(wanted)),
    withdraw: () => decide("withdraw"),
    on,
    receipt: currentReceipt,
  });
  enforce();
  // What the inline half of the deferred form has held meets the gates now.
  (window as { temoinHeld?: () => void }).temoinHeld?.();
  observe();
  listen();
  render();
  // Nobody waits for this to see the page. Storage is slow to open, and nothing of a visitor who has decided nothing waits
  // in it; what trackers have left there, and cannot read, goes when the page is left, or with the next choice.
  const rest = guard(() => {
    deleteCookies();
    if (present()) flush();
  });
  (window.requestIdleCallback ?? setTimeout)(rest, { timeout: 1000 } as never);
}

guard(start)();
