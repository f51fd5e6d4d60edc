import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { listQualityUpdates } from "../../../../shared/graph/catalogue.js";
import { groupsNamed } from "../../../../shared/graph/groups.js";
import { listRingDevices } from "../../../../shared/graph/inventory.js";
import { listMembers } from "../../../../shared/graph/members.js";
import { groupPrefix } from "../../../../shared/graph/names.js";
import { deviations } from "../../../../shared/graph/policies/deviations.js";
import { preflight } from "../../../../shared/graph/preflight.js";
import { ringProperties } from "../../../../shared/graph/update-ring-settings.js";
import { readUpdateRing, setQualityPause } from "../../../../shared/graph/update-rings.js";
import { items, type TestTenant } from "../../infra/local/tenant/support.js";
import { emulated, persistentOffering, RELEASE, settings } from "./emulated.js";

const namedSchema = z.object({ displayName: z.string() });
const root = fileURLToPath(new URL("../../../../", import.meta.url));
const appClient = fileURLToPath(new URL("fixtures/app-client.mjs", import.meta.url));
let running: TestTenant | undefined;
afterEach(async () => {
  await running?.discard();
  running = undefined;
});

async function tenant(size = 30, intune = false) {
  const system = await emulated(size, { intune });
  running = system.test;
  const service = await persistentOffering(system.test, system.graph);
  const [update] = await listQualityUpdates(system.graph, { since: "2024-06-01" });
  return { ...system, service, catalogEntryId: update?.catalogEntryId ?? "" };
}
type System = Awaited<ReturnType<typeof tenant>>;

/** Opens the release to the first devices of the ring as one wave. */
async function openWave(system: System, count: number) {
  const { service, ring, catalogEntryId, devices, test } = system;
  await service.ensureStandingPolicy(ring);
  const ref = await service.openRelease({ releaseKey: RELEASE, ring, catalogEntryId });
  const { groupId } = await service.createWaveGroup({ releaseKey: RELEASE, ring, wave: 1 });
  const objectIds = devices.slice(0, count).map(({ objectId }) => objectId);
  await service.addWaveMembers(groupId, objectIds);
  test.pass(30);
  await service.setWaveGroups(ref, [groupId], []);
  test.pass(60);
  return { ref, groupId };
}

/** How many devices are offered the June update now. */
function offered({ test, devices }: System): number {
  return devices.filter(({ deviceId }) => test.tenant.view(deviceId).offer?.build === "10.0.22631.3737").length;
}

/** Display names of all quality update policies of the model in use. */
async function policyNames({ test, service }: System): Promise<string[]> {
  const path =
    service.model === "policies" ? "admin/windows/updates/policies" : "deviceManagement/windowsQualityUpdatePolicies";
  return items(await test.get(`/beta/${path}`)).map(({ displayName }) => String(displayName));
}

/** What the app's own client reads of the catalogue, in a process of its own: only its start decides whom it trusts. */
async function readByApp(test: TestTenant, secret: string): Promise<unknown> {
  const { graphUrl, authorityUrl, credentials, caFile } = test.tenant;
  const env = {
    ...process.env,
    GRAPH_BASE_URL: graphUrl,
    GRAPH_AUTHORITY: authorityUrl,
    TENANT_ID: credentials.tenantId,
    GRAPH_CLIENT_ID: credentials.clientId,
    GRAPH_CLIENT_SECRET: secret,
    NODE_EXTRA_CA_CERTS: caFile,
  };
  const { stdout } = await promisify(execFile)(process.execPath, [appClient], { cwd: root, env });
  return JSON.parse(stdout);
}

describe("the app's own client", () => {
  it("signs in with its secret and reads the catalogue, trusting the tenant's certificate authority", async () => {
    const { test } = await tenant();
    expect(await readByApp(test, test.tenant.credentials.clientSecret)).toMatchObject([
      { shortName: RELEASE, releaseDate: "2024-06-11" },
    ]);
  });

  it("says what to check when its secret is wrong", async () => {
    const { test } = await tenant();
    const error = await readByApp(test, "wrong");
    expect(error).toMatchObject({ code: "unauthenticated", message: expect.stringContaining("GRAPH_CLIENT_SECRET") });
  });
});

