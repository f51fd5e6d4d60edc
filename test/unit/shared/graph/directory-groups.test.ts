import { describe, expect, it } from "vitest";
import { listCloudPcs } from "../../../../shared/graph/cloud-pcs.js";
import { findDevices, listDeviceMembers, listGroupDevices } from "../../../../shared/graph/directory-groups.js";
import { groupChanges, watchGroups } from "../../../../shared/graph/group-delta.js";
import { device } from "../../infra/local/tenant/support.js";
import { addByHand, removeByHand } from "../registration/estate.js";
import { emulated } from "./emulated.js";
import { errorBody, script } from "./scripted.js";

const NOBODY = "99999999-0000-4000-8000-000000000000";

describe("devices of a directory group", () => {
  it("are its own and those of nested groups, each once; deeper groups and users are passed over", async () => {
    const { test, graph } = await emulated(6);
    const ids = [0, 1, 2, 3, 4].map((n) => device(n).objectId);
    const deep = await test.group("deep", ids.slice(4));
    const nested = await test.group("nested", [...ids.slice(1, 4), deep]);
    const [user = ""] = test.tenant.addUsers([
      { displayName: "Ada", userPrincipalName: "ada@contoso.test", accountEnabled: true },
    ]);
    const outer = await test.group("outer", [...ids.slice(0, 2), nested, user]);
    const found = await listGroupDevices(graph, outer);
    expect(found?.devices.map(({ objectId }) => objectId).sort()).toEqual(ids.slice(0, 4));
    expect(found?.nested).toEqual([nested]);
    expect(found?.devices[0]).toMatchObject({ name: "PC-0", operatingSystem: "Windows", accountEnabled: true });
    expect(await listDeviceMembers(graph, outer)).toEqual(new Set(ids.slice(0, 2)));
    await test.discard();
  });

  it("are unknown when there is no such group", async () => {
    const { test, graph } = await emulated(1);
    expect(await listGroupDevices(graph, NOBODY)).toBeUndefined();
    expect(await listDeviceMembers(graph, NOBODY)).toBeUndefined();
    await test.discard();
  });

  it("are found by their device ids, 15 to a call", async () => {
    const { test, graph } = await emulated(20);
    const ids = Array.from({ length: 20 }, (_, n) => device(n).deviceId);
    const found = await findDevices(graph, [...ids, NOBODY]);
    expect([...found.keys()].sort()).toEqual(ids);
    expect(found.get(ids[3] ?? "")?.objectId).toBe(device(3).objectId);
    await test.discard();
  });
});

describe("the watch over directory groups", () => {
  it("tells of those whose members changed since, and of no others", async () => {
    const { test, graph } = await emulated(3);
    const [a, b, c] = [await test.group("a"), await test.group("b"), await test.group("c")];
    await addByHand(test, a, device(0).objectId);
    const link = await watchGroups(graph, [a, b]);
    expect((await groupChanges(graph, link)).changed).toEqual([]);
    await addByHand(test, b, device(1).objectId);
    await addByHand(test, c, device(1).objectId);
    const first = await groupChanges(graph, link);
    expect(first.changed).toEqual([b]);
    await removeByHand(test, a, device(0).objectId);
    expect((await groupChanges(graph, first.link)).changed).toEqual([a]);
    await test.discard();
  });

  it("says when the link is too old", async () => {
    const { graph } = script({ on: "GET /v1.0/groups/delta?t=1", status: 410, body: errorBody("syncStateNotFound") });
    const link = "https://graph.microsoft.com/v1.0/groups/delta?t=1";
    await expect(groupChanges(graph, link)).rejects.toMatchObject({ code: "gone" });
  });
});

describe("Cloud PCs", () => {
  const POLICIES = "GET /beta/deviceManagement/virtualEndpoint/provisioningPolicies?$select=id,autopatch";
  const PCS =
    "GET /beta/deviceManagement/virtualEndpoint/cloudPCs?$select=id,aadDeviceId,provisioningPolicyId,servicePlanName";

  it("belong to the Autopatch group that their provisioning policy names, and say whether they are Business ones", async () => {
    const policies = [
      { id: "p1", autopatch: { autopatchGroupId: "contoso" } },
      { id: "p2", autopatch: null },
    ];
    const pcs = [
      {
        id: "1",
        aadDeviceId: "D1",
        provisioningPolicyId: "p1",
        servicePlanName: "Cloud PC Enterprise 2vCPU/8GB/128GB",
      },
      { id: "2", aadDeviceId: "D2", provisioningPolicyId: "p2", servicePlanName: "Cloud PC Business 2vCPU/8GB/128GB" },
      { id: "3", aadDeviceId: null, provisioningPolicyId: "p1" },
    ];
    const { graph } = script({ on: PCS, body: { value: pcs } }, { on: POLICIES, body: { value: policies } });
    expect(await listCloudPcs(graph)).toEqual([
      { deviceId: "d1", autopatchGroupId: "contoso", isBusiness: false },
      { deviceId: "d2", autopatchGroupId: null, isBusiness: true },
    ]);
  });

  it("are none where there is no Windows 365, and an outage is no answer", async () => {
    const none = script({ on: PCS, status: 404, body: errorBody("ResourceNotFound") });
    expect(await listCloudPcs(none.graph)).toEqual([]);
    const away = script({ on: PCS, status: 503, body: errorBody("serviceUnavailable") });
    await expect(listCloudPcs(away.graph)).rejects.toMatchObject({ code: "unavailable" });
  });
});
