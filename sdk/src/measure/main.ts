/** The script of a site that measures its audience: everything of main.ts, and the measurement. */

// First, so that it takes the browser's own `fetch` before the gates replace it.
import { measure } from "./measure";
import "../main";
import { granted } from "../choices";
import { base, config } from "../config";
import { on } from "../events";
import { guard } from "../guard";

function count(): void {
  if (!config.measure) return;
  const { purpose, search, objections } = config.measure;
  const url = `${base}/v1/sites/${config.site}/hits`;
  on("change", measure({ url, search, objections, consented: () => granted(purpose) }));
}

guard(count)();
