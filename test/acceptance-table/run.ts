import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type VitestResults, vitestSchema } from "./results.js";

export interface RunOptions {
  /** Folder of the sources, where vitest is configured. */
  readonly root: string;
  /** Below the root. */
  readonly files: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Shows vitest's own progress on standard error. */
  readonly progress: boolean;
}

/** Runs test files with vitest and reads what it found. Throws when vitest leaves no result. */
export async function runTests({ root, files, env = {}, progress }: RunOptions): Promise<VitestResults> {
  const dir = mkdtempSync(join(tmpdir(), "ringmaster-acceptance-"));
  try {
    const output = join(dir, "results.json");
    const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
    const reporters = ["--reporter=json", `--outputFile.json=${output}`, ...(progress ? ["--reporter=default"] : [])];
    const code = await exitCode([vitest, "run", ...reporters, ...files], { root, env, progress });
    if (!existsSync(output)) throw new Error(`vitest ended with code ${code} and left no result.`);
    return readResults(output);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Reads a result that vitest's JSON reporter wrote. Throws one line saying what is wrong with the file. */
export function readResults(file: string): VitestResults {
  let content: unknown;
  try {
    content = JSON.parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new Error(`${file} cannot be read as JSON: ${error instanceof Error ? error.message : error}`);
  }
  const parsed = vitestSchema.safeParse(content);
  if (parsed.success) return parsed.data;
  throw new Error(`${file} is no result of vitest's JSON reporter: ${parsed.error.issues[0]?.path.join(".")} is wrong`);
}

function exitCode(
  args: readonly string[],
  { root, env, progress }: Pick<Required<RunOptions>, "root" | "env" | "progress">,
): Promise<number | null> {
  const shown = progress ? 2 : "ignore";
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ["ignore", shown, shown],
    });
    child.once("error", reject).once("exit", resolve);
  });
}
