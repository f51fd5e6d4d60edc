import { type ChildProcess, spawn } from "node:child_process";
import type { Role } from "../../../shared/access/roles.js";
import { built } from "./app-root.js";
import type { WorldState } from "./state-file.js";

const MAIN = built("infra/local/seed.ts");

export interface SeedInput {
  readonly functionKey: string;
  readonly gate: WorldState["gate"];
  /** Directory object ids in the order in which rings are filled. */
  readonly objectIds: readonly string[];
  /** People who get a role in the app. */
  readonly people: readonly Colleague[];
}

/** Somebody of the tenant and what the app lets him do. */
export interface Colleague {
  /** Object id in Entra. */
  readonly oid: string;
  readonly role: Role;
}

/** What an administrator does first, under way. */
export interface Seeding {
  /** Goes on with the app's API, which answers at `api` now; resolves when everything is done. */
  finish(api: string): Promise<void>;
  /** Ends it wherever it is; nothing happens when it has ended. */
  abandon(): void;
}

/**
 * Creates the source groups through Graph, and as soon as the app answers the Autopatch group through its API. A process
 * of its own, because Node reads extra certificate authorities only at its start.
 */
export function startSeeding(options: {
  env: Readonly<Record<string, string>>;
  settings: WorldState;
  devices: readonly { readonly objectId: string }[];
  people: readonly Colleague[];
}): Seeding {
  const input: SeedInput = {
    functionKey: options.settings.functionKey,
    gate: options.settings.gate,
    objectIds: options.devices.map((device) => device.objectId),
    people: options.people.map(({ oid, role }) => ({ oid, role })),
  };
  const child = spawn(process.execPath, [MAIN], {
    env: { ...process.env, ...options.env },
    // A terminal's Ctrl-C is for the parent, which ends when the seeding has.
    detached: true,
    stdio: ["pipe", "ignore", "pipe", "ipc"],
  });
  // Why it does not read its input is told by its exit.
  child.stdin?.on("error", () => undefined);
  child.stdin?.write(`${JSON.stringify(input)}\n`);
  const ended = endOf(child);
  // Heard by `finish`, which is called only once the app has started.
  ended.catch(() => undefined);
  return {
    finish: (api) => {
      child.stdin?.end(`${JSON.stringify({ api })}\n`);
      return ended;
    },
    abandon: () => child.kill(),
  };
}

function endOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let errors = "";
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      errors += text;
    });
    child.once("error", reject);
    child.once("exit", (code) => {
      if (code === 0) resolve();
      else reject(new Error(`Seeding the tenant failed: ${errors.trim().slice(-1000)}`));
    });
  });
}
