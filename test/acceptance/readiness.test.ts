import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Finding } from "../../infra/local/fleet/agents.js";
import { READINESS_CHECKS } from "../../shared/readiness/checks.js";
import type { deviceReadiness, readinessOverview } from "../../shared/readiness/view.js";
import { call } from "../support/api.js";
import { deviceOf, devicesOf, ringGroup } from "../support/devices.js";
import { membersOf } from "../support/directory.js";
import { GraphReader } from "../support/graph.js";
import { runTo, startWorld, type World } from "../support/world.js";

type Readiness = ReturnType<typeof deviceReadiness>;

const HOUR = 3_600_000;
/** An agent runs once in 24 hours, and what it finds is on its way for a quarter of an hour. */
const A_DAY = 24.5 * HOUR;
const MDM = "Windows update policies managed via MDM";
const GROUP_POLICY = "Windows update policies managed via Group Policy";
/** The names of autopatch.md §3.7. */
const CHECKS = [
  "Windows OS build, architecture, edition",
  MDM,
  GROUP_POLICY,
  "Microsoft Office update policy via Group Policy",
  "Windows Autopatch network endpoints",
  "Microsoft Teams network endpoints",
  "Microsoft Edge network endpoints",
  "Internet connectivity",
] as const;
const CONFLICTING = [
  "DoNotConnectToWindowsUpdateInternetLocations",
  "DisableWindowsUpdateAccess",
  "WUServer",
  "AU\\UseWUServer",
  "AU\\NoAutoUpdate",
];
const ALLOWED = ["ActiveHoursStart", "ActiveHoursEnd", "ActiveHoursMaxRange"];

let world: World;
/** Registered devices of the fleet that are always on: by number. */
let ids: readonly string[];
let rings: Readonly<Record<string, string | null>>;

const later = (ms: number) => runTo(world, world.now() + ms);
const readiness = async (n: number) => (await call<Readiness>(world, "GET", `/devices/${id(n)}/readiness`)).body;
const overview = async () => (await call<ReturnType<typeof readinessOverview>>(world, "GET", "/readiness")).body;

function id(n: number): string {
  const found = ids[n];
  if (found === undefined) throw new Error(`Only ${ids.length} devices are always on and Ready.`);
  return found;
}

beforeAll(async () => {
  world = await startWorld({ from: "2024-06-03T08:00Z", devices: 60, scenario: "nominal" });
  await later(2 * HOUR);
  const ready = new Map((await devicesOf(world, "?top=1000")).map((device) => [device.deviceId, device]));
  const on = world.fleet.devices().filter(({ deviceId, pattern }) => {
    return pattern.habit === "always" && ready.get(deviceId)?.state === "Ready";
  });
  ids = on.map(({ deviceId }) => deviceId);
  rings = Object.fromEntries(ids.map((deviceId) => [deviceId, ready.get(deviceId)?.ring ?? null]));
});
afterAll(() => world?.stop());

describe("what agents find within a day", () => {
  const foreign = CHECKS.length;
  const allowed = foreign + 1;
  const registry = allowed + 1;
  const found = (n: number, finding: Finding | null) => world.fleet.setFinding(id(n), finding);

  beforeAll(async () => {
    for (const [n, check] of CHECKS.entries()) found(n, { check, passed: false, reason: `Found ${n}.` });
    world.fleet.setUpdatePolicies(id(foreign), [...ALLOWED, "AllowUpdateService"]);
    world.fleet.setUpdatePolicies(id(allowed), ALLOWED);
    for (const [n, value] of CONFLICTING.entries()) world.fleet.setRegistry(id(registry + n), [value]);
    await later(A_DAY);
  });

  it("row 38: the eight checks are those of the reference", async () => {
    expect(READINESS_CHECKS).toEqual(CHECKS);
    expect((await overview()).checks.map(({ check }) => check)).toEqual(CHECKS);
  });

  it.each(CHECKS.map((check, n) => [check, n] as const))(
    "row 38: a device that fails %s is Not ready for that reason and keeps its ring",
    async (check, n) => {
      const { state, reason, ring, checks } = await readiness(n);
      expect({ state, reason }).toEqual({ state: "Not ready", reason: { check, message: `Found ${n}.` } });
      expect(ring).toBe(rings[id(n)]);
      expect(checks.filter(({ result }) => result === "Failed").map((each) => each.check)).toEqual([check]);
    },
  );

  it("row 38: such a device stays in the directory group of its ring", async () => {
    const { groupId, ring, objectId } = await deviceOf(world, id(0));
    const members = await membersOf(new GraphReader(world), await ringGroup(world, groupId ?? "", ring ?? ""));
    expect(members).toContain(objectId);
  });

  it("row 38: the overview counts every finding and names the devices", async () => {
    const { devices, checks, findings } = await overview();
    expect(devices.notReady).toBe(CHECKS.length + 1 + CONFLICTING.length);
    expect(checks.find(({ check }) => check === "Internet connectivity")?.failed).toBe(1);
    expect(findings.map(({ deviceId }) => deviceId)).toContain(id(0));
  });

  it("row 66: an Update policy that is not allowed makes the device Not ready and is named", async () => {
    const { state, reason } = await readiness(foreign);
    expect([state, reason?.check]).toEqual(["Not ready", MDM]);
    expect(reason?.message).toContain("AllowUpdateService");
  });

  it("row 66: the three allowed Update policies do not", async () => {
    const { state, checks } = await readiness(allowed);
    expect(state).toBe("Ready");
    expect(checks.find(({ check }) => check === MDM)?.result).toBe("Passed");
  });

  it.each(CONFLICTING.map((value, n) => [value, n] as const))(
    "row 66: the registry value %s makes the device Not ready and is named",
    async (value, n) => {
      const { state, reason } = await readiness(registry + n);
      expect([state, reason?.check]).toEqual(["Not ready", GROUP_POLICY]);
      expect(reason?.message).toContain(value);
    },
  );

  it("row 38: devices that were put right are Ready again within 24 hours", async () => {
    for (const n of CHECKS.keys()) found(n, null);
    world.fleet.setUpdatePolicies(id(foreign), ALLOWED);
    for (const n of CONFLICTING.keys()) world.fleet.setRegistry(id(registry + n), []);
    await later(A_DAY);
    for (let n = 0; n < registry + CONFLICTING.length; n++) {
      const { state, reason, ring } = await readiness(n);
      expect([n, state, reason, ring]).toEqual([n, "Ready", null, rings[id(n)]]);
    }
    expect((await overview()).devices.notReady).toBe(0);
  });
});
