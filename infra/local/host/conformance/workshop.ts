import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** Test runner of the suite, installed beside it. */
const TOOLS = { jest: "^29.7.0", "ts-jest": "^29.2.0", typescript: "^5.6.0" };
const HOST_MAIN = fileURLToPath(new URL("../main.js", import.meta.url));

/**
 * The folder a conformance run works in, reusable from run to run. The suite and its runner are siblings, and no parent
 * holds a node_modules: TypeScript would pick up type packages from there.
 */
export interface Workshop {
  readonly root: string;
  readonly suite: string;
  readonly app: string;
  readonly tools: string;
  readonly results: string;
}

export function openWorkshop(root: string): Workshop {
  const suite = join(root, "suite", "test", "e2e-functions");
  const tools = join(root, "tools");
  for (const dir of [suite, tools, join(root, "tmp"), join(root, "bin")]) mkdirSync(dir, { recursive: true });
  return { root, suite, app: join(suite, "test-app"), tools, results: join(root, "results.json") };
}

/** Installs the runner and the app's packages from the registry, unless an earlier run did. */
export async function install({ tools, app }: Workshop): Promise<void> {
  writeFileSync(join(tools, "package.json"), JSON.stringify({ name: "tools", private: true, dependencies: TOOLS }));
  for (const dir of [tools, app]) {
    const stamp = join(dir, "node_modules", ".installed");
    const manifest = readFileSync(join(dir, "package.json"), "utf8");
    if (existsSync(stamp) && readFileSync(stamp, "utf8") === manifest) continue;
    await run("npm", ["install", "--no-audit", "--no-fund", "--loglevel=error"], { cwd: dir });
    writeFileSync(stamp, manifest);
  }
}

/** Compiles the app. Type errors against the v3 typings are expected; what counts is that it emits. */
export async function build({ app }: Workshop): Promise<void> {
  await run(process.execPath, [join(app, "node_modules", "typescript", "bin", "tsc")], {
    cwd: app,
    quiet: true,
  }).catch(() => {});
  if (!existsSync(join(app, "dist", "src", "index.js"))) throw new Error("The suite's app did not compile.");
}

/** Runs the suite with this host as `func` on the PATH. Resolves whether or not tests fail. */
export async function runJest({ root, suite, tools, results }: Workshop): Promise<void> {
  const func = join(root, "bin", "func");
  writeFileSync(func, `#!/bin/sh\nshift\nexec "${process.execPath}" "${HOST_MAIN}" --app "$PWD" "$@"\n`);
  chmodSync(func, 0o755);
  const config = join(tools, "jest.config.js");
  writeFileSync(config, jestConfig(suite));
  const jest = join(tools, "node_modules", "jest", "bin", "jest.js");
  await run(process.execPath, [jest, "-c", config, "--runInBand", "--json", "--outputFile", results], {
    cwd: tools,
    env: { ...process.env, PATH: `${join(root, "bin")}:${process.env.PATH}`, TMPDIR: join(root, "tmp") },
  }).catch(() => {});
  if (!existsSync(results)) throw new Error("The suite did not run: jest wrote no results.");
}

function jestConfig(suite: string): string {
  const compilerOptions = { target: "ES2022", module: "commonjs", esModuleInterop: true, types: [] };
  return `module.exports = {
  rootDir: ${JSON.stringify(suite)},
  testEnvironment: require.resolve("jest-environment-node"),
  testMatch: ["<rootDir>/*.spec.ts"],
  modulePathIgnorePatterns: ["<rootDir>/test-app/"],
  transform: { "^.+\\\\.ts$": [require.resolve("ts-jest"), {
    diagnostics: false,
    tsconfig: ${JSON.stringify({ ...compilerOptions, isolatedModules: true })},
  }] },
  globalSetup: "<rootDir>/global-setup.ts",
  globalTeardown: "<rootDir>/global-teardown.ts",
  testTimeout: 300000,
};
`;
}

interface RunOptions {
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly quiet?: boolean;
}

/** Runs a command, its output on standard error. Rejects when it fails. */
function run(command: string, args: readonly string[], { cwd, env, quiet }: RunOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const output = quiet ? "ignore" : process.stderr;
    const child: ChildProcess = spawn(command, args, {
      cwd,
      env: env ?? process.env,
      stdio: ["ignore", output, output],
    });
    child.once("error", reject).once("exit", (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`${command} ${args[0] ?? ""} ended with ${signal ?? `code ${code}`}`));
    });
  });
}
