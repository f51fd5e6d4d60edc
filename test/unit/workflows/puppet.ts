import * as df from "durable-functions";
import { vi } from "vitest";
import { AppError } from "../../../shared/errors.js";
import type { Durable, Orchestration } from "../../../workflows/durable.js";

type Handler = (raw: unknown, context: { error(): void }) => Promise<unknown>;
type Orchestrator = (ctx: Orchestration) => Durable<unknown>;

/** What an orchestrator waits for. */
type Task =
  | { readonly kind: "activity"; readonly name: string; readonly input: unknown }
  | { readonly kind: "timer"; readonly at: number; cancel(): void }
  | { readonly kind: "event" }
  | { readonly kind: "any"; readonly of: readonly Task[] };

/** Handlers and orchestrators by name, as the workflows register them when they are imported after this call. */
export function registered() {
  const handlers = new Map<string, Handler>();
  const orchestrators = new Map<string, Orchestrator>();
  vi.spyOn(df.app, "activity").mockImplementation((name, { handler }) => {
    handlers.set(name, handler as unknown as Handler);
    return (() => undefined) as never;
  });
  vi.spyOn(df.app, "orchestration").mockImplementation(((name: string, orchestrator: Orchestrator) => {
    orchestrators.set(name, orchestrator);
  }) as never);
  return { handlers, orchestrators };
}

export interface Script {
  /** Domain time at which it begins, ms. */
  readonly start: number;
  readonly input?: unknown;
  /** What activities answer, by name; an AppError that they throw crosses as a record, any other error cuts them off. */
  readonly activities: Readonly<Record<string, (input: never, now: number) => unknown>>;
  /** When events arrive, ms. */
  readonly events?: readonly number[];
}

export interface Performance {
  readonly result: unknown;
  readonly continued: boolean;
  /** What the next generation begins with. */
  readonly next: unknown;
  /** Names of the activities called, in order. */
  readonly calls: readonly string[];
  /** The envelope of every call, with the instant of the call. */
  readonly envelopes: readonly { readonly at: number; readonly input: unknown; readonly now: number }[];
  readonly endedAt: number;
}

/** Plays a generator as the durable engine would, in a time of its own. */
export function play(orchestrator: Orchestrator, script: Script): Performance {
  const events = [...(script.events ?? [])];
  const calls: string[] = [];
  const envelopes: Performance["envelopes"][number][] = [];
  let now = script.start;
  let continued = false;
  let next: unknown;
  const ctx = {
    df: {
      get currentUtcDateTime() {
        return new Date(now);
      },
      getInput: () => script.input,
      callActivity: (name: string, input: unknown): Task => ({ kind: "activity", name, input }),
      createTimer: (due: Date): Task => ({ kind: "timer", at: due.getTime(), cancel: () => undefined }),
      waitForExternalEvent: (): Task => ({ kind: "event" }),
      setCustomStatus: () => undefined,
      continueAsNew: (input: unknown) => {
        continued = true;
        next = input;
      },
      Task: { any: (of: readonly Task[]): Task => ({ kind: "any", of }) },
    },
  } as unknown as Orchestration;

  function answer(task: Task): unknown {
    if (task.kind === "activity") {
      calls.push(task.name);
      const { at, input } = task.input as { at: number; input: unknown };
      envelopes.push({ at, input, now });
      const run = script.activities[task.name];
      if (run === undefined) throw new Error(`The script has no activity ${task.name}.`);
      try {
        return { value: run(input as never, now) };
      } catch (error) {
        if (error instanceof AppError) return { error: error.toRecord() };
        throw error;
      }
    }
    if (task.kind === "timer") {
      now = Math.max(now, task.at);
      return undefined;
    }
    if (task.kind !== "any") throw new Error("The script waits for an event alone.");
    const timer = task.of.find((each) => each.kind === "timer");
    const event = task.of.find((each) => each.kind === "event");
    const next = events[0];
    if (event !== undefined && next !== undefined && next <= (timer?.at ?? Number.POSITIVE_INFINITY)) {
      events.shift();
      now = Math.max(now, next);
      return event;
    }
    now = Math.max(now, timer?.at ?? now);
    return timer;
  }

  const run = orchestrator(ctx);
  let step = run.next();
  while (!step.done) {
    let value: unknown;
    try {
      value = answer(step.value as unknown as Task);
    } catch (error) {
      step = run.throw(error);
      continue;
    }
    step = run.next(value);
  }
  return { result: step.value, continued, next, calls, envelopes, endedAt: now };
}
