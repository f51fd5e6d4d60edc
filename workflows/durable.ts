import type { InvocationContext } from "@azure/functions";
import * as df from "durable-functions";
import { z } from "zod";
import { AppError, type ErrorRecord } from "../shared/errors.js";

/** What an orchestrator yields while it waits, and in the end returns. */
export type Durable<T> = Generator<df.Task, T, unknown>;
export type Orchestration = df.OrchestrationContext;

type Outcome<T> = { readonly value?: T } | { readonly error: ErrorRecord };

/** Retries of a retryable error: waits double from the first to the longest, unless the error names its own. */
const RETRY = { attempts: 8, firstSeconds: 15, longestSeconds: 900 } as const;

/** What an activity knows of its call besides the input. */
export interface ActivityCall {
  /**
   * When the orchestrator called it first, ms of domain time. A repeated run sees the same instant, so that what it
   * writes to a log is there already.
   */
  readonly at: number;
  readonly client: df.DurableClient;
}

export interface ActivityDefinition<I, O> {
  readonly name: string;
  readonly input: z.core.$ZodType<I>;
  /** May run twice; must find what an earlier run left (design.md §3.3). */
  readonly run: (input: I, call: ActivityCall) => Promise<O>;
}

const envelopeSchema = z.object({ at: z.number(), input: z.unknown() });

/**
 * Registers an activity and returns the call that orchestrators make of it. Errors cross as records: a terminal one is
 * thrown in the orchestrator as AppError; a retryable one is repeated after a durable timer, then thrown. A run that was
 * cut off (time-out, lost worker) is retryable too.
 */
export function activity<I, O>(definition: ActivityDefinition<I, O>): (ctx: Orchestration, input: I) => Durable<O> {
  df.app.activity(definition.name, {
    extraInputs: [df.input.durableClient()],
    handler: async (raw: unknown, context: InvocationContext): Promise<Outcome<O>> => {
      try {
        const { at, input } = envelopeSchema.parse(raw);
        const call = {
          at,
          get client() {
            return df.getClient(context);
          },
        };
        return { value: await definition.run(parse(definition, input), call) };
      } catch (error) {
        context.error(`${definition.name}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
        return { error: recordOf(error) };
      }
    },
  });
  return function* call(ctx, input) {
    const at = nowOf(ctx);
    for (let attempt = 1; ; attempt++) {
      const outcome = yield* outcomeOf<O>(ctx, definition.name, { at, input });
      if (!("error" in outcome)) return outcome.value as O;
      const error = AppError.fromRecord(outcome.error);
      if (!error.retryable || attempt === RETRY.attempts) throw error;
      yield ctx.df.createTimer(after(ctx, retryDelaySeconds(error, attempt)));
    }
  };
}

/** Calls after which a long orchestration goes on with a fresh history; those that are repeated count each time. */
const CALLS_OF_A_GENERATION = 20;

/** How often activities were called, by the context of one run of the orchestrator. */
const calls = new WeakMap<Orchestration, number>();

/**
 * Whether it is time for `continueAsNew`, so that the history stays short whatever the length of a release and whatever
 * has to be repeated.
 */
export function isLong(ctx: Orchestration): boolean {
  return (calls.get(ctx) ?? 0) >= CALLS_OF_A_GENERATION;
}

function* outcomeOf<O>(
  ctx: Orchestration,
  name: string,
  envelope: z.infer<typeof envelopeSchema>,
): Durable<Outcome<O>> {
  calls.set(ctx, (calls.get(ctx) ?? 0) + 1);
  try {
    return (yield ctx.df.callActivity(name, envelope)) as Outcome<O>;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { error: { code: "unavailable", message: `${name} was cut off: ${reason}. It is tried again.` } };
  }
}

export interface OrchestrationDefinition<I> {
  readonly name: string;
  readonly input: z.core.$ZodType<I>;
  readonly run: (ctx: Orchestration, input: I) => Durable<unknown>;
}

/** Registers an orchestrator whose input is validated before its first step. */
export function orchestration<I>(definition: OrchestrationDefinition<I>): { readonly name: string } {
  df.app.orchestration(definition.name, function* (ctx): Durable<unknown> {
    return yield* definition.run(ctx, parse(definition, ctx.df.getInput()));
  });
  return { name: definition.name };
}

/**
 * Waits for events of one name, and misses none. The library hands an event to the waiter that was yielded last and is
 * still open, so every waiter is yielded once only (a second time would leave a shadow of it that swallows an event),
 * and those that lost their race with a timer are asked too: an event that comes during other work goes to one of them.
 */
export class Mailbox {
  readonly #ctx: Orchestration;
  readonly #event: string;
  #open: df.Task[] = [];

  constructor(ctx: Orchestration, event: string) {
    this.#ctx = ctx;
    this.#event = event;
  }

  /** True when an event arrived before `until` (milliseconds, domain time); false when the time came first. */
  *next(until: number): Durable<boolean> {
    const before = this.#open.length;
    this.#open = this.#open.filter(({ isCompleted }) => !isCompleted);
    if (this.#open.length < before) return true;
    const waiter = this.#ctx.df.waitForExternalEvent(this.#event);
    const timer = this.#ctx.df.createTimer(new Date(until));
    if ((yield this.#ctx.df.Task.any([waiter, timer])) === waiter) {
      timer.cancel();
      return true;
    }
    this.#open.push(waiter);
    return false;
  }
}

/** The orchestrator's own clock, milliseconds. */
export function nowOf(ctx: Orchestration): number {
  return ctx.df.currentUtcDateTime.getTime();
}

function after(ctx: Orchestration, seconds: number): Date {
  return new Date(nowOf(ctx) + seconds * 1000);
}

/** Seconds to wait before attempt n + 1: what the service asked for, else doubling. */
export function retryDelaySeconds(error: AppError, attempt: number): number {
  const backoff = Math.min(RETRY.longestSeconds, RETRY.firstSeconds * 2 ** (attempt - 1));
  return Math.max(error.retryAfterSeconds ?? backoff, 1);
}

function parse<I>(definition: { readonly name: string; readonly input: z.core.$ZodType<I> }, raw: unknown): I {
  const parsed = z.safeParse(definition.input, raw);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new AppError(
    "invalid_input",
    `${definition.name}: input ${issue?.path.join(".") || "(root)"}: ${issue?.message}`,
  );
}

/** An unknown exception is a defect or an outage; neither is cured by dropping the work, so it is retried. */
function recordOf(error: unknown): ErrorRecord {
  if (error instanceof AppError) return error.toRecord();
  return { code: "unavailable", message: error instanceof Error ? error.message : String(error) };
}
