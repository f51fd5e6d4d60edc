import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { CoManagement, DevicePatch, DeviceRecord as TenantDevice } from "../../infra/local/tenant/types.js";
import { definitionOf } from "../support/definitions.js";
import {
  addDevices,
  addMember,
  autopatchGroup,
  daysAgo,
  deviceOf,
  devicesOf,
  discover,
  ringsWith,
} from "../support/devices.js";
import { directoryGroup } from "../support/directory.js";
import { GraphReader } from "../support/graph.js";
import { startWorld, type World } from "../support/world.js";

/** Every device of the tests, by what it is to show; all are in the pool before the one discovery. */
const INTUNE: CoManagement = {
  inventory: true,
  modernApps: true,
  resourceAccess: true,
  deviceConfiguration: true,
  compliancePolicy: true,
  windowsUpdateForBusiness: true,
  endpointProtection: true,
  officeApps: true,
};
const coManaged = (patch: Partial<CoManagement> = {}) => ({
  managementAgent: "configurationManagerClientMdm",
  coManagement: { ...INTUNE, ...patch },
});
const CASES: Record<string, (world: World) => DevicePatch> = {
  sound: () => ({}),
  "28 days": (world) => ({ lastSyncDateTime: daysAgo(world, 28) }),
  "29 days": (world) => ({ lastSyncDateTime: daysAgo(world, 29) }),
  personal: () => ({ ownerType: "personal" }),
  Home: () => ({ skuFamily: "Home" }),
  Pro: () => ({ skuFamily: "Pro" }),
  Enterprise: () => ({ skuFamily: "Enterprise" }),
  Education: () => ({ skuFamily: "Education" }),
  "Pro Education": () => ({ skuFamily: "ProEducation" }),
  "Pro for Workstations": () => ({ skuFamily: "ProForWorkstations" }),
  "IoT Enterprise": () => ({ skuFamily: "IoTEnterprise" }),
  "on Intune": () => coManaged(),
  "updates elsewhere": () => coManaged({ windowsUpdateForBusiness: false }),
  "configuration elsewhere": () => coManaged({ deviceConfiguration: false }),
  "no serial number": () => ({ serialNumber: "" }),
  "no model": () => ({ model: "" }),
  "no manufacturer": () => ({ manufacturer: "" }),
  "twin 1": () => ({ serialNumber: "TWIN" }),
  "twin 2": () => ({ serialNumber: "TWIN" }),
  "not in Intune": () => ({ managed: false }),
  "all wrong": (world) => ({
    lastSyncDateTime: daysAgo(world, 29),
    ownerType: "personal",
    skuFamily: "Home",
    processorArchitecture: "x86",
    serialNumber: "",
  }),
  "wrong from ownership on": () => ({ ownerType: "personal", skuFamily: "Home", serialNumber: "" }),
  "wrong from edition on": () => ({ skuFamily: "Home", processorArchitecture: "x86", serialNumber: "" }),
  "wrong from version on": () => ({
    processorArchitecture: "x86",
    managementAgent: "configurationManagerClient",
    serialNumber: "",
  }),
  "wrong from management on": () => ({ managementAgent: "configurationManagerClient", serialNumber: "" }),
  "Windows 365 Business": () => ({ model: "Cloud PC Business 2vCPU/8GB/128GB", manufacturer: "Microsoft Corporation" }),
};

let world: World;
let graph: GraphReader;
let pool: string;
let cloudPc: TenantDevice | undefined;
const devices = new Map<string, TenantDevice>();
const ids = { group: "" };

beforeAll(async () => {
  world = await startWorld({ from: "2024-06-03T08:00Z", devices: 8 });
  graph = new GraphReader(world);
  for (const [n, [name, patch]] of Object.entries(CASES).entries()) {
    for (const device of addDevices(world, n, 1, patch(world))) devices.set(name, device);
  }
  pool = await directoryGroup(
    graph,
    "Office PCs",
    [...devices.values()].map(({ objectId }) => objectId),
  );
  const [test, last] = [await directoryGroup(graph, "Office test"), await directoryGroup(graph, "Office last")];
  ids.group = await autopatchGroup(world, definitionOf("Office", { test, last, pool }));
  [cloudPc] = addDevices(world, 900, 1, { model: "Cloud PC Enterprise 2vCPU/8GB/128GB" });
  const provisioningPolicyId = world.tenant.addProvisioningPolicy({
    displayName: "Cloud PCs",
    autopatchGroupId: ids.group,
  });
  const { deviceId = "", managedDeviceId = "" } = cloudPc ?? {};
  const plan = { displayName: "CPC", provisioningPolicyId, servicePlanName: "Cloud PC Enterprise 2vCPU/8GB/128GB" };
  world.tenant.addCloudPc({ aadDeviceId: deviceId, managedDeviceId, ...plan });
  await discover(world);
});
afterAll(() => world?.stop());

