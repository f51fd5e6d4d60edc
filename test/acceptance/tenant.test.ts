import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { DEFAULT_ROLES } from "../../infra/local/tenant/graph/permissions.js";
import type { Assessment } from "../../shared/tenant/assessments.js";
import type { Contact } from "../../shared/tenant/contacts.js";
import type { Entitlement } from "../../shared/tenant/licences.js";
import { call, type Problem } from "../support/api.js";
import type { Sources } from "../support/definitions.js";
import { addDevices, addMember, ringsInTenant } from "../support/devices.js";
import { directoryGroup, groupsNamed } from "../support/directory.js";
import type { GraphReader } from "../support/graph.js";
import { assessment, E3, enrol, enrolledWithSales, GRACE, ownUpdateRing, target, tenantOf } from "../support/tenant.js";
import { runTo, type World } from "../support/world.js";

const HOUR = 3_600_000;

let world: World;
let graph: GraphReader;
let sources: Sources;

beforeAll(async () => {
  ({ world, graph, sources } = await enrolledWithSales("2024-06-03T08:00Z"));
});
afterAll(() => world?.stop());

const later = (ms: number) => runTo(world, world.now() + ms);
const group = async () => (await call<{ definition: object }>(world, "GET", "/groups/sales")).body;
const renamed = async (description: string) =>
  call(world, "PUT", "/groups/sales", { definition: { ...(await group()).definition, description } });

describe("enrolment", () => {
  it("row 39: of a tenant that is ready records the terms, the consent and who gave them", async () => {
    const { enrolment, status, terms, consent } = await tenantOf(world);
    const by = { name: expect.any(String) };
    expect({ enrolment, status }).toEqual({ enrolment: "enrolled", status: "Active" });
    expect(terms).toMatchObject({ version: expect.any(String), by });
    expect(consent).toMatchObject({ by });
  });

  it.each([
    ["acceptTerms", { acceptTerms: false }],
    ["consent", { consent: false }],
    ["termsVersion", { termsVersion: "1999-12" }],
    ["contacts", { contacts: [] }],
    ["contacts.0.email", { contacts: [{ ...GRACE, email: "grace" }] }],
    ["surprise", { surprise: true }],
  ])("row 39: without a proper %s is refused by that name", async (field, given) => {
    const { status, body } = await enrol(world, given);
    expect([status, body.field]).toEqual([400, field]);
  });
});

describe("the readiness assessment", () => {
  const rings: string[] = [];
  const ring = async (...targets: object[]) => rings.push(await ownUpdateRing(graph, targets));
  const updateRings = async () => (await assessment(world)).updateRings;
  const grant = (roles: readonly string[]) => world.tenant.authority.grant(roles);

  afterEach(async () => {
    for (const id of rings.splice(0)) await graph.delete(`beta/deviceManagement/deviceConfigurations/${id}`);
    world.tenant.setLicences([E3]);
    grant(DEFAULT_ROLES);
  });

  it("row 39: a tenant with nothing in the way is Ready in every check", async () => {
    expect(await assessment(world)).toEqual({ updateRings: "Ready", coManagement: "Ready", licences: "Ready" });
  });

  it("row 39: the checks of 2022 run when they are asked for", async () => {
    const { conditionalAccess, securityDefaults } = await assessment(world, true);
    expect([conditionalAccess, securityDefaults]).toEqual(["Ready", "Ready"]);
    world.tenant.setSecurityDefaults(true);
    expect((await assessment(world, true)).securityDefaults).toBe("Not ready");
    world.tenant.setSecurityDefaults(false);
  });

  it("row 39: a check without its permission is in Error and says which one; the others run", async () => {
    grant(DEFAULT_ROLES.filter((role) => !role.startsWith("DeviceManagementConfiguration")));
    expect(await assessment(world)).toMatchObject({ updateRings: "Error", licences: "Ready" });
    const { body } = await call<Assessment>(world, "GET", "/tenant/assessment");
    expect(body.checks.find(({ id }) => id === "updateRings")?.todo).toContain("DeviceManagementConfiguration");
  });

  it("row 40: an update ring of the tenant's own on devices of the service is Advisory", async () => {
    await ring(target.group(sources.test));
    expect(await updateRings()).toBe("Advisory");
  });

  it("row 40: one on other devices is none of the service's business", async () => {
    const [other] = addDevices(world, 50, 1);
    await ring(target.group(await directoryGroup(graph, "Kiosks", [other?.objectId ?? ""])));
    expect(await updateRings()).toBe("Ready");
  });

  it("row 40: one on all devices is Advisory until the service's are excluded", async () => {
    await ring(target.everyone);
    expect(await updateRings()).toBe("Advisory");
    await graph.delete(`beta/deviceManagement/deviceConfigurations/${rings.pop()}`);
    const ours = (await groupsNamed(graph, "Ringmaster - All devices"))["Ringmaster - All devices"] ?? "";
    await ring(target.everyone, target.exclude(ours));
    expect(await updateRings()).toBe("Ready");
  });

  it("row 40: co-managed devices with a workload on Configuration Manager are Advisory", async () => {
    const workloads = { inventory: true, modernApps: true, resourceAccess: true, compliancePolicy: true };
    const needed = { windowsUpdateForBusiness: true, deviceConfiguration: true, officeApps: true };
    const coManagement = { ...workloads, ...needed, endpointProtection: true };
    const [device] = addDevices(world, 60, 1, { managementAgent: "configurationManagerClientMdm", coManagement });
    expect((await assessment(world)).coManagement).toBe("Ready");
    world.tenant.patchDevice(device?.deviceId ?? "", { coManagement: { ...coManagement, officeApps: false } });
    expect((await assessment(world)).coManagement).toBe("Advisory");
    world.tenant.removeDevice(device?.deviceId ?? "");
  });

  it("row 40: without a licence the tenant is Not ready", async () => {
    world.tenant.setLicences([]);
    expect((await assessment(world)).licences).toBe("Not ready");
  });

  it("row 42: its data are gone when an administrator deletes them", async () => {
    await assessment(world);
    expect((await call<Assessment>(world, "GET", "/tenant/assessment")).body).toMatchObject({
      by: { id: "function-key" },
    });
    expect((await call(world, "DELETE", "/tenant/assessment")).status).toBe(204);
    expect((await call(world, "GET", "/tenant/assessment")).status).toBe(404);
  });
});

