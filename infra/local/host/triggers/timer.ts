import type { Clock, Timer } from "../../time/clock.js";
import type { AppFunction } from "../app/functions.js";
import { fieldOf } from "../app/functions.js";
import type { TypedData } from "../app/model.js";
import type { Invoker } from "../invocation/invoke.js";
import { type RetryPolicy, retryPolicy, runWithRetry } from "../invocation/retry.js";
import type { Work } from "../invocation/work.js";
import { messageOf, StartError } from "../start-error.js";
import type { TimerStatus, TimerStatusStore } from "../state.js";
import { parseSchedule, type Schedule } from "./schedule.js";
import type { Zone } from "./zone.js";

export interface TimerDeps {
  readonly clock: Clock;
  readonly zone: Zone;
  readonly status: TimerStatusStore;
  readonly work: Work;
  readonly invoke: Invoker;
  readonly onError: (fn: AppFunction, error: unknown) => void;
}

/**
 * A timer trigger: the next run is computed after the last one ended, so two never overlap; a run that was missed while
 * the host was down happens once, at the start, with `isPastDue` (functions-host.md §5.3).
 */
export class TimerTrigger {
  readonly #fn: AppFunction;
  readonly #deps: TimerDeps;
  readonly #schedule: Schedule;
  readonly #retry: RetryPolicy;
  readonly #monitored: boolean;
  #status: TimerStatus | undefined;
  #timer: Timer | undefined;
  #stopped = false;

  /** Throws a StartError when the schedule cannot be read. */
  constructor(fn: AppFunction, deps: TimerDeps) {
    this.#fn = fn;
    this.#deps = deps;
    try {
      this.#schedule = parseSchedule(String(fn.trigger.schedule), deps.zone);
    } catch (error) {
      throw new StartError(fieldOf(fn, "schedule"), `"${fn.trigger.schedule}": ${messageOf(error)}`);
    }
    this.#retry = retryPolicy(fn.metadata.retryOptions);
    this.#monitored = fn.trigger.useMonitor !== false && this.#schedule.monitorable;
  }

  /** Runs at once what is past due or asked for at startup, and arms the next occurrence. */
  async start(): Promise<void> {
    const now = this.#deps.clock.now();
    if (this.#monitored) this.#status = await this.#deps.status.read(this.#fn.name);
    const pastDue = this.#missed(now);
    if (pastDue || this.#fn.trigger.runOnStartup === true) {
      void this.#fire(pastDue);
      return;
    }
    if (this.#status === undefined) await this.#remember({ next: this.#schedule.next(now) ?? now, updated: now });
    this.#arm(now);
  }

  stop(): void {
    this.#stopped = true;
    this.#timer?.cancel();
  }

  /** Runs the function once, outside of its schedule. */
  async runNow(): Promise<void> {
    await this.#deps.work.exclusive(() => this.#deps.invoke({ fn: this.#fn, data: this.#data(false) }));
  }

  /** The schedule may have changed meanwhile: what counts is its first occurrence after the last run. */
  #missed(now: number): boolean {
    const status = this.#status;
    if (status === undefined) return false;
    const next = this.#schedule.next(status.last ?? status.updated);
    return next !== undefined && next <= now;
  }

  #arm(base: number): void {
    const next = this.#schedule.next(base);
    if (next === undefined || this.#stopped) return;
    this.#timer = this.#deps.clock.at(next, () => void this.#fire(false));
  }

  async #fire(isPastDue: boolean): Promise<void> {
    if (this.#stopped) return;
    const { clock, onError } = this.#deps;
    // A timer may fire a moment early: what counts as the run's instant is the one it was planned for.
    const started = Math.max(clock.now(), this.#timer?.due ?? 0);
    try {
      await this.#run(isPastDue, started);
    } catch (error) {
      onError(this.#fn, error);
    }
    this.#arm(Math.max(clock.now(), started));
  }

  async #run(isPastDue: boolean, started: number): Promise<void> {
    const { clock, work, invoke } = this.#deps;
    await runWithRetry(this.#retry, clock, (retryContext, last) =>
      work.exclusive(async () => {
        const outcome = await invoke({ fn: this.#fn, data: this.#data(isPastDue), ...retryContext });
        const next = this.#schedule.next(Math.max(clock.now(), started)) ?? started;
        if (outcome.ok || last) await this.#remember({ last: started, next, updated: clock.now() });
        return outcome;
      }),
    );
  }

  async #remember(status: TimerStatus): Promise<void> {
    this.#status = status;
    if (this.#monitored) await this.#deps.status.write(this.#fn.name, status);
  }

  /** What the handler receives; .NET's default date stands for "never ran". */
  #data(isPastDue: boolean): TypedData {
    const iso = (instant: number | undefined) =>
      instant === undefined ? "0001-01-01T00:00:00+00:00" : new Date(instant).toISOString().replace("Z", "+00:00");
    const status = this.#status;
    const info = {
      Schedule: { AdjustForDST: true },
      ...(this.#monitored
        ? { ScheduleStatus: { Last: iso(status?.last), Next: iso(status?.next), LastUpdated: iso(status?.updated) } }
        : {}),
      IsPastDue: isPastDue,
    };
    return { json: JSON.stringify(info) };
  }
}
