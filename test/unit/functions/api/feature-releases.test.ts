import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { apiInMemory, mocksInForce } from "../../../support/api-in-memory.js";
import { featureWorkshop } from "../../../support/feature-releases.js";

const api = apiInMemory();
await mocksInForce();
let scopeTagIds: "all" | readonly string[] = "all";
vi.doMock("../../../../shared/access/caller.js", async () => {
  const { rightsByName } = await import("../../../../shared/access/built-in-roles.js");
  const ada = () => ({ id: "ada", name: "Ada", rights: rightsByName(["Administrator"])[0], scopeTagIds });
  return { callerOf: async () => ({ actor: ada(), via: "token" }) };
});
const workshop = await featureWorkshop(api);
const { call, noted } = api;

let names = 0;
let name = "";
beforeAll(async () => {
  await workshop.open();
  await workshop.addGroup("sales");
});
afterAll(() => workshop.close());
beforeEach(() => {
  noted.length = 0;
  api.logIsDown = false;
  scopeTagIds = "all";
  name = `Release ${++names}`;
});

const body = (more: object = {}) => ({
  ...{ name, version: "Windows 11, version 23H2", groups: ["sales"] },
  phases: [
    { rings: ["Test", "Ring1"].map((ring) => ({ groupId: "sales", ring })), firstDate: "2024-07-01" },
    { rings: [{ groupId: "sales", ring: "Last" }], firstDate: "2024-08-01", gradualGroups: 2 },
  ],
  ...more,
});
const create = (headers = {}, more = {}) => call("featureReleasesCreate", { headers, body: body(more) });
const cancel = (id: unknown, headers = {}) =>
  call("featureReleasesCancel", { params: { featureReleaseId: String(id) }, headers, body: { reason: "schedule" } });

describe("a feature release", () => {
  it("is changed only as the caller saw it, and every change is in the audit log", async () => {
    const { body: made } = await create();
    const params = { featureReleaseId: String(made.id) };
    const etag = (await call("featureReleasesGet", { params })).headers.get("etag") ?? "";
    const dates = { phases: [{ phase: 1, firstDate: "2024-07-08" }] };
    const headers = { "if-match": etag };
    expect((await call("featureReleasesEditDates", { params, headers, body: dates })).status).toBe(200);
    expect((await call("featureReleasesEditDates", { params, headers, body: dates })).status).toBe(412);
    expect((await cancel(made.id, headers)).status).toBe(412);
    expect((await cancel(made.id)).status).toBe(200);
    const changes = noted.filter((action) => action.startsWith("featureRelease."));
    expect(changes).toEqual(["featureRelease.create", "featureRelease.editDates", "featureRelease.cancel"]);
  });

  it("is neither made nor changed while the audit log is away", async () => {
    api.logIsDown = true;
    expect((await create()).status).toBe(503);
    api.logIsDown = false;
    expect((await call("featureReleasesList")).body.value).not.toContainEqual(expect.objectContaining({ name }));
    const { body: made } = await create();
    const before = (await call("featureReleasesGet", { params: { featureReleaseId: String(made.id) } })).body;
    api.logIsDown = true;
    expect((await cancel(made.id)).status).toBe(503);
    api.logIsDown = false;
    expect((await call("featureReleasesGet", { params: { featureReleaseId: String(made.id) } })).body).toEqual(before);
    await cancel(made.id);
  });

  it("is made once for one Idempotency-Key, also where the first call was cut off", async () => {
    const headers = { "idempotency-key": name.replace(" ", "-") };
    api.logIsDown = true;
    expect((await create(headers)).status).toBe(503);
    api.logIsDown = false;
    const { status, body: made } = await create(headers);
    expect(status).toBe(201);
    await cancel(made.id);
  });

  it("is made by one of two who want the same group at the same moment", async () => {
    const both = await Promise.all([create(), create({}, { name: `${name} too` })]);
    expect(both.map(({ status }) => status).sort()).toEqual([201, 422]);
    expect(both.find(({ status }) => status === 422)?.body.rule).toBe("groupInScheduledRelease");
    await cancel(both.find(({ status }) => status === 201)?.body.id);
  });

  it.each([
    ["a group that there is not", { groups: ["nobody"] }, 422, "groups[0]"],
    ["no phases", { phases: [] }, 400, "phases"],
    ["an unknown field", { approval: true }, 400, "approval"],
    ["a date that is none", { phases: [{ rings: [], firstDate: "soon" }] }, 400, "phases.0.firstDate"],
  ])("is refused with %s", async (_what, more, status, field) => {
    const answer = await create({}, more);
    expect([answer.status, answer.body.field]).toEqual([status, field]);
  });

  it("is there for a scoped admin only where all its groups are his", async () => {
    const { body: made } = await create();
    const params = { featureReleaseId: String(made.id) };
    const seen = async () => [
      (await call("featureReleasesGet", { params })).status,
      ((await call("featureReleasesList")).body.value as unknown[]).length > 0,
      (await call("featureReleasesPause", { params, body: { reason: "other" } })).status,
      (await create({}, { name: `${name} too` })).body.field,
    ];
    scopeTagIds = ["7"];
    expect(await seen()).toEqual([404, false, 404, "groups"]);
    scopeTagIds = ["0"];
    expect(await seen()).toEqual([200, true, 409, "groups[0]"]);
    await cancel(made.id);
  });

  it("is canceled before its policy is made, or not at all", async () => {
    const { body: made } = await create(
      {},
      { phases: body().phases.map((phase) => ({ ...phase, firstDate: "2024-06-14" })) },
    );
    api.afterReading = async () => {
      await workshop.automationAt("2024-06-13T04:00:00Z");
    };
    const { status } = await cancel(made.id);
    const { body: after } = await call("featureReleasesGet", { params: { featureReleaseId: String(made.id) } });
    const policies = [...(await workshop.policies()).keys()].filter((policy) => policy.includes(`- ${name} -`));
    expect([status, after.status, policies.length]).toEqual([409, "Active", 2]);
  });

  it("makes no policy twice, also where somebody wrote another description", async () => {
    const before = await workshop.policies();
    for (const [title, { id }] of before) if (title.includes("DSS")) await workshop.describePolicy(id, "Mine now.");
    await workshop.automationAt("2024-06-13T16:00:00Z");
    expect([...(await workshop.policies()).keys()]).toEqual([...before.keys()]);
  });
});

it("Windows versions come with their support", async () => {
  const { body: catalogue } = await call("featureReleasesCatalogue");
  const support = Object.fromEntries(
    (catalogue.value as { version: string; support: string }[]).map((each) => [each.version, each.support]),
  );
  expect(support).toMatchObject({
    "Windows 10, version 21H2": "Not supported",
    "Windows 11, version 23H2": "Supported",
  });
});
