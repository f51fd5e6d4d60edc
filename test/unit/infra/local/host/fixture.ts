import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";
import { type HostOptions, type RunningHost, startHost } from "../../../../../infra/local/host/host.js";
import type { VirtualClock } from "../../../../../infra/local/time/virtual-clock.js";

export const fixtureApp = (name: string): string =>
  fileURLToPath(new URL(`../../../../fixtures/apps/${name}`, import.meta.url));

/** Starts an app that keeps nothing, on a free port. The caller stops it. */
export function start(app: string, options: Partial<HostOptions> = {}): Promise<RunningHost> {
  return startHost({ app, port: 0, storage: "memory", env: {}, write: () => {}, ...options });
}

/** A temporary app of the given files; `FUNCTIONS` in them stands for the path of @azure/functions. */
export function temporaryApp(files: Record<string, string>): string {
  const dir = mkdtempSync(join(tmpdir(), "host-app-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const library = createRequire(import.meta.url).resolve("@azure/functions");
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text.replaceAll("FUNCTIONS", JSON.stringify(library)));
  }
  return dir;
}

/** Resolves when the host has been idle for some turns of the event loop. */
export async function settled(host: RunningHost): Promise<void> {
  for (let turns = 0, activity = -1; turns < 3; ) {
    await new Promise((resolve) => setImmediate(resolve));
    turns = host.idle() && host.activity() === activity ? turns + 1 : 0;
    activity = host.activity();
  }
}

/** Moves virtual time to `to`, jump by jump, letting the host finish at each. */
export async function advanceTo(host: RunningHost, clock: VirtualClock, to: string): Promise<void> {
  const end = Date.parse(to);
  await settled(host);
  for (let due = clock.nextDue(); due !== undefined && due <= end; due = clock.nextDue()) {
    clock.advance(due);
    await settled(host);
  }
  clock.advance(end);
}