describe("licences", () => {
  const LISTED = [
    ["SPE_E3", "05e9a617-0261-4cee-bb44-138d3ef5d965"],
    ["Microsoft_365_E3", "0c21030a-7e60-4ec7-9a0f-0042e0e0211a"],
    ["SPE_E3_RPA1", "c2ac2ee4-9bb1-47e4-8541-d689c7e83371"],
    ["SPE_E5", "06ebc4ee-1bb5-47dd-8120-11324bc54e06"],
    ["Microsoft_365_E5", "db684ac5-c0e7-4f92-8284-ef9ebde75d33"],
    ["SPE_E5_CALLINGMINUTES", "a91fc4e0-65e5-4266-aa76-4037509c1626"],
    ["SPE_E5_NOPSTNCONF", "cd2925a3-5076-4233-8931-638a8c94f773"],
    ["Microsoft_365_E5_without_Audio_Conferencing", "2113661c-6509-4034-98bb-9c47bd28d63c"],
    ["SPE_E3_TEST", "23a55cbc-971c-4ba2-8bae-04cd13d2f4ad"],
    ["SPE_E5_NOPSTNCONF_TEST", "1362a0d9-b3c2-4112-bf1a-7a838d181c0f"],
    ["WIN10_VDA_E3", "6a0f6da5-0b87-4190-a6ae-9bb5a2b9546a"],
    ["WIN10_VDA_E5", "488ba24a-39a9-4473-8ee5-19291e71b002"],
    ["E3_VDA_only", "d13ef257-988a-46f3-8fce-f47484dd4550"],
    ["SPE_F1", "66b55226-6b4f-492c-910c-a3b7a3c9d993"],
  ] as const;
  const found = async () => (await call<Entitlement>(world, "GET", "/tenant/licences")).body;

  afterEach(() => world.tenant.setLicences([E3]));

  it.each(LISTED)("row 41: %s is recognised by its GUID, without name or service plan", async (partNumber, skuId) => {
    world.tenant.setLicences([{ skuId, skuPartNumber: "RENAMED", servicePlans: [] }]);
    expect(await found()).toMatchObject({ licensed: true, supportRequests: true, recognised: [{ partNumber, skuId }] });
  });

  it("row 41: another GUID is none of them", async () => {
    const skuId = "05e9a617-0261-4cee-bb44-138d3ef5d966";
    world.tenant.setLicences([{ skuId, skuPartNumber: "SPE_E3", servicePlans: [] }]);
    expect(await found()).toMatchObject({ licensed: false, recognised: [] });
  });

  it("row 41: a licence that is not listed counts by its service plan, but not for support requests", async () => {
    world.tenant.setLicences([{ skuId: "cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46", skuPartNumber: "SPB" }]);
    expect(await found()).toMatchObject({ licensed: true, supportRequests: false, byServicePlan: ["SPB"] });
  });
});

