import { afterAll, beforeAll, describe } from "vitest";
import { type Azurite, startAzurite } from "../../../../../infra/local/azurite.js";
import { tableStore } from "../../../../../infra/local/durable/index.js";
import { goldenSamples } from "./golden.js";

describe("engine on Azure Tables", () => {
  let azurite: Azurite;
  let hubs = 0;

  beforeAll(async () => {
    azurite = await startAzurite();
  });
  afterAll(() => azurite.stop());

  goldenSamples(() => tableStore(azurite.connectionString, `Golden${hubs++}`));
});
