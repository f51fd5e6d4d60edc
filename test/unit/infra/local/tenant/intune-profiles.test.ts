import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { INTUNE, items, TestTenant } from "./support.js";

const FEATURES = `${INTUNE}/windowsFeatureUpdateProfiles`;
const DRIVERS = `${INTUNE}/windowsDriverUpdateProfiles`;
const RING = {
  "@odata.type": "#microsoft.graph.windowsUpdateForBusinessConfiguration",
  displayName: "Ring",
  roleScopeTagIds: ["7"],
};
const feature = { displayName: "F", featureUpdateVersion: "Windows 11, version 23H2" };
const driver = { displayName: "D", approvalType: "automatic", deploymentDeferralInDays: 3 };
const catalogPolicy = { name: "S", platforms: "windows10", technologies: "mdm", settings: [] };

let test: TestTenant;
let group: string;
beforeAll(async () => {
  test = await TestTenant.start();
  group = await test.group("assigned");
});
afterAll(() => test.discard());

describe.each([
  ["deviceConfigurations", RING, 200],
  ["windowsQualityUpdatePolicies", { displayName: "Q" }, 204],
  ["windowsFeatureUpdateProfiles", feature, 204],
  ["windowsDriverUpdateProfiles", driver, 204],
  ["configurationPolicies", catalogPolicy, 200],
] as const)("%s", (collection, body, assigned) => {
  const path = `${INTUNE}/${collection}`;
  const target = (type: string, groupId?: string) => ({
    target: { "@odata.type": `#microsoft.graph.${type}`, ...(groupId === undefined ? {} : { groupId }) },
  });
  const create = async () => `${path}/${(await test.post(path, { ...body, roleScopeTagIds: ["7"] })).json.id}`;

  it("lists its assignments of every kind when they are expanded", async () => {
    const policy = await create();
    const assignments = [
      target("allDevicesAssignmentTarget"),
      target("allLicensedUsersAssignmentTarget"),
      target("exclusionGroupAssignmentTarget", group),
    ];
    expect((await test.post(`${policy}/assign`, { assignments })).status).toBe(assigned);
    const listed = items(await test.get(`${path}?$expand=assignments`)).find(({ id }) => policy.endsWith(String(id)));
    expect(listed?.assignments).toMatchObject(assignments);
  });

  it("replaces all assignments by those of the last body", async () => {
    const policy = await create();
    await test.post(`${policy}/assign`, { assignments: [target("groupAssignmentTarget", group)] });
    await test.post(`${policy}/assign`, { assignments: [] });
    expect(items(await test.get(`${policy}/assignments`))).toEqual([]);
  });

  it("refuses a group that does not exist", async () => {
    const nobody = target("groupAssignmentTarget", "11111111-0000-4000-a000-000000000000");
    expect((await test.post(`${await create()}/assign`, { assignments: [nobody] })).status).toBe(400);
  });

  it("keeps scope tags through a change", async () => {
    const policy = await create();
    const typed = collection === "deviceConfigurations" ? { "@odata.type": RING["@odata.type"] } : {};
    expect((await test.call("PATCH", policy, { ...typed, description: "Changed" })).status).toBe(200);
    expect((await test.get(policy)).json).toMatchObject({ description: "Changed", roleScopeTagIds: ["7"] });
  });

  it("is gone when it is deleted", async () => {
    const policy = await create();
    expect((await test.call("DELETE", policy)).status).toBe(204);
    expect((await test.get(policy)).status).toBe(404);
  });
});

describe("feature update profiles", () => {
  const start = "2024-07-01T00:00:00Z";
  const rollout = (offerEndDateTimeInUTC: string | null, offerIntervalInDays: number | null) => ({
    ...feature,
    rolloutSettings: { offerStartDateTimeInUTC: start, offerEndDateTimeInUTC, offerIntervalInDays },
  });

  it("want a version of the catalogue", async () => {
    const [known] = items(
      await test.get(
        `${INTUNE}/windowsUpdateCatalogItems/microsoft.graph.windowsFeatureUpdateCatalogItem?$filter=version eq '${feature.featureUpdateVersion}'`,
      ),
    );
    expect(known).toMatchObject({ version: feature.featureUpdateVersion });
    const wrong = { ...feature, featureUpdateVersion: "Windows 11 23H2" };
    expect([(await test.post(FEATURES, feature)).status, (await test.post(FEATURES, wrong)).status]).toEqual([
      201, 400,
    ]);
  });

  it.each([
    ["a start alone", rollout(null, null), 201],
    ["start, end and interval", rollout("2024-07-15T00:00:00Z", 2), 201],
    ["an end without an interval", rollout("2024-07-15T00:00:00Z", null), 400],
    ["an end before the start", rollout("2024-06-15T00:00:00Z", 2), 400],
  ])("roll out with %s: %#", async (_what, body, status) => {
    expect((await test.post(FEATURES, body)).status).toBe(status);
  });
});

describe("driver update profiles", () => {
  it("defer automatic approvals by at most 30 days", async () => {
    const days = async (deploymentDeferralInDays: number) =>
      (await test.post(DRIVERS, { ...driver, deploymentDeferralInDays })).status;
    expect([await days(30), await days(31)]).toEqual([201, 400]);
  });

  it("do not defer what is approved by hand", async () => {
    expect((await test.post(DRIVERS, { ...driver, approvalType: "manual" })).status).toBe(400);
  });

  it("keep their approval type", async () => {
    const { json } = await test.post(DRIVERS, driver);
    const change = { approvalType: "manual", deploymentDeferralInDays: null };
    expect((await test.call("PATCH", `${DRIVERS}/${json.id}`, change)).status).toBe(400);
  });

  it("know no drivers while they reach no device", async () => {
    const path = `${DRIVERS}/${(await test.post(DRIVERS, driver)).json.id}`;
    expect(items(await test.get(`${path}/driverInventories`))).toEqual([]);
    const answer = await test.post(`${path}/executeAction`, { actionName: "approve", driverIds: ["x"] });
    expect(answer.json.value).toMatchObject({ successfulDriverIds: [], notFoundDriverIds: ["x"] });
  });
});
