import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { z } from "zod";
import { azureTable } from "../../shared/store/azure-table.js";
import { documents } from "../../shared/store/documents.js";
import { connectWith } from "../../shared/store/tables.js";
import { requestSchema } from "../../shared/support/request.js";
import type { requestViewSchema } from "../../shared/support/view.js";
import { type Answer, call, type Problem } from "../support/api.js";
import { E3 } from "../support/tenant.js";
import { runTo, startWorld, type World } from "../support/world.js";

type Request = z.infer<typeof requestViewSchema> & Problem;

const HOUR = 3_600_000;
const FORM = {
  description: "Ring2 of Workforce is stuck.",
  severity: "Critical",
  issueType: "qualityUpdates",
  primaryContact: { name: "Grace", email: "grace@contoso.example" },
};

/** No release falls into the time that passes here. */
let world: World;
beforeAll(async () => {
  world = await startWorld({
    ...{ from: "2024-07-10T00:00Z", devices: 10, releasesOnly: true },
    appSettings: {
      ...{ RELEASE_MAX_AGE_DAYS: "0", "AzureWebJobs.patchTuesday.Disabled": "true" },
      "AzureWebJobs.announcementsDaily.Disabled": "true",
    },
  });
  await world.settle();
});
afterAll(() => world?.stop());

const open = (given: object = {}): Promise<Answer<Request>> =>
  call<Request>(world, "POST", "/support-requests", { ...FORM, ...given });
const act = (id: string, what: string, body: object = {}) =>
  call<Request>(world, "POST", `/support-requests/${id}/${what}`, body);
const later = (ms: number) => runTo(world, world.now() + ms);

/** Moves a request's entries in storage to an instant: half a year is long to run. */
async function age(id: string, to: string): Promise<void> {
  const table = azureTable(connectWith(world.storage.connectionString, "SupportRequests"));
  const requests = documents(table, requestSchema);
  const found = await requests.get("request", id);
  if (found === undefined) throw new Error(`There is no request ${id}.`);
  const history = found.body.history.map((entry) => ({ ...entry, at: Date.parse(to) }));
  await requests.put("request", id, { ...found.body, history, mitigatedAt: Date.parse(to) });
}

describe("a support request", () => {
  let id: string;

  it("row 103: carries description, severity, issue type and primary contact", async () => {
    const { status, body } = await open();
    expect([status, body.status]).toEqual([201, "open"]);
    expect(body).toMatchObject(FORM);
    id = body.id;
  });

  it.each([
    ["description", ""],
    ["severity", "D"],
    ["issueType", "coffee"],
    ["primaryContact", "Grace"],
  ])("row 103: whose %s is %j is refused by that name", async (field, value) => {
    const { status, body } = await open({ [field]: value });
    expect([status, body.field]).toEqual([400, field]);
  });

  it("row 103: has the severities of the contract: Critical and non-critical, A to C only for Premier", async () => {
    expect((await open({ severity: "Non-critical" })).status).toBe(201);
    for (const severity of ["A", "B", "C"]) {
      const { status, body } = await open({ severity });
      expect([status, body.field]).toEqual([422, "severity"]);
    }
  });

  it("row 103: keeps its history", async () => {
    expect((await act(id, "comments", { text: "Logs are attached." })).status).toBe(201);
    const { body } = await act(id, "mitigate", { text: "The policy was restored." });
    expect(body.status).toBe("mitigated");
    expect(body.history.map(({ act: what, text }) => [what, text])).toEqual([
      ["open", null],
      ["comment", "Logs are attached."],
      ["mitigate", "The policy was restored."],
    ]);
  });

  it("row 103: can be reactivated within 24 hours after it was mitigated", async () => {
    await later(24 * HOUR);
    expect(await act(id, "reactivate")).toMatchObject({ status: 200, body: { status: "open" } });
  });

  it("row 103: cannot be reactivated any more after 24 hours", async () => {
    await act(id, "mitigate");
    await later(24 * HOUR + 60_000);
    const { status, body } = await act(id, "reactivate");
    expect([status, body.code, body.limit]).toEqual([409, "conflict", 24]);
  });

  it("row 103: may be opened while the tenant is Inactive, but not with licences that bring no support", async () => {
    world.tenant.setLicences([]);
    await call(world, "POST", "/tenant/check");
    expect((await open()).status).toBe(201);
    world.tenant.setLicences([{ skuId: "cbdc14ab-d96c-4c30-b9f4-6ada7cdc1d46", skuPartNumber: "SPB" }]);
    expect((await open()).status).toBe(422);
    world.tenant.setLicences([E3]);
    await call(world, "POST", "/tenant/check");
  });

  it("row 103: is kept for 6 months after its last entry, and then deleted", async () => {
    await age(id, "2024-01-14T12:00:00Z");
    await runTo(world, "2024-07-14T11:00Z");
    expect((await call(world, "GET", `/support-requests/${id}`)).status).toBe(200);
    await runTo(world, "2024-07-15T11:00Z");
    expect((await call(world, "GET", `/support-requests/${id}`)).status).toBe(404);
  });
});
