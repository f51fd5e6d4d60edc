import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Azurite, startAzurite } from "../../../../../infra/local/azurite.js";
import { tableStore } from "../../../../../infra/local/durable/index.js";
import { goldenSamples } from "./golden.js";
import { invokerOf } from "./invoker.js";
import { journey, OUTCOME } from "./journey.js";
import { registerScenarios } from "./scenarios.js";

describe("engine on Azure Tables", () => {
  let azurite: Azurite;
  let hubs = 0;

  beforeAll(async () => {
    azurite = await startAzurite({ tablesOnly: true });
  });
  afterAll(() => azurite.stop());

  it.each(["before", "after"] as const)("a crash %s a store call changes nothing", async (when) => {
    const invoker = invokerOf(registerScenarios);
    for (let k = 3; k < 60; k += 8) {
      const store = await tableStore(azurite.connectionString, `Crash${hubs++}`);
      expect({ k, ...(await journey(store, invoker, [k], when)) }).toMatchObject({ k, ...OUTCOME });
    }
  });

  goldenSamples(() => tableStore(azurite.connectionString, `Golden${hubs++}`));
});
