import { spawn } from "node:child_process";
import { built } from "./app-root.js";
import type { WorldState } from "./state-file.js";

const MAIN = built("infra/local/seed.ts");

export interface SeedInput {
  readonly api: string;
  readonly functionKey: string;
  readonly gate: WorldState["gate"];
  /** Directory object ids in the order in which rings are filled. */
  readonly objectIds: readonly string[];
}

/**
 * Creates the ring groups through Graph and the Autopatch group through the app's API. A process of its own, because
 * Node reads extra certificate authorities only at its start.
 */
export function seedTenant(options: {
  env: Readonly<Record<string, string>>;
  api: string;
  settings: WorldState;
  devices: readonly { readonly objectId: string }[];
}): Promise<void> {
  const input: SeedInput = {
    api: options.api,
    functionKey: options.settings.functionKey,
    gate: options.settings.gate,
    objectIds: options.devices.map((device) => device.objectId),
  };
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [MAIN], {
      env: { ...process.env, ...options.env },
      // A terminal's Ctrl-C is for the parent, which ends when the seeding has.
      detached: true,
      stdio: ["pipe", "ignore", "pipe", "ipc"],
    });
    let errors = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      errors += text;
    });
    child.once("error", reject);
    child.once("exit", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`Seeding the tenant failed: ${errors.trim().slice(-1000)}`));
    });
    // Why it does not read its input is told by its exit.
    child.stdin?.once("error", () => undefined);
    child.stdin?.end(JSON.stringify(input));
  });
}
