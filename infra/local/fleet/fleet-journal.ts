import { statSync } from "node:fs";
import { AppError, ErrorCode } from "../../../shared/errors.js";
import { Journal, type Operation } from "../tenant/state/journal.js";
import type { AgentState } from "./agents.js";
import type { DeviceState } from "./device-state.js";

/** What a journal belongs to; a fleet of another kind must not continue it. */
export interface FleetIdentity {
  readonly seed: number;
  readonly size: number;
  readonly scenario: string;
  /** When the fleet began, ms. */
  readonly startedAt: number;
}

/** What a journal is replayed into. */
export interface Replay {
  /** Called first. */
  identity(identity: FleetIdentity): void;
  tick(tick: number): void;
  device(index: number, state: DeviceState): void;
  agent(index: number, state: AgentState): void;
  change(at: number, devices: readonly number[] | "all"): void;
}

/** Devices or agents with their numbers. */
type Numbered<T> = Iterable<readonly [index: number, state: T]>;

/** The whole fleet, for a rewrite. */
export interface FleetContent {
  readonly identity: FleetIdentity;
  readonly states: readonly DeviceState[];
  readonly agents: Numbered<AgentState>;
}

/** Rewritten when it has grown to this many times what it was after the last time, but not below the least size. */
const GROWTH = 8;
const LEAST_BYTES = 8 * 1_024 * 1_024;

/** The fleet on disk: one line per tick with the devices it changed, one per change of policies (infra/local, design.md §3.8). */
export class FleetJournal {
  readonly #file: string;
  readonly #journal: Journal;
  #limit = LEAST_BYTES;
  #bytes: number;

  private constructor(file: string, journal: Journal) {
    this.#file = file;
    this.#journal = journal;
    this.#bytes = statSync(file).size;
  }

  /** @throws AppError `conflict` when the file belongs to another fleet. */
  static open(file: string, expected: Omit<FleetIdentity, "startedAt">, replay: Replay): FleetJournal {
    const journal = Journal.open(file, (operation) => apply(operation, expected, replay));
    return new FleetJournal(file, journal);
  }

  begin(identity: FleetIdentity): void {
    this.#journal.append([["fleet", identity]]);
  }

  change(at: number, devices: readonly number[] | "all"): void {
    this.#journal.append([["change", at, devices]]);
  }

  agent(index: number, state: AgentState): void {
    this.#journal.append([["agent", index, state]]);
  }

  /** Keeps the devices and agents that a tick has changed. `everything` is asked for when the file is due for a rewrite. */
  tick(
    tick: number,
    changed: { readonly devices: Numbered<DeviceState>; readonly agents: Numbered<AgentState> },
    everything: () => FleetContent,
  ): void {
    const entries = [...operations("device", changed.devices), ...operations("agent", changed.agents)];
    this.#journal.append([["tick", tick], ...entries]);
    this.#bytes += 400 * entries.length;
    if (this.#bytes < this.#limit) return;
    const { identity, states, agents } = everything();
    this.#journal.rewrite([
      ["fleet", identity],
      ["tick", tick],
      ...operations("device", states.entries()),
      ...operations("agent", agents),
    ]);
    this.#bytes = statSync(this.#file).size;
    this.#limit = Math.max(LEAST_BYTES, GROWTH * this.#bytes);
  }

  close(): void {
    this.#journal.close();
  }
}

function operations(kind: string, entries: Numbered<unknown>): Operation[] {
  return [...entries].map(([index, state]) => [kind, index, state]);
}

function apply(operation: Operation, expected: Omit<FleetIdentity, "startedAt">, replay: Replay): void {
  const [kind, first, second] = operation;
  if (kind === "fleet") {
    const identity = first as FleetIdentity;
    assertSame(identity, expected);
    replay.identity(identity);
  } else if (kind === "tick") replay.tick(first as number);
  else if (kind === "device") replay.device(first as number, second as DeviceState);
  else if (kind === "agent") replay.agent(first as number, second as AgentState);
  else if (kind === "change") replay.change(first as number, second as readonly number[] | "all");
}

function assertSame(found: FleetIdentity, expected: Omit<FleetIdentity, "startedAt">): void {
  for (const field of ["seed", "size", "scenario"] as const) {
    if (found[field] === expected[field]) continue;
    throw new AppError(
      ErrorCode.conflict,
      `The kept fleet has ${field} ${found[field]}, not ${expected[field]}. Start with the same ${field}, or anew with --fresh.`,
      { field },
    );
  }
}