const of = (name: string) => deviceOf(world, devices.get(name)?.deviceId ?? "");
const rings = (name: string) => ringsWith(world, graph, ids.group, devices.get(name)?.objectId ?? "");

async function expectRegistered(name: string): Promise<void> {
  expect(await of(name)).toMatchObject({ status: "Registered", state: "Ready", reason: null, groupId: ids.group });
  expect(await rings(name)).toHaveLength(1);
}

/** The reason's check; the device is in no ring of the tenant. */
async function refusedBy(name: string): Promise<string | undefined> {
  const { status, state, reason, ring } = await of(name);
  expect([status, state, ring]).toEqual(["Not registered", "Prerequisites failed", null]);
  expect(await rings(name)).toEqual([]);
  return reason?.check;
}

describe("prerequisite checks", () => {
  it("row 23: a device that checked in 28 days ago is registered, one of 29 days ago is not", async () => {
    await expectRegistered("28 days");
    expect(await refusedBy("29 days")).toBe("Last Intune check-in");
  });

  it("row 24: a personal device is refused, a company one is not", async () => {
    expect(await refusedBy("personal")).toBe("Windows and corporate-owned");
    await expectRegistered("sound");
  });

  it("row 25: Home is refused", async () => {
    expect(await refusedBy("Home")).toBe("Windows edition");
  });

  it.each(["Pro", "Enterprise", "Education", "Pro Education", "Pro for Workstations", "IoT Enterprise"])(
    "row 25: %s is accepted",
    async (edition) => expectRegistered(edition),
  );

  it("row 26: a co-managed device needs its update and configuration workloads on Intune", async () => {
    await expectRegistered("on Intune");
    expect(await refusedBy("updates elsewhere")).toBe("Management type");
    expect(await refusedBy("configuration elsewhere")).toBe("Management type");
  });

  it.each(["no serial number", "no model", "no manufacturer"])("row 27: a device with %s is refused", async (name) => {
    expect(await refusedBy(name)).toBe("Identity data");
  });

  it("row 27: two devices of one serial number are refused, both", async () => {
    expect([await refusedBy("twin 1"), await refusedBy("twin 2")]).toEqual(["Identity data", "Identity data"]);
  });

  it("row 28: the first check that fails is the reason shown", async () => {
    expect(await refusedBy("not in Intune")).toBe("Intune-managed");
    expect(await refusedBy("all wrong")).toBe("Last Intune check-in");
    expect(await refusedBy("wrong from ownership on")).toBe("Windows and corporate-owned");
    expect(await refusedBy("wrong from edition on")).toBe("Windows edition");
    expect(await refusedBy("wrong from version on")).toBe("Windows version and architecture");
    expect(await refusedBy("wrong from management on")).toBe("Management type");
  });
});

describe("Cloud PCs", () => {
  it("row 37: a Windows 365 Enterprise PC is registered with the group that its provisioning policy names", async () => {
    const { deviceId = "", objectId = "" } = cloudPc ?? {};
    expect(await deviceOf(world, deviceId)).toMatchObject({ status: "Registered", groupId: ids.group });
    expect(await ringsWith(world, graph, ids.group, objectId)).toHaveLength(1);
  });

  it("row 37: a Windows 365 Business PC is refused", async () => {
    expect(await refusedBy("Windows 365 Business")).toBe("Windows edition");
  });
});

describe("statuses", () => {
  it("row 30: every device is Registered and Ready, or Not registered for its reason", async () => {
    const all = await devicesOf(world, "?top=1000");
    const pairs = new Set(all.map(({ status, state }) => `${status}: ${state}`));
    expect([...pairs].sort()).toEqual(["Not registered: Prerequisites failed", "Registered: Ready"]);
    const ready = await devicesOf(world, "?state=Ready&status=Registered&top=1000");
    expect(ready).toHaveLength(all.filter(({ status }) => status === "Registered").length);
  });
});

describe("changed hardware", () => {
  it("row 36: a device that comes back with a new id appears as a new device, the old one goes", async () => {
    const old = devices.get("Pro");
    if (old === undefined) throw new Error("There is no such device.");
    world.tenant.removeDevice(old.deviceId);
    const [fresh] = addDevices(world, 901, 1, { name: old.name, serialNumber: old.serialNumber });
    await addMember(graph, pool, fresh?.objectId ?? "");
    await discover(world);
    expect(await deviceOf(world, fresh?.deviceId ?? "")).toMatchObject({ name: old.name, status: "Registered" });
    expect(await devicesOf(world, "?top=1000")).not.toContainEqual(expect.objectContaining({ deviceId: old.deviceId }));
  });
});
