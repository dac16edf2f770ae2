/** The script of a site that measures its audience: everything of main.ts, and the measurement. */

// First, so that it takes the browser's own `fetch` before the gates replace it.
import { measure } from "./measure";
import "../main";
import { render, shownLanguage } from "../banner";
import { granted, undecided } from "../choices";
import { base, config } from "../config";
import { gpc } from "../decide";
import { on } from "../events";
import { guard } from "../guard";

async function count(): Promise<void> {
  if (!config.measure) return;
  const { purpose, search, objections } = config.measure;
  const url = `${base}/v1/sites/${config.site}/hits`;
  // The banner that asks is counted once a document; on one that is only prepared, when it is looked at.
  let asking = false;
  const { consent, tell } = measure({ url, search, objections, consented: () => granted(purpose), begun: shown });
  on("change", consent);
  function shown(): void {
    const viewport = innerWidth < 768 ? "mobile" : "desktop";
    if (asking) asking = !tell("shown", { config: config.version, language: shownLanguage(), viewport });
  }
  await render();
  asking = undecided() && !(gpc && config.gpc === "refuse");
  shown();
}

guard(count)();
