/** Brings the page into line with what is in force, and tells it. */
import { render } from "./banner";
import * as choices from "./choices";
import { tell } from "./events";
import { closeChannels } from "./gates/channels";
import { releaseElements, stopFrames } from "./gates/elements";
import { closeDatabases } from "./gates/storage";
import { guard } from "./guard";
import { scan } from "./markup";
import { track } from "./match";
import { currentReceipt } from "./receipt";
import { signal } from "./signals";
import { deleteTraces } from "./traces";

let alarm: ReturnType<typeof setTimeout> | undefined;

export function apply(): void {
  deleteTraces();
  enforce();
}

/** Closes first, then opens; and sets the alarm for the end of the choice. */
export function enforce(): void {
  track();
  closeDatabases();
  closeChannels();
  stopFrames();
  releaseElements();
  scan(document);
  clearTimeout(alarm);
  const choice = choices.present();
  // A delay of 2^31 ms or more would fire at once.
  if (choice) alarm = setTimeout(refresh, Math.min(choice.expires - Date.now(), 2e9));
}

export function changed(): void {
  const detail = { choices: choices.choices(), receipt: currentReceipt() };
  signal(detail.choices);
  tell("change", detail);
}

/** Another tab, the visitor's settings or the calendar may have changed the choice. */
export const refresh = guard(() => {
  const news = choices.reread();
  if (news) signal(choices.choices());
  apply();
  if (!news) return;
  changed();
  render();
});
