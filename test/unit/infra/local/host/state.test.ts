import { afterAll, beforeAll, expect, test } from "vitest";
import { type Azurite, startAzurite } from "../../../../../infra/local/azurite.js";
import { hostIdOf, tableState } from "../../../../../infra/local/host/state.js";

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite({ tablesOnly: true });
});
afterAll(() => azurite.stop());

test("timer status survives a restart of the host, per host and function", async () => {
  const before = await tableState(azurite.connectionString, "one");
  expect(await before.timers.read("tick/1")).toBeUndefined();
  await before.timers.write("tick/1", { next: 5_000, updated: 1_000 });
  await before.timers.write("tick/1", { last: 5_000, next: 9_000, updated: 5_001 });
  await before.flush();
  const after = await tableState(azurite.connectionString, "one");
  expect(await after.timers.read("tick/1")).toEqual({ last: 5_000, next: 9_000, updated: 5_001 });
  expect(await (await tableState(azurite.connectionString, "two")).timers.read("tick/1")).toBeUndefined();
});

test("each start on the same state counts", async () => {
  const starts = [];
  for (let i = 0; i < 3; i++) starts.push((await tableState(azurite.connectionString, "three")).earlierStarts);
  expect(starts).toEqual([0, 1, 2]);
});

test("the host id follows the app's place unless a setting names it", () => {
  expect(hostIdOf("/a", {})).toMatch(/^[0-9a-f]{32}$/);
  expect(hostIdOf("/a", {})).not.toBe(hostIdOf("/b", {}));
  expect(hostIdOf("/a", { AzureFunctionsWebHost__hostId: "own" })).toBe("own");
});
