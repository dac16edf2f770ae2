// Bundles src/charts.js with the parts of Chart.js that it uses into dist/charts.js, and the licences of what went into
// it into dist/LICENSES.txt. Reads node_modules only; asks no network.

import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = fileURLToPath(new URL(".", import.meta.url));
const packages = ["chart.js", "@kurkle/color"];

await rm(join(here, "dist"), { recursive: true, force: true });
await build({
  absWorkingDir: here,
  entryPoints: ["src/charts.js"],
  outdir: "dist",
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  legalComments: "none",
  logLevel: "warning",
});
const licences = packages.map(async (name) => {
  const folder = join(here, "node_modules", name);
  const { version, license } = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
  return `${name} ${version}: ${license}\n\n${(await readFile(join(folder, "LICENSE.md"), "utf8")).trim()}\n`;
});
await writeFile(join(here, "dist", "LICENSES.txt"), (await Promise.all(licences)).join(`\n${"-".repeat(80)}\n\n`));
