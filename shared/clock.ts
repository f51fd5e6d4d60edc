/**
 * Domain time: release dates, deferrals, reports. Orchestrators never use this; they read their durable clock.
 * A host that keeps time of its own (a virtual month) leaves a clock under CLOCK_KEY before it loads the app.
 */
export interface Clock {
  /** Milliseconds since the epoch, UTC. */
  now(): number;
}

export const CLOCK_KEY = Symbol.for("ringmaster.clock");

function injected(): Clock | undefined {
  return (globalThis as { [CLOCK_KEY]?: Clock })[CLOCK_KEY];
}

export const clock = {
  /** Milliseconds since the epoch, UTC, in domain time. */
  now: (): number => injected()?.now() ?? Date.now(),
  /** The same instant as a Date. */
  date: (): Date => new Date(clock.now()),
  /** The same instant as ISO 8601 text in UTC. */
  iso: (): string => new Date(clock.now()).toISOString(),
} as const;
