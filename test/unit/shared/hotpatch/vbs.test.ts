import { afterAll, beforeAll, beforeEach, expect, it, vi } from "vitest";
import { DAY_MS } from "../../../../shared/calendar/days.js";
import type { Graph } from "../../../../shared/graph/graph.js";
import { device, type TestTenant } from "../../infra/local/tenant/support.js";
import { emulated } from "../graph/emulated.js";
import { emptyTables } from "../policies/memory-tables.js";
import { managed, record } from "../registration/records.js";

vi.mock("../../../../shared/store/tables.js", async () =>
  (await import("../policies/memory-tables.js")).memoryTables(),
);
const { lookAtVbs, vbsState, vbsStates } = await import("../../../../shared/hotpatch/vbs.js");
const { writeDevices } = await import("../../../../shared/registration/store.js");

const NOW = Date.parse("2026-05-20T04:50:00Z");
let test: TestTenant;
let graph: Graph;
beforeAll(async () => {
  ({ test, graph } = await emulated(45, { at: "2026-05-20T04:00:00Z" }));
});
afterAll(() => test?.discard());
beforeEach(() => {
  emptyTables();
  test.tenant.faults.clear();
});

/** Puts the first devices of the tenant into the register. */
async function register(count: number, osVersion = "10.0.26100.8240"): Promise<string[]> {
  const records = Array.from({ length: count }, (_, nth) => {
    const { deviceId, managedDeviceId } = device(nth);
    return record({ deviceId, managed: managed({ managedDeviceId, osVersion }) });
  });
  const byId = new Map(records.map((each) => [each.deviceId, each]));
  await writeDevices([...byId.keys()], (id) => byId.get(id));
  return [...byId.keys()];
}

it("reads every device of a version that takes hotpatches, one by one as lists leave it out", async () => {
  const ids = await register(45);
  test.tenant.patchDevice(device(7).deviceId, { virtualizationBasedSecurity: "rebootRequired" });
  expect(await lookAtVbs(graph, NOW)).toBe(45);
  const states = await vbsStates();
  expect([[...states.keys()].sort(), states.get(device(7).deviceId)?.state]).toEqual([ids.sort(), "rebootRequired"]);
  expect(await vbsState(device(8).deviceId)).toEqual({ state: "running", readAt: "2026-05-20T04:50:00.000Z" });
  test.tenant.patchDevice(device(7).deviceId, { virtualizationBasedSecurity: "running" });
});

it("leaves older versions of Windows alone", async () => {
  await register(5, "10.0.22631.5335");
  expect(await lookAtVbs(graph, NOW)).toBe(0);
});

it("reads a device daily until it runs there, then weekly", async () => {
  await register(3);
  test.tenant.patchDevice(device(1).deviceId, { virtualizationBasedSecurity: "notConfigured" });
  await lookAtVbs(graph, NOW);
  const looks = [];
  for (const day of [1, 2, 6, 7]) looks.push(await lookAtVbs(graph, NOW + day * DAY_MS));
  expect(looks).toEqual([1, 1, 1, 3]);
  test.tenant.patchDevice(device(1).deviceId, { virtualizationBasedSecurity: "running" });
});

it("forgets a device that has left the register", async () => {
  const [first = "", second] = await register(2);
  await lookAtVbs(graph, NOW);
  await writeDevices([first], () => undefined);
  await lookAtVbs(graph, NOW + DAY_MS);
  expect([...(await vbsStates()).keys()]).toEqual([second]);
});

it("passes over a device that Intune has lost", async () => {
  await register(2);
  const lost = record({
    deviceId: "d1000000-0000-4000-8000-000000000001",
    managed: managed({ managedDeviceId: "gone" }),
  });
  await writeDevices([lost.deviceId], () => lost);
  expect(await lookAtVbs(graph, NOW)).toBe(2);
  expect(await vbsState(lost.deviceId)).toBeUndefined();
});

it("keeps what it has read when Graph throttles, and goes on there the next time", async () => {
  await register(45);
  const throttled = Object.assign(new Error("throttled"), { code: "throttled" });
  let calls = 0;
  const twice: Graph = {
    ...graph,
    post: (...call: Parameters<Graph["post"]>) => (++calls > 5 ? Promise.reject(throttled) : graph.post(...call)),
  };
  for (let nth = 100; nth < 200; nth++) {
    const extra = record({
      deviceId: device(nth).deviceId,
      managed: managed({ managedDeviceId: device(nth % 45).managedDeviceId }),
    });
    await writeDevices([extra.deviceId], () => extra);
  }
  await expect(lookAtVbs(twice, NOW)).rejects.toThrow("throttled");
  expect((await vbsStates()).size).toBe(100);
  expect(await lookAtVbs(graph, NOW)).toBe(45);
});
