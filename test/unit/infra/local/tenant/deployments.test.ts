import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { device, items, TestTenant, UPDATES } from "./support.js";

const ASSET = "#microsoft.graph.windowsUpdates.azureADDevice";
const ids = [0, 1].map((nth) => device(nth).deviceId);

let test: TestTenant;
beforeEach(async () => {
  test = await TestTenant.start({ at: "2024-06-12T00:00:00Z" });
  test.devices(2);
});
afterEach(() => test.discard());

const view = (nth: number) => test.tenant.view(ids[nth] ?? "");

async function audience(members: readonly string[]): Promise<string> {
  const { json } = await test.post(`${UPDATES}/deploymentAudiences`, {});
  const path = `${UPDATES}/deploymentAudiences/${json.id}`;
  const body = { memberEntityType: ASSET, addMembers: members };
  expect((await test.post(`${path}/updateAudienceById`, body)).status).toBe(202);
  return path;
}

async function deploy(settings: object, more: object = {}, update = "2024.06 B") {
  const content = { catalogEntry: { id: await test.entryId(update) } };
  return test.post(`${UPDATES}/deployments`, { content, settings, ...more });
}

const expedited = { expedite: { isExpedited: true }, userExperience: { daysUntilForcedReboot: 2 } };
const gradual = (rollout: object) => ({
  schedule: {
    gradualRollout: { "@odata.type": "#microsoft.graph.windowsUpdates.rateDrivenRolloutSettings", ...rollout },
  },
});

describe("updatable assets", () => {
  const assets = `${UPDATES}/updatableAssets`;
  const enrol = (verb: string, id = ids[0]) =>
    test.post(`${assets}/${verb}AssetsById`, { updateCategory: "feature", memberEntityType: ASSET, ids: [id] });
  const state = async () => (await test.get(`${assets}/${ids[0]}`)).json.enrollment;

  it("shows an enrolment after a few seconds, and its end after some more", async () => {
    const answer = await enrol("enroll");
    expect([answer.status, answer.text, answer.headers["content-type"]]).toEqual([202, "", undefined]);
    expect(await state()).toMatchObject({ feature: { enrollmentState: "enrolling" } });
    test.pass(3);
    expect(await state()).toMatchObject({
      feature: { enrollmentState: "enrolled" },
      driver: { enrollmentState: "notEnrolled" },
    });
    await enrol("unenroll");
    expect(await state()).toMatchObject({ feature: { enrollmentState: "unenrolling" } });
    test.pass(9);
    expect(await state()).toMatchObject({ feature: { enrollmentState: "notEnrolled" } });
  });

  it("accepts an unknown device and reports the error on the asset", async () => {
    const unknown = "11111111-0000-4000-a000-000000000000";
    expect((await enrol("enroll", unknown)).status).toBe(202);
    expect((await test.get(`${assets}/${unknown}`)).json.errors).toMatchObject([{ reason: "invalidAzureADDeviceId" }]);
  });

  it("answers 202 and does nothing when that fault is on", async () => {
    test.tenant.faults.set({ hiddenWrite: 1 });
    expect((await enrol("enroll")).status).toBe(202);
    expect((await test.get(`${assets}/${ids[0]}`)).status).toBe(404);
  });
});

describe("audiences", () => {
  it("lists members, adding them twice counts once", async () => {
    const path = await audience([...ids, ...ids]);
    expect(items(await test.get(`${path}/members`)).map(({ id }) => id)).toEqual(ids);
  });

  it("cannot be deleted while a deployment uses it", async () => {
    const path = await audience(ids);
    const { json } = await deploy({}, { audience: { id: path.split("/").at(-1) } });
    expect((await test.call("DELETE", path)).status).toBe(409);
    await test.call("DELETE", `${UPDATES}/deployments/${json.id}`);
    expect((await test.call("DELETE", path)).status).toBe(204);
  });
});

