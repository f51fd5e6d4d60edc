import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import sparticuz from "@sparticuz/chromium";
import { type Browser, chromium, type LaunchOptions } from "playwright-core";

export type { Browser, Locator, Page } from "playwright-core";

/** Browsers that people have, by the names that Playwright knows them by. */
const INSTALLED = ["chrome", "msedge", "chromium"] as const;

const found = await findBrowser();

/** Whether this machine has a browser; tests that need one are skipped without, and the reason is printed. */
export const hasBrowser = found !== undefined;
if (!hasBrowser) {
  console.warn("Skipped: no browser here. Install Chrome or Edge to run the tests of pages.");
}

/** Opens a browser of its own. Throws where there is none: skip such tests with `hasBrowser`. */
export async function openBrowser(): Promise<Browser> {
  if (found === undefined) throw new Error("There is no browser here. Install Chrome or Edge.");
  return chromium.launch(found);
}

/** How to start the browser from the registry (Linux x64), else one that is installed. */
async function findBrowser(): Promise<LaunchOptions | undefined> {
  if (process.platform === "linux" && process.arch === "x64") {
    // In a single process the browser would end with its first page.
    const args = sparticuz.args.filter((flag) => flag !== "--single-process");
    return { executablePath: await unpacked(), args, headless: true };
  }
  for (const channel of INSTALLED) {
    const options = { channel, headless: true };
    const browser = await chromium.launch(options).catch(() => undefined);
    await browser?.close();
    if (browser !== undefined) return options;
  }
  return undefined;
}

/**
 * The browser's program, unpacked once per machine and version. The package unpacks to the temporary folder in place, so
 * that two processes would run each other's half-written file: each unpacks to a folder of its own, and one wins.
 */
async function unpacked(): Promise<string> {
  const main = createRequire(import.meta.url).resolve("@sparticuz/chromium");
  const { version }: { version: string } = JSON.parse(readFileSync(join(dirname(main), "../../package.json"), "utf8"));
  const folder = join(tmpdir(), `ringmaster-chromium-${version}`);
  const program = join(folder, "chromium");
  if (existsSync(program)) return program;
  const { TMPDIR } = process.env;
  const draft = mkdtempSync(`${folder}-`);
  process.env.TMPDIR = draft;
  try {
    await sparticuz.executablePath();
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(program)) throw error;
  } finally {
    if (TMPDIR === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = TMPDIR;
  }
  return program;
}
