import { beforeAll, describe, expect, it } from "vitest";
import { type FunctionInvoker, memoryStore } from "../../../../../infra/local/durable/index.js";
import { AppError } from "../../../../../shared/errors.js";
import { hash32 } from "../../../../../shared/random.js";
import { FaultyStore } from "./faulty-store.js";
import { Hub } from "./hub.js";
import { invokerOf } from "./invoker.js";
import { registerScenarios, runs } from "./scenarios.js";

interface Result {
  readonly output: unknown;
  readonly total: string | null | undefined;
  readonly other: string | null | undefined;
  readonly unfinished: string[];
  readonly calls: number;
}

describe("a crash at any call of the store", () => {
  let invoker: FunctionInvoker;

  beforeAll(() => {
    invoker = invokerOf(registerScenarios);
  });

  /** Runs the journey to its end, reviving the store and restarting the engine whenever the store has died. */
  async function journey(diesAt: readonly number[], when: "before" | "after"): Promise<Result> {
    const faulty = new FaultyStore(memoryStore(), diesAt, when);
    const hub = new Hub(faulty.store, invoker);
    hub.broken = () => faulty.dead;
    await hub.engine.start();
    const recover = async () => {
      while (faulty.dead) {
        faulty.revive();
        // A recovery that meets a dead store waits for it; a crash does not let it.
        await Promise.race([hub.restart().catch(() => undefined), faulty.death()]);
      }
    };
    const insist = async (call: () => Promise<unknown>) => {
      for (;;) {
        try {
          return await call();
        } catch (error) {
          if (error instanceof AppError && error.code === "conflict") return undefined;
          if (!faulty.dead) throw error;
          await recover();
        }
      }
    };
    await insist(() => hub.start("journey", { round: 0 }, "j"));
    await insist(() => hub.raise("j", "Late", 5000));
    await insist(() => hub.raise("j", "Early", 1000));
    for (let i = 0; i < 10; i++) {
      await hub.run();
      await recover();
    }
    const { api } = hub.engine;
    const { calls } = faulty;
    const result = {
      output: await hub.outputOf("j"),
      total: await api.readEntity("Counter", "jtotal"),
      other: await api.readEntity("Counter", "jB"),
      unfinished: hub.engine.registry
        .rows()
        .filter((row) => !row.id.startsWith("@") && row.status !== "Completed")
        .map((row) => `${row.id} ${row.status}`),
      calls,
    };
    hub.engine.crash();
    return result;
  }

  const OUTCOME = { output: { sum: 6111, b: -110 }, total: "6111", other: "-110", unfinished: [] };

  it("changes nothing when there is none", async () => {
    expect(await journey([], "before")).toMatchObject(OUTCOME);
  });

  it.each(["before", "after"] as const)("%s it: same outputs, same entities, nothing left over", async (when) => {
    const { calls } = await journey([], when);
    expect(calls).toBeGreaterThan(40);
    for (let k = 1; k < calls; k++) {
      expect({ k, ...(await journey([k], when)) }).toMatchObject({ k, ...OUTCOME });
    }
  });

  it("twice in a row: the recovery itself may be interrupted", async () => {
    for (let seed = 0; seed < 40; seed++) {
      const first = 1 + (hash32("crash", seed) % 55);
      const second = first + 1 + (hash32("again", seed) % 12);
      const when = seed % 2 === 0 ? "before" : "after";
      expect({ first, second, ...(await journey([first, second], when)) }).toMatchObject({ first, second, ...OUTCOME });
    }
  });

  it("repeats an activity at most once per crash", async () => {
    runs.clear();
    await journey([20], "before");
    expect(Math.max(...runs.values())).toBeLessThanOrEqual(2);
  });
});
