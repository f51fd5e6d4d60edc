import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { messageOf, StartError } from "../start-error.js";
import { directRegistrationsTo, programmingModel } from "./core.js";
import { globMatcher, globTargets } from "./glob.js";
import type { ProgrammingModel } from "./model.js";
import { Registry } from "./registry.js";

/** The worker's defaults (functions-host.md §1.4). */
const DEFAULT_CAPABILITIES = [
  "RawHttpBodyBytes",
  "RpcHttpTriggerMetadataRemoved",
  "RpcHttpBodyOnly",
  "IgnoreEmptyValuedRpcHttpHeaders",
  "UseNullableValueDictionaryForHttp",
  "WorkerStatus",
  "TypedDataCollection",
  "HandlesWorkerTerminateMessage",
];

export interface LoadedApp {
  readonly registry: Registry;
  readonly model: ProgrammingModel;
  /** Where the package serves HTTP itself, when the app asked for streaming mode. */
  readonly httpUri?: string;
}

/** An app is loaded once per process: ES modules cannot be loaded anew, so a second start reuses what it registered. */
const loaded = new Map<string, Promise<LoadedApp>>();
/** One app at a time, so that registrations cannot mix. */
let last: Promise<unknown> = Promise.resolve();

/**
 * Loads the app in `dir` by the `main` of its package.json: a file or a glob, CommonJS or ES modules, in order of path.
 * Throws a StartError when the package, a file or the app's own code is at fault.
 */
export function loadApp(dir: string): Promise<LoadedApp> {
  let app = loaded.get(dir);
  if (app === undefined) {
    app = last.then(() => load(dir));
    last = app.catch(() => {});
    loaded.set(dir, app);
    app.catch(() => loaded.delete(dir));
  }
  return app;
}

async function load(dir: string): Promise<LoadedApp> {
  const files = entryFiles(dir);
  const registry = new Registry();
  directRegistrationsTo(registry);
  for (const file of files) {
    registry.file = file;
    await loadFile(join(dir, file)).catch((error: unknown) => {
      throw new StartError(file, `this entry point could not be loaded: ${messageOf(error)}`);
    });
  }
  registry.close();
  const model = programmingModel();
  if (registry.functions.size === 0 || model === undefined) {
    throw new StartError("package.json: main", `${files.join(", ")} registered no function`);
  }
  const httpUri = (await capabilities(model)).HttpUri;
  return { registry, model, ...(httpUri === undefined ? {} : { httpUri }) };
}

/** The files that `main` names, relative to the app and sorted, so that the order does not depend on the file system. */
function entryFiles(dir: string): string[] {
  const main = readMain(dir);
  const matches = globMatcher(main);
  const candidates = globTargets(main).flatMap(({ path, root, wild }) =>
    wild ? filesBelow(dir, root) : isFile(join(dir, path)) ? [path] : [],
  );
  const files = [...new Set(candidates)].filter(matches).sort();
  if (files.length === 0) throw new StartError("package.json: main", `no file matches "${main}"; is the app built?`);
  return files;
}

function readMain(dir: string): string {
  const path = join(dir, "package.json");
  if (!existsSync(path)) throw new StartError("package.json", `not found in ${dir}`);
  let main: unknown;
  try {
    main = (JSON.parse(readFileSync(path, "utf8")) as { main?: unknown }).main;
  } catch (error) {
    throw new StartError("package.json", `not valid JSON: ${messageOf(error)}`);
  }
  if (typeof main !== "string" || main === "") {
    throw new StartError("package.json: main", "expected a file or a glob that names the app's entry points");
  }
  return main;
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}

function filesBelow(dir: string, root: string): string[] {
  const start = join(dir, root);
  if (!existsSync(start) || isFile(start)) return [];
  return readdirSync(start, { withFileTypes: true }).flatMap((entry) => {
    const path = root === "" ? entry.name : `${root}/${entry.name}`;
    if (entry.isDirectory()) return entry.name === "node_modules" ? [] : filesBelow(dir, path);
    return [path];
  });
}

async function loadFile(file: string): Promise<void> {
  if (isEsModule(file)) await import(pathToFileURL(file).href);
  else createRequire(file)(file);
}

function isEsModule(file: string): boolean {
  if (file.endsWith(".mjs")) return true;
  if (file.endsWith(".cjs")) return false;
  for (let dir = dirname(file); ; dir = dirname(dir)) {
    const path = join(dir, "package.json");
    if (existsSync(path)) return (JSON.parse(readFileSync(path, "utf8")) as { type?: unknown }).type === "module";
    if (dir === dirname(dir)) return false;
  }
}

/** Asked once per model: the answer freezes `app.setup`. */
const answered = new WeakMap<ProgrammingModel, Promise<Record<string, string>>>();

function capabilities(model: ProgrammingModel): Promise<Record<string, string>> {
  let answer = answered.get(model);
  if (answer === undefined) {
    const defaults = Object.fromEntries(DEFAULT_CAPABILITIES.map((name) => [name, "true"]));
    answer = Promise.resolve(model.getCapabilities?.(defaults) ?? defaults);
    answered.set(model, answer);
  }
  return answer;
}
