import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";

/** Versions that the app under test is built with: those of this project. */
export interface AppVersions {
  readonly functions: string;
  readonly durableFunctions: string;
}

/**
 * What the suite expects of the v3 library where it was written for v4 (functions-host.md §9.2): error texts differ, and
 * a wrong-state call surfaces as the host's HTTP 500.
 */
const WRONG_STATE =
  'Error: The operation failed with an unexpected status code: 500. Details: {"Message":"Something went wrong while processing your request';
const V3_TEXTS: Readonly<Record<string, string>> = {
  "CaughtActivityException.ErrorMessage": "Caught exception: Error: Activity function 'raise_exception' failed:",
  "RethrownActivityException.ErrorMessage":
    "Orchestrator function 'RethrowActivityException' failed: Activity function 'raise_exception' failed:",
  "CaughtEntityException.ErrorMessage": "Error: [object Object]",
  "RethrownEntityException.ErrorMessage": "Orchestrator function 'ThrowEntityOrchestration' failed:",
  "SuspendSuspendedInstance.FailureMessage": WRONG_STATE,
  "ResumeRunningInstance.FailureMessage": WRONG_STATE,
};

/** The suite's folder in a checkout of the repository, or the folder itself. Throws when `dir` is neither. */
export function findSuite(dir: string): string {
  const candidates = [join(dir, "test", "e2e-functions"), dir];
  const found = candidates.find((candidate) => existsSync(join(candidate, "harness.ts")));
  if (found !== undefined) return found;
  throw new Error(`${dir} holds neither test/e2e-functions nor a harness.ts: expected a checkout of the suite`);
}

/** Copies the suite's sources, keeping what an earlier run installed in `target`, and adapts them to the v3 library. */
export function copySuite(source: string, target: string, versions: AppVersions): void {
  const app = join(target, "test-app");
  rmSync(join(app, "dist"), { recursive: true, force: true });
  cpSync(source, target, {
    recursive: true,
    force: true,
    filter: (path) => !["node_modules", "dist", "package-lock.json", ".ringmaster"].includes(basename(path)),
  });
  edit(join(target, "harness.ts"), adaptTexts);
  edit(join(app, "package.json"), (text) => adaptPackage(text, versions));
}

/** Replaces the expected texts whatever they were, so that adapting twice changes nothing. */
export function adaptTexts(harness: string): string {
  return Object.entries(V3_TEXTS).reduce((text, [key, value]) => {
    const entry = new RegExp(`("${key.replace(".", "\\.")}":\\s*)("(?:[^"\\\\]|\\\\.)*"|'(?:[^'\\\\]|\\\\.)*')`);
    if (!entry.test(text)) throw new Error(`harness.ts has no expected text "${key}": is this the right suite?`);
    return text.replace(entry, (_, head: string) => head + JSON.stringify(value));
  }, harness);
}

/** Points the app at published packages instead of those of its repository. */
export function adaptPackage(text: string, versions: AppVersions): string {
  const manifest = JSON.parse(text) as {
    dependencies?: Record<string, string>;
    overrides?: Record<string, unknown>;
  };
  const overrides = { ...manifest.overrides };
  delete overrides["@microsoft/durabletask-js"];
  const adapted = {
    ...manifest,
    dependencies: {
      ...manifest.dependencies,
      "@azure/functions": versions.functions,
      "durable-functions": versions.durableFunctions,
    },
    overrides,
  };
  return `${JSON.stringify(adapted, null, 2)}\n`;
}

function edit(path: string, change: (text: string) => string): void {
  writeFileSync(path, change(readFileSync(path, "utf8")));
}
