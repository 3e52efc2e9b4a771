// Bundles the console into the Python package (`page`), or bundles its unit tests and runs them (`tests`).

import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const page = join(here, "../oap/query/page");
const bundledTests = join(here, "../.cache/console-tests");
const shared = { absWorkingDir: here, bundle: true, format: "esm", target: "es2022", logLevel: "warning" };

async function buildPage() {
  mkdirSync(page, { recursive: true });
  const files = ["app.js", "app.css", ...readdirSync(join(here, "static"))];
  for (const name of readdirSync(page)) if (!files.includes(name)) rmSync(join(page, name), { recursive: true });
  await build({ ...shared, entryPoints: { app: "src/main.tsx" }, outdir: page, minify: true, legalComments: "inline", jsx: "automatic", jsxImportSource: "preact" });
  cpSync(join(here, "static"), page, { recursive: true });
}

async function runTests() {
  rmSync(bundledTests, { recursive: true, force: true });
  const names = readdirSync(join(here, "tests")).filter((name) => name.endsWith(".test.ts"));
  const outputs = Object.fromEntries(names.map((name) => [name.replace(/\.ts$/, ""), `tests/${name}`]));
  await build({ ...shared, entryPoints: outputs, outdir: bundledTests, outExtension: { ".js": ".mjs" }, platform: "node", sourcemap: "inline" });
  const run = spawnSync(process.execPath, ["--enable-source-maps", "--test", ...Object.keys(outputs).map((name) => join(bundledTests, `${name}.mjs`))], { stdio: "inherit" });
  process.exit(run.status ?? 1);
}

await { page: buildPage, tests: runTests }[process.argv[2] ?? "page"]();