describe.each([
  ["policies", false],
  ["intune", true],
] as const)("a quality update by the %s model", (model, intune) => {
  it("is served by that model", async () => {
    expect((await tenant(1, intune)).service.model).toBe(model);
  });

  it("reaches the devices of an open wave and no others", async () => {
    const system = await tenant(30, intune);
    await openWave(system, 10);
    expect(offered(system)).toBe(10);
  });

  it("is offered to nobody by standing policy and opened release alone", async () => {
    const system = await tenant(30, intune);
    await system.service.ensureStandingPolicy(system.ring);
    await system.service.openRelease({ releaseKey: RELEASE, ring: system.ring, catalogEntryId: system.catalogEntryId });
    system.test.pass(60);
    expect(offered(system)).toBe(0);
  });

  it("suspended is offered to nobody, resumed to the wave again", async () => {
    const system = await tenant(30, intune);
    const { ref } = await openWave(system, 10);
    await system.service.setApproval(ref, "suspended");
    expect(offered(system)).toBe(0);
    await system.service.setApproval(ref, "approved");
    expect(offered(system)).toBe(10);
  });

  it("is not offered to a held cohort until its devices are taken out of the hold, which leaves no group behind", async () => {
    const system = await tenant(30, intune);
    const { service, ring, test, devices, graph } = system;
    const { ref, groupId } = await openWave(system, 10);
    const release = { releaseKey: RELEASE, groupId: ring.groupId, groupName: ring.groupName };
    const hold = { ...release, holdId: "12345678", cohort: "model=Contoso 15" };
    const held = await service.createHoldGroup(hold);
    expect(await service.createHoldGroup(hold)).toEqual(held);
    test.pass(60);
    const objectIds = devices.slice(0, 4).map(({ objectId }) => objectId);
    await service.addWaveMembers(held.groupId, objectIds);
    await service.setWaveGroups(ref, [groupId], [held.groupId]);
    test.pass(60);
    expect(offered(system)).toBe(6);
    await service.removeWaveMembers(held.groupId, objectIds);
    test.pass(60);
    expect(offered(system)).toBe(10);
    await service.setWaveGroups(ref, [groupId], []);
    await service.removeHoldGroups(release);
    test.pass(60);
    const groups = await graph.list("/groups", { version: "v1.0", schema: namedSchema });
    expect(groups.filter(({ displayName }) => displayName.includes("12345678"))).toEqual([]);
  });

  it("rolled back tells the ring's devices to uninstall, and ends that again", async () => {
    const { service, ring, test, devices } = await tenant(30, intune);
    const flag = () => test.tenant.view(devices[0]?.deviceId ?? "").ring?.rollBackQuality;
    await service.rollBack(ring, "entry");
    expect(flag()).toBe(true);
    await service.endRollBack(ring);
    expect(flag()).toBe(false);
  });

  it("finished stays offered to the ring by the standing policy, and its own objects are gone", async () => {
    const system = await tenant(30, intune);
    const { ref } = await openWave(system, 10);
    await system.service.finish(ref, system.ring, system.catalogEntryId);
    system.test.pass(60);
    expect(offered(system)).toBe(20);
    expect(await groupsNamed(system.graph, groupPrefix(system.tag))).toEqual([]);
  });

  it("withdrawn is offered to nobody and leaves nothing behind but the standing policy", async () => {
    const system = await tenant(30, intune);
    const { ref } = await openWave(system, 10);
    await system.service.withdraw(ref);
    system.test.pass(60);
    expect(offered(system)).toBe(0);
    const names = await policyNames(system);
    expect(names.some((name) => name.includes("standing"))).toBe(true);
    expect(names.some((name) => name.includes(system.tag))).toBe(false);
  });
});

