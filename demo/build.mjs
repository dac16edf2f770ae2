// Bundles each tracker SDK with its entry in src/ into dist/NAME.js, and the licences of all that
// went into the bundles into dist/LICENSES.txt. Reads node_modules only; asks no network.

import { readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const names = ["posthog", "mixpanel", "amplitude", "segment"];

await rm(join(here, "dist"), { recursive: true, force: true });
const result = await build({
  absWorkingDir: here,
  entryPoints: names.map((name) => `src/${name}.js`),
  outdir: "dist",
  bundle: true,
  minify: true,
  format: "iife",
  platform: "browser",
  target: "es2020",
  legalComments: "eof",
  metafile: true,
  logLevel: "warning",
});
await writeFile(join(here, "dist", "LICENSES.txt"), await licences(packagesIn(result.metafile)));

/** The packages (folders under node_modules) that have at least one file in a bundle. */
function packagesIn(metafile) {
  const found = new Set();
  for (const input of Object.keys(metafile.inputs)) {
    const match = /^(?:.*\/)?node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(input);
    if (match) found.add(input.slice(0, match[0].length - 1));
  }
  return [...found].sort();
}

/** Name, version, licence and, where the package ships one, the licence's text. */
async function licences(folders) {
  const parts = [];
  for (const folder of folders) {
    const facts = JSON.parse(await readFile(join(here, folder, "package.json"), "utf8"));
    const file = (await readdir(join(here, folder))).find((name) => /^licen[cs]e/i.test(name));
    const text = file ? await readFile(join(here, folder, file), "utf8") : "(the package ships no licence file)";
    parts.push(`${facts.name} ${facts.version}: ${facts.license}\n\n${text.trim()}\n`);
  }
  return parts.join(`\n${"-".repeat(80)}\n\n`);
}
