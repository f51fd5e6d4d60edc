import type { Clock } from "../time/clock.js";
import type { Instance } from "./instance.js";
import type { Envelope, Message } from "./messages.js";
import type { DurableStore } from "./store.js";
import type { EngineOptions, FunctionInvoker, Log } from "./types.js";

/** What instances need from the engine. */
export interface Services {
  readonly clock: Clock;
  readonly store: DurableStore;
  readonly invoker: FunctionInvoker;
  readonly options: EngineOptions;
  readonly log: Log;
  /** Order of acceptance over all instances and restarts. */
  nextOrder(): number;
  /** Schedules a step. */
  wake(instance: Instance): void;
  /** The instance, when it is in memory. */
  find(id: string): Instance | undefined;
  /** Hands a message over to its receiver, which is read or created when it is not in memory. */
  deliver(to: string, message: Message, from: Exclude<Envelope["from"], undefined>): Promise<void>;
  /** Makes sure that a restarted host will read the instance. */
  ensureOpen(instance: Instance): Promise<void>;
  /** Closes the instance in the index, when nothing is left to do. */
  settle(instance: Instance): void;
  /** Runs a task outside of any instance (an activity, an HTTP call); the engine is not idle meanwhile. */
  background(task: () => Promise<void>): void;
  /** Runs an activity when its turn comes. */
  queueActivity(task: () => Promise<void>): void;
  /** Whether that execution is still going on: locks are not granted to the dead. */
  isActive(instanceId: string, executionId: string | undefined): boolean;
  /** Counts one run of an app function. */
  countExecution(): void;
  /** Reports the length of a history. */
  observeHistory(events: number): void;
  /** Tells those who wait that an orchestration has ended. */
  ended(instanceId: string): void;
}
