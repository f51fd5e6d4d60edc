import { describe, expect, it, vi } from "vitest";
import { z } from "zod";
import { AppError } from "../../../shared/errors.js";
import type { Durable, Orchestration } from "../../../workflows/durable.js";
import { play, registered } from "./puppet.js";

const { handlers, orchestrators } = registered();
const { activity, isLong, Mailbox, nowOf, orchestration, retryDelaySeconds } = await import(
  "../../../workflows/durable.js"
);

const START = Date.parse("2024-06-11T17:00:00Z");
const run = vi.fn<(input: { n: number }) => Promise<number>>();
const double = activity({ name: "double", input: z.object({ n: z.number() }), run });

function* twice(ctx: Orchestration): Durable<number> {
  return yield* double(ctx, { n: 21 });
}

const logged = () => ({ error: vi.fn() });
const handler = (raw: unknown) => handlers.get("double")?.(raw, logged());
const busy = (retryAfterSeconds?: number) =>
  new AppError("throttled", "busy", retryAfterSeconds === undefined ? {} : { retryAfterSeconds });

/** An activity that fails so many times, and then answers. */
function failing(times: number, error: () => Error) {
  let runs = 0;
  return () => {
    if (runs++ < times) throw error();
    return 42;
  };
}

describe("the call of an activity", () => {
  it("returns what the activity returned", () => {
    expect(play(twice, { start: START, activities: { double: ({ n }: { n: number }) => 2 * n } }).result).toBe(42);
  });

  it("throws a terminal error at once, with its code", () => {
    const forbidden = () => new AppError("forbidden", "no");
    const attempts = vi.fn(failing(1, forbidden));
    expect(() => play(twice, { start: START, activities: { double: attempts } })).toThrowError(
      expect.objectContaining({ code: "forbidden", message: "no" }),
    );
    expect(attempts).toHaveBeenCalledOnce();
  });

  it("repeats a retryable error after a durable timer", () => {
    const { result, endedAt } = play(twice, { start: START, activities: { double: failing(2, () => busy()) } });
    expect([result, endedAt - START]).toEqual([42, (15 + 30) * 1000]);
  });

  it("waits as long as the service asks for", () => {
    const { endedAt } = play(twice, { start: START, activities: { double: failing(1, () => busy(7)) } });
    expect(endedAt - START).toBe(7000);
  });

  it("gives a retryable error up after eight attempts", () => {
    const attempts = vi.fn(failing(9, () => busy(1)));
    expect(() => play(twice, { start: START, activities: { double: attempts } })).toThrowError(
      expect.objectContaining({ code: "throttled" }),
    );
    expect(attempts).toHaveBeenCalledTimes(8);
  });

  it("repeats a run that was cut off", () => {
    const activities = { double: failing(1, () => new Error("the worker has gone")) };
    expect(play(twice, { start: START, activities }).result).toBe(42);
  });

  it("names the same instant in every attempt, so that what is logged twice is one entry", () => {
    const { envelopes } = play(twice, { start: START, activities: { double: failing(2, () => busy()) } });
    expect(envelopes.map(({ at }) => at)).toEqual([START, START, START]);
    expect(envelopes[2]?.now).toBeGreaterThan(START);
  });
});

describe("a long orchestration", () => {
  function* generation(ctx: Orchestration): Durable<number> {
    let turns = 0;
    while (!isLong(ctx)) {
      yield* double(ctx, { n: 1 });
      turns++;
    }
    return turns;
  }

  it("goes on with a fresh history after twenty calls", () => {
    expect(play(generation, { start: START, activities: { double: () => 2 } }).result).toBe(20);
  });

  it("does so earlier when calls have to be repeated, for they fill its history too", () => {
    const { result, calls } = play(generation, { start: START, activities: { double: failing(7, () => busy(1)) } });
    expect([result, calls.length]).toEqual([13, 20]);
  });
});

describe("an activity", () => {
  it("lets an AppError cross as a record", async () => {
    run.mockRejectedValueOnce(busy(7));
    expect(await handler({ at: START, input: { n: 1 } })).toEqual({
      error: { code: "throttled", message: "busy", retryAfterSeconds: 7 },
    });
  });

  it("takes an unknown exception for an outage, which is repeated", async () => {
    run.mockRejectedValueOnce(new TypeError("fetch failed"));
    expect(await handler({ at: START, input: { n: 1 } })).toEqual({
      error: { code: "unavailable", message: "fetch failed" },
    });
  });

  it("refuses an input that is not its own, naming the field", async () => {
    expect(await handler({ at: START, input: { n: "one" } })).toMatchObject({
      error: { code: "invalid_input", message: expect.stringContaining("input n") },
    });
  });

  it("knows when it was called first", async () => {
    run.mockResolvedValueOnce(2);
    await handler({ at: START, input: { n: 1 } });
    expect(run).toHaveBeenLastCalledWith({ n: 1 }, expect.objectContaining({ at: START }));
  });
});

describe("the wait before another attempt", () => {
  it("doubles from 15 seconds up to 15 minutes", () => {
    expect([1, 2, 3, 7, 8].map((attempt) => retryDelaySeconds(busy(), attempt))).toEqual([15, 30, 60, 900, 900]);
  });

  it("is a second at least, whatever the service asks for", () => {
    expect(retryDelaySeconds(busy(0), 1)).toBe(1);
  });
});

describe("a mailbox", () => {
  function* listen(ctx: Orchestration): Durable<boolean[]> {
    const mailbox = new Mailbox(ctx, "wake");
    const heard = [];
    for (let turn = 1; turn <= 3; turn++) heard.push(yield* mailbox.next(nowOf(ctx) + 1000));
    return heard;
  }

  it("tells an event from the time that came first", () => {
    const { result, endedAt } = play(listen, { start: START, activities: {}, events: [START + 1500] });
    expect([result, endedAt - START]).toEqual([[false, true, false], 2500]);
  });
});

describe("an orchestration", () => {
  it("refuses an input that is not its own before its first step", () => {
    const first = vi.fn();
    orchestration({
      name: "strict",
      input: z.object({ releaseId: z.string() }),
      *run() {
        first();
        yield undefined as never;
      },
    });
    const strict = orchestrators.get("strict");
    expect(strict).toBeDefined();
    expect(() => strict && play(strict, { start: START, input: {}, activities: {} })).toThrow(
      /strict: input releaseId/,
    );
    expect(first).not.toHaveBeenCalled();
  });
});