describe("deployments", () => {
  it("answers a create with a hollow catalogue entry and an audience", async () => {
    const { status, json } = await deploy(expedited);
    expect(status).toBe(201);
    expect(json).toMatchObject({
      state: { effectiveValue: "offering", requestedValue: "none", reasons: [] },
      content: { catalogEntry: { displayName: null, isExpeditable: false } },
      audience: { id: expect.any(String) },
    });
  });

  it("expedites for members of the audience that are not excluded", async () => {
    const path = await audience(ids);
    await test.post(`${path}/updateAudience`, { addExclusions: [{ "@odata.type": ASSET, id: ids[1] }] });
    await deploy(expedited, { audience: { id: path.split("/").at(-1) } });
    expect(view(0).expedite).toEqual({ build: "10.0.22631.3737", daysUntilForcedReboot: 2 });
    expect(view(1).expedite).toBeUndefined();
  });

  it("pauses, resumes and archives for good", async () => {
    const { json } = await deploy({});
    const path = `${UPDATES}/deployments/${json.id}`;
    const request = async (requestedValue: string) =>
      (await test.call("PATCH", path, { state: { requestedValue } })).status;
    const effective = async () => (await test.get(path)).json.state;
    expect(await request("paused")).toBe(202);
    expect(await effective()).toMatchObject({ effectiveValue: "paused", reasons: [{ value: "pausedByRequest" }] });
    await request("none");
    expect(await effective()).toMatchObject({ effectiveValue: "offering" });
    await request("archived");
    expect(await request("none")).toBe(400);
  });

  it("is scheduled until its start", async () => {
    const { json } = await deploy({ schedule: { startDateTime: "2024-06-13T00:00:00Z" } });
    expect(json.state).toMatchObject({ effectiveValue: "scheduled" });
    test.pass(86_400);
    expect((await test.get(`${UPDATES}/deployments/${json.id}`)).json.state).toMatchObject({
      effectiveValue: "offering",
    });
  });

  it("stores 0 devices per offer when the property is misspelt", async () => {
    const { json } = await deploy(gradual({ devicePerOffer: 100 }));
    expect(json.settings).toMatchObject({
      schedule: { gradualRollout: { devicesPerOffer: 0, durationBetweenOffers: "P1D" } },
    });
  });

  it.each([
    ["P30D", 201],
    ["P31D", 400],
    ["P1W", 400],
  ])("judges %s between offers", async (durationBetweenOffers, status) => {
    expect((await deploy(gradual({ durationBetweenOffers }))).status).toBe(status);
  });

  it("refuses a readiness test that is not expedited", async () => {
    expect((await deploy({ expedite: { isReadinessTest: true } })).status).toBe(400);
  });

  it("refuses to expedite a preview", async () => {
    expect((await deploy(expedited, {}, "2024.05 D")).status).toBe(400);
  });

  it.each([
    [{ signal: "rollback", threshold: 5, action: "pauseDeployment" }, 201],
    [{ signal: "rollback", threshold: 101, action: "pauseDeployment" }, 400],
    [{ signal: "ineligible", action: "offerFallback" }, 201],
    [{ signal: "ineligible", action: "alertError" }, 400],
  ])("judges the rule %o", async (rule, status) => {
    expect((await deploy({ monitoring: { monitoringRules: [rule] } })).status).toBe(status);
  });
});

describe("update policies", () => {
  it("deploys what is approved, archives it on revocation, and never takes that back", async () => {
    const id = (await audience(ids)).split("/").at(-1);
    const { json: policy } = await test.post(`${UPDATES}/updatePolicies`, { audience: { id } });
    const path = `${UPDATES}/updatePolicies/${policy.id}/complianceChanges`;
    const type = { "@odata.type": "#microsoft.graph.windowsUpdates.contentApproval" };
    const content = { catalogEntry: { id: await test.entryId("2024.06 B") } };
    const { json: approval } = await test.post(path, { ...type, content });
    const deployment = async () =>
      items(await test.get(`${UPDATES}/deployments?$filter=audience/id eq '${id}'`))[0]?.state;
    expect(approval).toMatchObject({ isRevoked: false, revokedDateTime: "0001-01-01T00:00:00Z" });
    expect(await deployment()).toMatchObject({ effectiveValue: "offering" });
    const revoke = () => test.call("PATCH", `${path}/${approval.id}`, { ...type, isRevoked: true });
    expect((await revoke()).status).toBe(200);
    expect(await deployment()).toMatchObject({ effectiveValue: "archived" });
    expect((await revoke()).status).toBe(400);
  });
});
