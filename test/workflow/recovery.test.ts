import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addDays, HOUR_MS } from "../../shared/calendar/days.js";
import { deviceRows, offeredTo, type ReleaseAnswer, releaseOf, ringOf } from "../support/releases.js";
import { instant, runTo, startWorld, type World } from "../support/world.js";

const UPDATE = "2024.06 B";
const B = instant("2024-06-11T17:00Z");

let world: World;
let release: ReleaseAnswer;
beforeAll(async () => {
  world = await startWorld({ from: "2024-06-11T00:00Z", devices: 40, durableTables: true });
  await runTo(world, B + HOUR_MS);
  release = await releaseOf(world, UPDATE);
});
afterAll(() => world?.stop());

const ring = async (name: string) => ringOf(await releaseOf(world, UPDATE), name);

async function durable(method: "GET" | "POST", path: string): Promise<Response> {
  const key = "code=master-key-of-the-tests";
  return fetch(`${world.api.url}/runtime/webhooks/durabletask/instances/${path}?${key}`, { method });
}

async function isRunning(instanceId: string): Promise<boolean> {
  const { runtimeStatus } = (await (await durable("GET", encodeURIComponent(instanceId))).json()) as {
    runtimeStatus: string;
  };
  return runtimeStatus === "Running";
}

/** Ends an orchestration as a defect or an operator would. */
async function lose(instanceId: string): Promise<void> {
  expect((await durable("POST", `${encodeURIComponent(instanceId)}/terminate`)).status).toBe(202);
  await world.settle();
  expect(await isRunning(instanceId)).toBe(false);
}

describe("A lost orchestration", () => {
  it("of a ring is taken up again by the release, and the ring opens on its day", async () => {
    await lose(`${release.id}:Ring1`);
    await runTo(world, addDays(B, 1) + 60_000);
    expect(await ring("Ring1")).toMatchObject({ status: "Active", openedAt: new Date(addDays(B, 1)).toISOString() });
  });

  it("of a release is taken up again within six hours", async () => {
    await lose(release.id);
    await runTo(world, addDays(B, 1) + 7 * HOUR_MS);
    expect(await isRunning(release.id)).toBe(true);
  });

  it("of a release is taken up again at once by a command", async () => {
    await lose(release.id);
    await world.api.send("POST", `/releases/${release.id}/rings/Ring2/pause`, { justification: "Quarter end." });
    await world.settle();
    expect(await ring("Ring2")).toMatchObject({ status: "Paused by Tenant" });
    await world.api.send("POST", `/releases/${release.id}/rings/Ring2/resume`, {});
    await world.settle();
  });
});

describe("Graph without permission", () => {
  const opens = addDays(B, 5);

  it("shows on the ring what is wrong and what to do, and nothing is offered", async () => {
    await runTo(world, opens - HOUR_MS);
    world.tenant.faults.set({ groupModel: "forbidden" });
    await runTo(world, opens + 2 * HOUR_MS);
    const { status, problem, openedAt } = await ring("Ring2");
    expect([status, openedAt]).toEqual(["Policy error", null]);
    expect(problem).toMatch(/refused permission.*Grant the application the permission/s);
  });

  it("lets the ring go on within an hour of the permission's return", async () => {
    world.tenant.faults.set({ groupModel: "available" });
    await runTo(world, opens + 3 * HOUR_MS);
    expect(await ring("Ring2")).toMatchObject({ status: "Active", problem: null });
    const devices = (await deviceRows(world, release.id, "Ring2")).map(({ deviceId }) => deviceId);
    expect(offeredTo(world, release, devices)).toEqual(devices);
  });
});