describe("admin contacts", () => {
  const contacts = async (query = "") =>
    (await call<{ value: Contact[] }>(world, "GET", `/tenant/contacts${query}`)).body.value;
  const add = (given: object) => call<Contact & Problem>(world, "POST", "/tenant/contacts", { ...GRACE, ...given });

  it("row 43: carry name, email, phone, language and focus areas, and can be changed and removed", async () => {
    const added = await add({ name: "Linus", email: "linus@contoso.example", areas: ["Devices"] });
    expect(added.status).toBe(201);
    const path = `/tenant/contacts/${added.body.id}`;
    expect((await call(world, "PUT", path, { ...added.body, phone: "+1 206 555 0100" })).status).toBe(200);
    expect((await call<Contact>(world, "GET", path)).body).toEqual({ ...added.body, phone: "+1 206 555 0100" });
    expect((await call(world, "DELETE", path)).status).toBe(204);
    expect((await call(world, "GET", path)).status).toBe(404);
  });

  it.each([
    ["name", ""],
    ["email", "nobody"],
    ["phone", "ring me"],
    ["language", "Klingon language"],
    ["areas", ["Coffee"]],
    ["areas", []],
  ])("row 43: a contact whose %s is %j is refused by that name", async (field, value) => {
    const { status, body } = await add({ email: "new@contoso.example", [field]: value });
    expect([status, body.field?.split(".")[0]]).toEqual([400, field]);
  });

  it("row 43: every focus area keeps at least one contact", async () => {
    const [only] = await contacts();
    const { status, body } = await call(world, "DELETE", `/tenant/contacts/${only?.id}`);
    expect([status, body.field, body.limit]).toEqual([422, "areas", 1]);
    const narrowed = await call(world, "PUT", `/tenant/contacts/${only?.id}`, { ...GRACE, areas: ["Updates"] });
    expect(narrowed.status).toBe(422);
    expect(await contacts()).toEqual([only]);
  });

  it("row 43: a contact without the checkbox is not among those who get release mail", async () => {
    const { body } = await add({ name: "Quiet", email: "quiet@contoso.example", releaseMail: false });
    const mailed = async () => (await contacts("?releaseMail=true")).map(({ name }) => name);
    expect(await mailed()).not.toContain("Quiet");
    await call(world, "PUT", `/tenant/contacts/${body.id}`, { ...body, releaseMail: true });
    expect(await mailed()).toContain("Quiet");
    await call(world, "DELETE", `/tenant/contacts/${body.id}`);
  });
});

describe("an Inactive tenant", () => {
  const LOSSES = [
    {
      action: "Maintain tenant access: Licenses",
      lose: () => world.tenant.setLicences([]),
      restore: () => world.tenant.setLicences([E3]),
    },
    {
      action: "Maintain tenant access: Auth",
      lose: () => world.tenant.revokeConsent(),
      restore: () => world.tenant.grantConsent(),
    },
  ];

  it.each(LOSSES)(
    "row 45: is so within 4 hours of its loss ($action), and Active within 2 of its return",
    async (loss) => {
      loss.lose();
      await later(4 * HOUR);
      const inactive = await tenantOf(world);
      expect([inactive.status, inactive.reasons.map(({ action }) => action)]).toEqual(["Inactive", [loss.action]]);
      expect(inactive.actions).toMatchObject([{ name: loss.action, severity: "critical" }]);
      await later(2 * HOUR);
      expect((await tenantOf(world)).status).toBe("Inactive");
      loss.restore();
      await later(2 * HOUR);
      expect(await tenantOf(world)).toMatchObject({ status: "Active", reasons: [] });
    },
  );

  it("row 45: can be read, and written in tenant management only; nobody acts in it", async () => {
    expect((await renamed("As it was.")).status).toBe(200);
    await world.settle();
    const before = await ringsInTenant(world, graph, "sales");
    world.tenant.setLicences([]);
    expect((await call(world, "POST", "/tenant/check")).status).toBe(200);

    const refused = await renamed("Changed meanwhile.");
    expect([refused.status, refused.body.code]).toEqual([409, "tenant_inactive"]);
    expect((await call<Problem>(world, "POST", "/devices/discover", {})).status).toBe(409);
    expect((await group()).definition).toMatchObject({ description: "As it was." });
    const [contact] = (await call<{ value: Contact[] }>(world, "GET", "/tenant/contacts")).body.value;
    expect((await call(world, "PUT", `/tenant/contacts/${contact?.id}`, contact)).status).toBe(200);

    const [late] = addDevices(world, 70, 1);
    await addMember(graph, sources.test, late?.objectId ?? "");
    await later(3 * HOUR);
    expect(await ringsInTenant(world, graph, "sales")).toEqual(before);

    world.tenant.setLicences([E3]);
    expect((await call<{ status: string }>(world, "POST", "/tenant/check")).body.status).toBe("Active");
    expect((await renamed("Changed afterwards.")).status).toBe(200);
    await later(2 * HOUR);
    expect((await ringsInTenant(world, graph, "sales")).Test).toContain(late?.objectId);
  });
});