describe.each([
  ["policies", false],
  ["intune", true],
] as const)("by the %s model against a tenant that misbehaves", (_model, intune) => {
  const trouble = {
    throttle: { rate: 0.1, retryAfterSeconds: 5 },
    unavailableAfterWrite: 0.3,
    repeatItems: 0.3,
    readDelaySeconds: 20,
  };

  it("a release still ends with one policy, one wave of every device, and nothing offered twice", async () => {
    const system = await tenant(30, intune);
    system.test.tenant.faults.set(trouble);
    const { groupId } = await openWave(system, 30);
    system.test.tenant.faults.clear();
    system.test.pass(60);
    expect(new Set(await listMembers(system.graph, groupId)).size).toBe(30);
    expect(offered(system)).toBe(30);
    const { ref } = await openWave(system, 30);
    expect((await policyNames(system)).filter((name) => name.includes(ref.tag))).toHaveLength(1);
  });

  it("a finished release leaves nothing behind", async () => {
    const system = await tenant(30, intune);
    const { ref } = await openWave(system, 10);
    system.test.tenant.faults.set(trouble);
    await system.service.finish(ref, system.ring, system.catalogEntryId);
    system.test.tenant.faults.clear();
    system.test.pass(60);
    expect(await groupsNamed(system.graph, groupPrefix(ref.tag))).toEqual([]);
    expect((await policyNames(system)).filter((name) => name.includes(ref.tag))).toEqual([]);
  });
});

describe("the tenant's other objects", () => {
  it("an update ring carries the settings and is seen by its devices", async () => {
    const { graph, ring, test, devices } = await tenant();
    const stored = await readUpdateRing(graph, ring.updateRingPolicyId);
    expect(deviations(ringProperties(settings({})), stored)).toEqual([]);
    const view = test.tenant.view(devices[0]?.deviceId ?? "").ring;
    expect(view).toMatchObject({ qualityDeferralDays: 5, deadlineDays: 2, graceDays: 2, qualityPaused: false });
  });

  it("a paused ring can be resumed", async () => {
    const { graph, ring, test, devices } = await tenant();
    const paused = () => test.tenant.view(devices[0]?.deviceId ?? "").ring?.qualityPaused;
    await setQualityPause(graph, ring.updateRingPolicyId, true);
    expect(paused()).toBe(true);
    await setQualityPause(graph, ring.updateRingPolicyId, false);
    expect(paused()).toBe(false);
  });

  it("the ring's devices come joined with Intune's inventory", async () => {
    const { graph, ring } = await tenant();
    const devices = await listRingDevices(graph, ring.entraGroupId);
    expect(devices).toHaveLength(20);
    expect(devices[0]?.managed).toMatchObject({ osVersion: "10.0.22631.3593", manufacturer: "Maker" });
  });

  it("preflight finds it ready", async () => {
    const { graph } = await tenant();
    expect(await preflight(graph)).toMatchObject({ ready: true, model: "policies" });
  });

  it("preflight says that the fallback serves where group policies are not offered", async () => {
    const { graph } = await tenant(1, true);
    const { ready, model, findings } = await preflight(graph);
    expect({ ready, model }).toEqual({ ready: true, model: "intune" });
    expect(findings.find(({ check }) => check === "offering.model")?.status).toBe("limited");
  });

  it("preflight names the permission that is missing", async () => {
    const { graph, test, tokens } = await tenant(1);
    test.tenant.authority.grant(["LicenseAssignment.Read.All"]);
    tokens.renew();
    const { ready, findings } = await preflight(graph);
    expect(ready).toBe(false);
    expect(findings.find(({ check }) => check === "permission.managedDevices")).toMatchObject({
      status: "missing",
      message: expect.stringContaining("DeviceManagementManagedDevices.Read.All"),
    });
  });
});
