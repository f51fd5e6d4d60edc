import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { device, INTUNE, items, TestTenant } from "./support.js";

const POLICIES = `${INTUNE}/configurationPolicies`;
const SETTINGS = `${INTUNE}/configurationSettings`;
const TYPE = "#microsoft.graph.deviceManagementConfiguration";
const BRANCH = "pdates~policy~l_microsoftofficemachine~l_updates_l_updatebranch";
const FREQUENCY = "device_vendor_msft_policy_config_update_detectionfrequency";
const TELEMETRY = "device_vendor_msft_policy_config_system_allowtelemetry";

const choice = (settingDefinitionId: string, value: string, children: object[] = []) => ({
  "@odata.type": `${TYPE}ChoiceSettingInstance`,
  settingDefinitionId,
  choiceSettingValue: { "@odata.type": `${TYPE}ChoiceSettingValue`, value, children },
});
const integer = (settingDefinitionId: string, value: number) => ({
  "@odata.type": `${TYPE}SimpleSettingInstance`,
  settingDefinitionId,
  simpleSettingValue: { "@odata.type": `${TYPE}IntegerSettingValue`, value },
});
const policy = (...instances: object[]) => ({
  name: "Policy",
  platforms: "windows10",
  technologies: "mdm",
  settings: instances.map((settingInstance) => ({ "@odata.type": `${TYPE}Setting`, settingInstance })),
});
const channel = choice(BRANCH, `${BRANCH}_1`, [
  choice(`${BRANCH}_l_updatebranchid`, `${BRANCH}_l_updatebranchid_monthlyenterprise`),
]);

let test: TestTenant;
beforeAll(async () => {
  test = await TestTenant.start();
});
afterAll(() => test.discard());

describe("definitions of settings", () => {
  it("are found by id, with their options and children", async () => {
    const [found] = items(await test.get(`${SETTINGS}?$filter=id eq '${BRANCH}'`));
    expect(found?.options).toContainEqual(
      expect.objectContaining({
        itemId: `${BRANCH}_1`,
        dependedOnBy: [{ dependedOnBy: `${BRANCH}_l_updatebranchid`, required: true }],
      }),
    );
  });

  it("are found by part of their names", async () => {
    const found = items(await test.get(`${SETTINGS}?$filter=contains(displayName,'Detection')`));
    expect(found).toMatchObject([{ id: FREQUENCY, valueDefinition: { minimumValue: 1, maximumValue: 22 } }]);
  });
});

describe("settings catalog policies", () => {
  it("give back their settings when these are expanded", async () => {
    const { json, status } = await test.post(POLICIES, policy(channel));
    expect([status, json.settingCount, json.settings]).toEqual([201, 1, undefined]);
    const read = await test.get(`${POLICIES}('${json.id}')?$expand=settings,assignments`);
    expect(read.json).toMatchObject({ settings: [{ id: "0", settingInstance: channel }], assignments: [] });
  });

  it.each([
    ["an unknown setting", integer(`${FREQUENCY}s`, 4)],
    ["a value above the largest", integer(FREQUENCY, 23)],
    ["an option that there is not", choice(TELEMETRY, `${TELEMETRY}_9`)],
    ["an option without the child it needs", choice(BRANCH, `${BRANCH}_1`)],
    ["a child on its own", choice(`${BRANCH}_l_updatebranchid`, `${BRANCH}_l_updatebranchid_current`)],
    ["a number for a choice", integer(TELEMETRY, 1)],
  ])("refuse %s", async (_what, instance) => {
    expect((await test.post(POLICIES, policy(instance))).status).toBe(400);
  });

  it("are replaced as a whole by PUT", async () => {
    const { json } = await test.post(POLICIES, policy(channel));
    const change = { ...policy(integer(FREQUENCY, 4)), name: "Other" };
    expect((await test.call("PUT", `${POLICIES}('${json.id}')`, change)).status).toBe(204);
    const settings = items(await test.get(`${POLICIES}('${json.id}')/settings`));
    expect(settings).toMatchObject([{ settingInstance: { settingDefinitionId: FREQUENCY } }]);
    expect((await test.get(`${POLICIES}/${json.id}`)).json.name).toBe("Other");
  });
});

describe("the scan frequency", () => {
  const hours = (nth: number) => test.tenant.view(device(nth).deviceId).detectionFrequencyHours;

  it("reaches devices through groups nested twice, and ends with the policy", async () => {
    test.devices(2);
    const ring = await test.group("ring", [device(0).objectId]);
    const all = await test.group("all", [await test.group("rings", [ring])]);
    test.pass(31);
    const { json } = await test.post(POLICIES, policy(integer(FREQUENCY, 4)));
    const target = { "@odata.type": "#microsoft.graph.groupAssignmentTarget", groupId: all };
    await test.post(`${POLICIES}('${json.id}')/assign`, { assignments: [{ target }] });
    expect([hours(0), hours(1)]).toEqual([4, undefined]);
    await test.call("PUT", `${POLICIES}('${json.id}')`, policy(integer(FREQUENCY, 8)));
    expect(hours(0)).toBe(8);
    await test.call("DELETE", `${POLICIES}('${json.id}')`);
    expect(hours(0)).toBeUndefined();
  });

  it("tells the fleet which devices a policy for a nested group concerns", async () => {
    const heard = new Set<string>();
    test.tenant.onChange((ids) => {
      for (const id of ids === "all" ? [] : ids) heard.add(id);
    });
    const inner = await test.group("inner", [device(1).objectId]);
    const outer = await test.group("outer", [await test.group("middle", [inner])]);
    test.pass(31);
    heard.clear();
    const { json } = await test.post(POLICIES, policy(integer(FREQUENCY, 4)));
    const target = { "@odata.type": "#microsoft.graph.groupAssignmentTarget", groupId: outer };
    await test.post(`${POLICIES}('${json.id}')/assign`, { assignments: [{ target }] });
    expect([...heard]).toEqual([device(1).deviceId]);
  });
});
