import { describe, expect, it } from "vitest";
import { attributesOf, listManagedDevices, listRingDevices } from "../../../../shared/graph/inventory.js";
import { script } from "./scripted.js";

const GROUP = "6f000000-0000-4000-8000-000000000001";
const ZERO = "00000000-0000-0000-0000-000000000000";
const MEMBERS = `GET /v1.0/groups/${GROUP}/transitiveMembers/microsoft.graph.device?$select=id,deviceId,displayName&$count=true&$top=999`;
const SELECT =
  "id,deviceName,azureADDeviceId,osVersion,manufacturer,model,serialNumber,skuFamily,joinType,managedDeviceOwnerType,managementAgent,configurationManagerClientEnabledFeatures,processorArchitecture,lastSyncDateTime";
const MANAGED = `GET /beta/deviceManagement/managedDevices?$filter=operatingSystem eq 'Windows'&$select=${SELECT}&$top=1000`;

const intune = (id: string, deviceId: string, lastSyncDateTime: string, osVersion = "10.0.22631.3593") => ({
  id,
  azureADDeviceId: deviceId,
  deviceName: id,
  osVersion,
  lastSyncDateTime,
});
const managed = (...value: unknown[]) => ({ on: MANAGED, body: { value } });
const members = (...value: unknown[]) => ({ on: MEMBERS, body: { value } });

describe("managed devices", () => {
  it("without an Entra device id are left out", async () => {
    const { graph } = script(managed(intune("m1", ZERO, "2026-11-01T00:00:00Z"), { id: "m2", azureADDeviceId: null }));
    expect((await listManagedDevices(graph)).size).toBe(0);
  });

  it("enrolled twice count by the record that synced last", async () => {
    const older = intune("m1", "D1", "2026-11-01T00:00:00Z");
    const newer = intune("m2", "d1", "2026-11-09T00:00:00Z");
    const { graph } = script(managed(newer, older));
    expect((await listManagedDevices(graph)).get("d1")?.managedDeviceId).toBe("m2");
  });

  it("that never synced have no sync date", async () => {
    const { graph } = script(managed(intune("m1", "d1", "0001-01-01T00:00:00Z")));
    expect((await listManagedDevices(graph)).get("d1")?.lastSyncAt).toBeNull();
  });
});

describe("a co-managed device", () => {
  it("says which workloads are Intune's", async () => {
    const record = {
      ...intune("m1", "d1", "2026-11-01T00:00:00Z"),
      configurationManagerClientEnabledFeatures: { windowsUpdateForBusiness: true, officeApps: false, inventory: true },
    };
    const { graph } = script(managed(record));
    expect((await listManagedDevices(graph)).get("d1")?.coManagement).toEqual({
      windowsUpdateForBusiness: true,
      deviceConfiguration: false,
      officeApps: false,
    });
  });
});

describe("devices of a ring", () => {
  it("are joined with Intune by device id, whatever the case", async () => {
    const { graph, sent } = script(
      members({ id: "O1", deviceId: "D1", displayName: "PC-1" }),
      managed(intune("m1", "d1", "2026-11-01T00:00:00Z")),
    );
    const [device] = await listRingDevices(graph, GROUP);
    expect(device).toMatchObject({ deviceId: "d1", objectId: "o1", name: "PC-1", managed: { managedDeviceId: "m1" } });
    expect(sent[0]?.headers.get("consistencylevel")).toBe("eventual");
  });

  it("unknown to Intune stay in the ring without a record", async () => {
    const { graph } = script(members({ id: "o1", deviceId: "d1" }), managed());
    const [device] = await listRingDevices(graph, GROUP);
    expect(device).toEqual({ deviceId: "d1", objectId: "o1", name: null });
  });

  it("with the zero device id are left out", async () => {
    const { graph } = script(members({ id: "o1", deviceId: ZERO }), managed());
    expect(await listRingDevices(graph, GROUP)).toEqual([]);
  });

  it("of several rings share one read of Intune", async () => {
    const { graph, finished } = script(managed(), members(), members());
    const known = await listManagedDevices(graph);
    await listRingDevices(graph, GROUP, known);
    await listRingDevices(graph, GROUP, known);
    finished();
  });
});

describe("attributes of a device", () => {
  it("leave out what Intune does not know", async () => {
    const record = { ...intune("m1", "d1", "2026-11-01T00:00:00Z"), manufacturer: "Maker", model: "M1", skuFamily: "" };
    const { graph } = script(members({ id: "o1", deviceId: "d1" }), managed(record));
    const [device] = await listRingDevices(graph, GROUP);
    expect(device && attributesOf(device)).toEqual({
      manufacturer: "Maker",
      model: "Maker M1",
      osBuild: "10.0.22631.3593",
    });
  });
});
