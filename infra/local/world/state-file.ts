import { closeSync, existsSync, mkdirSync, openSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";

/** What a world must be told again at its second start; chosen once, at the first. */
export interface WorldState {
  readonly seed: number;
  readonly devices: number;
  readonly scenario: string;
  readonly update: string;
  readonly gate: "off" | "advise" | "enforce";
  readonly startedAt: number;
  readonly functionKey: string;
  readonly masterKey: string;
}

const STATE = "world.json";
const CLOCK = "clock.txt";

/** The folder in which a local system keeps itself between two starts. */
export class StateFolder {
  readonly dir: string;
  #clock: number | undefined;

  constructor(dir: string) {
    this.dir = dir;
    mkdirSync(dir, { recursive: true });
  }

  path(...parts: readonly string[]): string {
    return join(this.dir, ...parts);
  }

  load(): WorldState | undefined {
    const file = this.path(STATE);
    return existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as WorldState) : undefined;
  }

  save(state: WorldState): void {
    writeFileSync(this.path(STATE), `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 });
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

  close(): void {
    if (this.#clock !== undefined) closeSync(this.#clock);
    this.#clock = undefined;
  }
}
