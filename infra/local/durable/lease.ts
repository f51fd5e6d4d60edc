import { hostname } from "node:os";
import { AppError } from "../../../shared/errors.js";
import type { DurableStore, LeaseRow } from "./store.js";
import type { Log } from "./types.js";

/** Wall time between two heartbeats, milliseconds. */
const BEAT_MS = 10_000;
/** Wall time without a heartbeat after which an owner on another machine counts as gone, milliseconds. */
const EXPIRY_MS = 35_000;

/** How long a new owner waits for one that is just ending, milliseconds. */
const PATIENCE_MS = 5000;

/**
 * One host per hub: a row with owner and heartbeat (functions-host.md §4.9). An owner of the same machine whose process
 * is dead is replaced at once.
 */
export class Lease {
  #mine: LeaseRow | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly store: DurableStore,
    private readonly owner: string,
    private readonly log: Log,
    private readonly lost: () => void,
  ) {}

  /** @returns the epoch: greater than that of every owner before. @throws conflict when another host is alive */
  async take(patienceMs = PATIENCE_MS): Promise<number> {
    let current = await this.store.readLease();
    const patience = Date.now() + patienceMs;
    while (current !== undefined && isAlive(current) && Date.now() < patience) {
      await new Promise((resolve) => setTimeout(resolve, 250));
      current = await this.store.readLease();
    }
    if (current !== undefined && isAlive(current)) {
      throw new AppError(
        "conflict",
        `Process ${current.pid} on ${current.machine} already runs this task hub. Stop it, or choose another hubName in host.json.`,
      );
    }
    const epoch = (current?.epoch ?? 0) + 1;
    const mine = { owner: this.owner, machine: hostname(), pid: process.pid, beat: Date.now(), epoch };
    await this.store.writeLease(mine, current);
    this.#mine = mine;
    this.#arm();
    return epoch;
  }

  async release(): Promise<void> {
    clearTimeout(this.#timer);
    if (this.#mine === undefined) return;
    // The row stays, with an old heartbeat: the next owner continues the epochs.
    await this.store.writeLease({ ...this.#mine, beat: 0, pid: 0 }, this.#mine);
    this.#mine = undefined;
  }

  /** Stops beating without telling the store: what a crash does. */
  abandon(): void {
    clearTimeout(this.#timer);
    this.#mine = undefined;
  }

  #arm(): void {
    this.#timer = setTimeout(() => void this.#beat(), BEAT_MS);
    this.#timer.unref();
  }

  async #beat(): Promise<void> {
    const mine = this.#mine;
    if (mine === undefined) return;
    const next = { ...mine, beat: Date.now() };
    try {
      await this.store.writeLease(next, mine);
      if (this.#mine === mine) this.#mine = next;
    } catch (error) {
      if (error instanceof AppError && error.code === "conflict") {
        this.log("error", "Another host has taken this task hub over; this one stops working.");
        this.#mine = undefined;
        return this.lost();
      }
      this.log("warning", `The heartbeat of the task hub failed: ${error instanceof Error ? error.message : error}.`);
    }
    this.#arm();
  }
}

function isAlive(lease: LeaseRow): boolean {
  if (Date.now() - lease.beat > EXPIRY_MS) return false;
  return lease.machine !== hostname() || processExists(lease.pid);
}

function processExists(pid: number): boolean {
  // The lease of an engine that died within this process is ours to take.
  if (pid === 0 || pid === process.pid) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
