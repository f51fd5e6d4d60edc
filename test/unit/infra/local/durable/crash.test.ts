import { beforeAll, describe, expect, it } from "vitest";
import { type FunctionInvoker, memoryStore } from "../../../../../infra/local/durable/index.js";
import { hash32 } from "../../../../../shared/random.js";
import { invokerOf } from "./invoker.js";
import { journey as journeyOn, OUTCOME } from "./journey.js";
import { registerScenarios, runs } from "./scenarios.js";

describe("a crash at any call of the store", () => {
  let invoker: FunctionInvoker;

  beforeAll(() => {
    invoker = invokerOf(registerScenarios);
  });

  const journey = (diesAt: readonly number[], when: "before" | "after") =>
    journeyOn(memoryStore(), invoker, diesAt, when);

  it("changes nothing when there is none", async () => {
    expect(await journey([], "before")).toMatchObject(OUTCOME);
  });

  it.each(["before", "after"] as const)("%s it: same outputs, same entities, nothing left over", async (when) => {
    const { calls } = await journey([], when);
    expect(calls).toBeGreaterThan(40);
    // Dying after a call differs from dying before the next one only in what the engine believes.
    for (let k = 1; k < calls; k += when === "before" ? 1 : 3) {
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
