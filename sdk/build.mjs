/**
 * Builds dist/: the script with its bare token `__TEMOIN_CONFIG__`, the same with the measurement in it, the measurement
 * alone, the inline half of the deferred form, the signals (each an expression that the service writes into the config
 * of sites that use it), the queue stub and the published types.
 *
 * Fails when a token is not there exactly once, or when the byte budget is exceeded (budget.mjs).
 */
import { copyFile, mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { build } from "esbuild";
import { minify } from "terser";
import { brotli } from "./budget.mjs";

const here = (path) => new URL(path, import.meta.url).pathname;

await mkdir(here("dist"), { recursive: true });
// es2020 as well: a browser older than these parses the script and gates what it can, instead of a syntax error.
const target = ["es2020", "chrome120", "firefox121", "safari17"];
const bundled = async (path, format) => {
  const options = { bundle: true, write: false, format, charset: "utf8", legalComments: "none", target };
  return (await build({ entryPoints: [here(path)], ...options })).outputFiles[0].text;
};
// Terser rather than esbuild's own minifier: 250 bytes of brotli less.
// Nothing that changes what a call means (`unsafe` would make `String(x)` an `x + ""`, which asks `valueOf` first).
const minified = async (text) => {
  const compress = {
    passes: 4,
    pure_getters: true,
    unsafe_arrows: true,
    unsafe_methods: true,
    keep_fargs: false,
    hoist_funs: true,
  };
  return (await minify(text, { ecma: 2020, toplevel: true, compress })).code;
};

// For V8: nearly all of the script runs as soon as it is there, so compile it whole, beside the main thread where that can
// be, instead of each function once it is called.
const EAGER = "//# allFunctionsCalledOnLoad\n";

/** A script whose bundle holds the token once, written to dist; fails where it is over its budget. */
async function script(name, entry, token, limit, hint = "") {
  const source = entry.endsWith(".js") ? await readFile(here(entry), "utf8") : await bundled(entry, "iife");
  const code = hint + (await minified(source));
  const tokens = code.split(token).length - 1;
  if (tokens !== 1) throw new Error(`${name} holds ${token} ${tokens} times; the service replaces exactly one.`);
  await writeFile(here(`dist/${name}.js`), code);
  const bytes = brotli(code);
  console.log(`${name}: ${bytes} bytes brotli (at most ${limit})`);
  if (bytes > limit) throw new Error(`${name} is over the byte budget: ${bytes} of ${limit}.`);
  return bytes;
}

const budget = JSON.parse(await readFile(here("budget.json"), "utf8"));
const plain = await script("temoin", "src/main.ts", "__TEMOIN_CONFIG__", budget.script, EAGER);
await script("temoin-measure", "src/measure/main.ts", "__TEMOIN_CONFIG__", plain + budget.measure, EAGER);
await script("measure", "src/measure/alone.ts", "__TEMOIN_MEASURE__", budget.alone);
await script("deferred", "stub/deferred.js", "__TEMOIN_TRACKERS__", budget.deferred);

await mkdir(here("dist/signals"), { recursive: true });
for (const file of await readdir(here("src/signals"))) {
  const module = await minified(await bundled(`src/signals/${file}`, "esm"));
  const [, expression] = /^var \w+=(.*);export\{\w+ as default\};$/s.exec(module);
  await writeFile(here(`dist/signals/${file.replace(".ts", ".js")}`), expression);
}
await copyFile(here("src/temoin.d.ts"), here("dist/temoin.d.ts"));
await copyFile(here("stub/temoin-stub.js"), here("dist/stub.js"));
