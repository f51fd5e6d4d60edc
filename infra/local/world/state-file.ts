import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { stopLeftAzurite } from "../azurite.js";
import { LOCK, lockFolder } from "./state-lock.js";

/** What a world must be told again at its second start; chosen once, at the first. */
export interface WorldState {
  readonly seed: number;
  readonly devices: number;
  readonly scenario: string;
  readonly update: string;
  readonly gate: "off" | "advise" | "enforce";
  /** Domain time is real time. */
  readonly realtime?: boolean;
  /** The tenant has its groups and devices; until then a start seeds it. */
  readonly seeded?: boolean;
  readonly startedAt: number;
  readonly functionKey: string;
  readonly masterKey: string;
}

const STATE = "world.json";
const CLOCK = "clock.txt";
const STORAGE = "storage";
const AUTHORITY = "authority.txt";

/** The folder in which a local system keeps itself between two starts: its owner's alone, and one process's at a time. */
export class StateFolder {
  readonly dir: string;
  readonly #unlock: () => void;
  #clock: number | undefined;

  private constructor(dir: string, unlock: () => void) {
    this.dir = dir;
    this.#unlock = unlock;
  }

  /**
   * Opens a folder, made when it is not there. Throws when it cannot be used: it is no folder or not writable, holds
   * something else, or a process that runs has it.
   */
  static async open(dir: string): Promise<StateFolder> {
    prepare(dir);
    return new StateFolder(dir, await lockFolder(dir));
  }

  /** Forgets everything, and ends a storage process that a kill left behind. */
  async clear(): Promise<void> {
    await stopLeftAzurite(this.storage);
    for (const name of readdirSync(this.dir)) {
      if (name !== LOCK) rmSync(this.path(name), { recursive: true, force: true });
    }
  }

  /** Folder of the storage's data. */
  get storage(): string {
    return this.path(STORAGE);
  }

  path(...parts: readonly string[]): string {
    return join(this.dir, ...parts);
  }

  load(): WorldState | undefined {
    const file = this.path(STATE);
    return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as WorldState) : undefined;
  }

  /** Whole or not at all, whenever the process is killed. */
  save(state: WorldState): void {
    const draft = this.path(`${STATE}.new`);
    writeFileSync(draft, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
    renameSync(draft, this.path(STATE));
  }

  /** The last instant the world reached, milliseconds; undefined before the first jump. */
  loadClock(): number | undefined {
    const file = this.path(CLOCK);
    if (!existsSync(file)) return undefined;
    const instant = Date.parse(readFileSync(file, "utf8").trim());
    return Number.isNaN(instant) ? undefined : instant;
  }

  /** Written before each jump, so that a killed world never starts again in its own past. */
  saveClock(now: number): void {
    this.#clock ??= openSync(this.path(CLOCK), "w");
    writeSync(this.#clock, `${new Date(now).toISOString()}\n`, 0);
  }

  /** Notes where the tenant issues its tokens, which is another place at every start. */
  saveAuthority(url: string): void {
    writeFileSync(this.path(AUTHORITY), `${url}\n`);
  }

  close(): void {
    if (this.#clock !== undefined) closeSync(this.#clock);
    this.#clock = undefined;
    this.#unlock();
  }
}

/** What an earlier start left in a folder, without opening it: another process may have it. Undefined where there is none. */
export function leftIn(dir: string): { readonly state: WorldState; readonly authority: string } | undefined {
  const [state, authority] = [join(dir, STATE), join(dir, AUTHORITY)];
  if (!existsSync(state) || !existsSync(authority)) return undefined;
  return {
    state: JSON.parse(readFileSync(state, "utf8")) as WorldState,
    authority: readFileSync(authority, "utf8").trim(),
  };
}

function prepare(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    accessSync(dir, constants.R_OK | constants.W_OK);
    const names = readdirSync(dir);
    // A folder named by mistake must be neither mixed with the system's files nor emptied by --fresh.
    if (names.length === 0 || names.includes(STATE) || names.includes(LOCK)) return;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Error(
      `The system cannot be kept in '${dir}' (${reason}). Name a folder that can be written with --state.`,
    );
  }
  throw new Error(`'${dir}' holds other files. Name an empty or new folder with --state.`);
}
