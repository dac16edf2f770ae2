// Writes dist/third_parties.json from third-party-web, the busiest parties first, and its licence beside it.
// Reads node_modules only; asks no network.

import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const dist = fileURLToPath(new URL("dist/", import.meta.url));
const require = createRequire(import.meta.url);
const { entities } = require("third-party-web");

await rm(dist, { recursive: true, force: true });
await mkdir(dist);
const known = entities
  .toSorted((one, other) => (other.totalOccurrences ?? 0) - (one.totalOccurrences ?? 0))
  .map(({ name, company, homepage, categories, domains }) => ({ name, company, homepage, category: categories[0], domains }));
await writeFile(join(dist, "third_parties.json"), `${JSON.stringify(known)}\n`);
await copyFile(join(dirname(require.resolve("third-party-web")), "..", "LICENSE"), join(dist, "LICENSE"));
