// Writes dist/third_parties.json from third-party-web, the busiest parties first, and dist/tarteaucitron.json with the
// services of tarteaucitron.js by key; the licence of each beside them. Reads node_modules only; asks no network.

import { copyFile, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { runInNewContext } from "node:vm";

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

// Its file only fills `tarteaucitron.services`. An id of the site's becomes a star, as in the names of cookies.
const user = new Proxy({}, { get: (_, name) => (String(name).startsWith("multiple") ? undefined : "*") });
const tarteaucitron = { services: {}, user };
const home = dirname(require.resolve("tarteaucitronjs/package.json"));
runInNewContext(await readFile(join(home, "tarteaucitron.services.js"), "utf8"), { tarteaucitron, window: {}, document: {} });
const services = Object.entries(tarteaucitron.services).map(([key, { name, type, uri, needConsent, cookies }]) => [
  key,
  { name, type, uri, consent: needConsent, cookies: Array.isArray(cookies) ? cookies : [] },
]);
await writeFile(join(dist, "tarteaucitron.json"), `${JSON.stringify(Object.fromEntries(services))}\n`);
await copyFile(join(home, "LICENSE"), join(dist, "LICENSE.tarteaucitron"));
