/**
 * Builds dist/: each module of src as ESM with its types, the queue stub to paste inline, and the types of the page API.
 * The stub and those types are the script's own (../../sdk), so that there is one of each.
 */
import { execFileSync } from "node:child_process";
import { copyFile, readFile, rm } from "node:fs/promises";
import { build } from "esbuild";

const here = (path) => new URL(path, import.meta.url).pathname;
const stub = here("../../sdk/stub/temoin-stub.js");

const queue = {
  name: "queue",
  setup(bundler) {
    bundler.onResolve({ filter: /^temoin:queue$/ }, () => ({ path: "queue", namespace: "queue" }));
    bundler.onLoad({ filter: /.*/, namespace: "queue" }, async () => ({
      contents: `export default function queue() {\n${await readFile(stub, "utf8")}}\n`,
    }));
  },
};

await rm(here("dist"), { recursive: true, force: true });
await build({
  entryPoints: ["index", "react", "vue", "testing"].map((name) => here(`src/${name}.ts`)),
  outdir: here("dist"),
  bundle: true,
  external: ["react", "vue", "./index.js"],
  format: "esm",
  target: "es2022",
  charset: "utf8",
  plugins: [queue],
});
const options = ["--noEmit", "false", "--declaration", "--emitDeclarationOnly"];
execFileSync(here("node_modules/.bin/tsc"), ["-p", here("."), ...options, "--outDir", here("dist/types")]);
for (const name of ["index", "react", "vue", "testing"]) {
  await copyFile(here(`dist/types/packages/sdk/src/${name}.d.ts`), here(`dist/${name}.d.ts`));
}
await rm(here("dist/types"), { recursive: true });
await copyFile(here("../../sdk/src/temoin.d.ts"), here("dist/temoin.d.ts"));
await copyFile(stub, here("dist/stub.js"));
