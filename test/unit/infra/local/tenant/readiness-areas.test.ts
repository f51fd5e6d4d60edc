import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { device, errorOf, INTUNE, items, TestTenant } from "./support.js";

const TAGS = `${INTUNE}/roleScopeTags`;
const CLOUD = `${INTUNE}/virtualEndpoint`;
const POLICIES = "/v1.0/identity/conditionalAccess/policies";
const DEFAULTS = "/v1.0/policies/identitySecurityDefaultsEnforcementPolicy";

let test: TestTenant;
beforeAll(async () => {
  test = await TestTenant.start();
});
afterAll(() => test.discard());

describe("licences", () => {
  const skus = async () => items(await test.get("/v1.0/subscribedSkus"));

  it("are Microsoft 365 E3 at first", async () => {
    expect(await skus()).toMatchObject([{ skuPartNumber: "SPE_E3", skuId: "05e9a617-0261-4cee-bb44-138d3ef5d965" }]);
  });

  it("are what the tenant was given, in the state it was given in", async () => {
    const plan = {
      servicePlanId: "c1ec4a95-1f05-45b3-a911-aa3fa01094f5",
      servicePlanName: "INTUNE_A",
      provisioningStatus: "Disabled",
    } as const;
    const skuId = "66b55226-6b4f-492c-910c-a3b7a3c9d993";
    test.tenant.setLicences([{ skuId, skuPartNumber: "SPE_F1", capabilityStatus: "Suspended", servicePlans: [plan] }]);
    const [sku, ...others] = await skus();
    expect(others).toEqual([]);
    expect(sku).toMatchObject({ skuId, capabilityStatus: "Suspended", servicePlans: [plan] });
    expect(sku?.prepaidUnits).toMatchObject({ enabled: 0, suspended: 25 });
  });
});

describe("scope tags", () => {
  const admin = () => ({ authorization: `Bearer ${test.tenant.adminToken()}` });

  it("begin with the default one and are made by administrators", async () => {
    expect((await test.post(TAGS, { displayName: "Berlin" })).status).toBe(403);
    const made = await test.post(TAGS, { displayName: "Berlin" }, admin());
    expect([made.status, made.json.id]).toEqual([201, "1"]);
    expect(items(await test.get(`${TAGS}?$select=id,displayName`))).toEqual([
      { id: "0", displayName: "Default" },
      { id: "1", displayName: "Berlin" },
    ]);
  });

  it("keep the default one", async () => {
    expect((await test.call("DELETE", `${TAGS}/0`, undefined, admin())).status).toBe(400);
  });
});

describe("Windows 365", () => {
  it("shows Cloud PCs with the policy that registers them", async () => {
    const provisioningPolicyId = test.tenant.addProvisioningPolicy({ displayName: "Ring", autopatchGroupId: "g-1" });
    test.tenant.addProvisioningPolicy({ displayName: "Plain" });
    const { deviceId: aadDeviceId, managedDeviceId } = device(0);
    const servicePlanName = "Cloud PC Enterprise 2vCPU/8GB/128GB";
    const id = test.tenant.addCloudPc({
      aadDeviceId,
      managedDeviceId,
      displayName: "CPC-0",
      provisioningPolicyId,
      servicePlanName,
    });
    expect(items(await test.get(`${CLOUD}/provisioningPolicies?$select=id,autopatch`))).toMatchObject([
      { id: provisioningPolicyId, autopatch: { autopatchGroupId: "g-1" } },
      { autopatch: null },
    ]);
    const found = { id, aadDeviceId, managedDeviceId, provisioningPolicyId, servicePlanName };
    expect(items(await test.get(`${CLOUD}/cloudPCs`))).toMatchObject([found]);
    expect((await test.get(`${CLOUD}/cloudPCs/${id}`)).json).toMatchObject(found);
  });
});

describe("the guards of sign-in", () => {
  it("show conditional access policies with the users they concern", async () => {
    test.tenant.addConditionalAccessPolicy({ displayName: "MFA", state: "enabled", includeUsers: ["All"] });
    const [policy] = items(await test.get(POLICIES));
    expect(policy).toMatchObject({ state: "enabled", conditions: { users: { includeUsers: ["All"] } } });
  });

  it("have security defaults off until they are switched on", async () => {
    expect((await test.get(DEFAULTS)).json.isEnabled).toBe(false);
    test.tenant.setSecurityDefaults(true);
    expect((await test.get(DEFAULTS)).json.isEnabled).toBe(true);
  });

  it("are hidden from an application without Policy.Read.All", async () => {
    test.tenant.authority.grant(["Organization.Read.All"]);
    await test.signIn();
    const answers = [await test.get(POLICIES), await test.get(DEFAULTS), await test.get(`${CLOUD}/cloudPCs`)];
    expect(answers.map((answer) => [answer.status, errorOf(answer).code])).toEqual([
      [403, "Authorization_RequestDenied"],
      [403, "Authorization_RequestDenied"],
      [403, "Forbidden"],
    ]);
  });
});
