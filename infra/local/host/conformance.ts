#!/usr/bin/env node
import { readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir, userInfo } from "node:os";
import { join, resolve } from "node:path";
import { DEFAULT_PORTS, listens, startAzurite } from "../azurite.js";
import { type AppVersions, copySuite, findSuite } from "./conformance/suite.js";
import { judge, type Verdict } from "./conformance/verdict.js";
import { build, install, openWorkshop, runJest } from "./conformance/workshop.js";
import { messageOf, oneLine } from "./start-error.js";

const USAGE = `Usage: conformance DIR
  DIR                    checkout of microsoft/durabletask-js, or its test/e2e-functions folder
  CONFORMANCE_DIR        environment: folder to work in and to reuse (default: below the system's temporary folder)`;

process.exit(await main(process.argv.slice(2)));

async function main(args: readonly string[]): Promise<number> {
  const [dir, ...excess] = args;
  if (dir === undefined || excess.length > 0 || dir.startsWith("-")) {
    console.error(USAGE);
    return dir === "--help" ? 0 : 2;
  }
  try {
    const verdict = await conform(resolve(dir));
    for (const name of verdict.failed) console.log(`failed: ${name}`);
    console.log(`${verdict.passed} passed, ${verdict.failed.length} failed, ${verdict.skipped} skipped`);
    return verdict.conformant ? 0 : 1;
  } catch (error) {
    console.error(`conformance: ${oneLine(messageOf(error))}`);
    return 1;
  }
}

/** Runs the public Functions-host suite against this host (functions-host.md §9). */
async function conform(dir: string): Promise<Verdict> {
  const source = findSuite(dir);
  if (await listens(DEFAULT_PORTS.blob)) {
    throw new Error(`port ${DEFAULT_PORTS.blob} is in use: the suite needs a storage emulator of its own there`);
  }
  const user = userInfo().username;
  const shop = openWorkshop(process.env.CONFORMANCE_DIR ?? join(tmpdir(), `ringmaster-conformance-${user}`));
  copySuite(source, shop.suite, versions());
  await install(shop);
  await build(shop);
  rmSync(shop.results, { force: true });
  const azurite = await startAzurite({ ports: DEFAULT_PORTS });
  try {
    await runJest(shop);
  } finally {
    await azurite.stop();
  }
  return judge(JSON.parse(readFileSync(shop.results, "utf8")));
}

/** The versions installed here. */
function versions(): AppVersions {
  const require = createRequire(import.meta.url);
  const version = (name: string) => {
    const entry = require.resolve(name);
    const root = entry.slice(0, entry.lastIndexOf(`node_modules/${name}`) + `node_modules/${name}`.length);
    return (JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string }).version;
  };
  return { functions: version("@azure/functions"), durableFunctions: version("durable-functions") };
}
