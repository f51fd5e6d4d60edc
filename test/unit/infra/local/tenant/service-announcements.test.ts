import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { DEFAULT_ROLES } from "../../../../../infra/local/tenant/graph/permissions.js";
import { items, TestTenant, UPDATES } from "./support.js";

let test: TestTenant;
beforeEach(async () => {
  test = await TestTenant.start({ at: "2024-06-11T16:59:59Z" });
});
afterEach(() => test.discard());

const DAY = 86_400;
const ANNOUNCEMENTS = "/v1.0/admin/serviceAnnouncement";
const newest = async (path: string) => items(await test.get(`${ANNOUNCEMENTS}/${path}`))[0] ?? {};

describe("service announcements", () => {
  it("speak of an update from its publication, with all its KBs", async () => {
    expect((await newest("messages")).title).toBe("Windows security update 2024.05 B is available");
    test.pass(1);
    const post = await newest("messages");
    expect(post).toMatchObject({
      id: expect.stringMatching(/^MC\d{6}$/),
      title: "Windows security update 2024.06 B is available",
      startDateTime: "2024-06-11T17:00:00Z",
      category: "stayInformed",
      services: ["Windows"],
      viewPoint: null,
    });
    expect((post.body as { content: string }).content).toMatch(/KB5039211.*KB5039212/);
    expect((await test.get(`${ANNOUNCEMENTS}/messages/${post.id}`)).json).toMatchObject({ id: post.id });
    expect((await test.get(`${ANNOUNCEMENTS}/messages/MC1`)).status).toBe(404);
  });

  it("are found by service and by time of change", async () => {
    test.pass(4 * DAY);
    const filter = "services/any(s:s eq 'Windows') and lastModifiedDateTime gt 2024-06-01T00:00:00Z";
    const found = items(await test.get(`${ANNOUNCEMENTS}/messages?$filter=${filter}`));
    expect(found.map(({ title }) => title)).toEqual(["Windows security update 2024.06 B is available"]);
  });

  it("tell of an issue that is reported, confirmed, and resolved by the next update", async () => {
    test.pass(3 * DAY);
    expect((await newest("issues")).startDateTime).toBe("2024-05-17T17:00:00Z");
    test.pass(1);
    const reported = await newest("issues");
    expect(reported).toMatchObject({
      id: expect.stringMatching(/^WI\d{6}$/),
      title: expect.stringContaining("KB5039212"),
      status: "reported",
      isResolved: false,
      service: "Windows",
      classification: "advisory",
    });
    test.pass(DAY);
    expect(await newest("issues")).toMatchObject({ id: reported.id, status: "confirmed" });
    test.pass(28 * DAY);
    const resolved = (await test.get(`${ANNOUNCEMENTS}/issues/${reported.id}`)).json;
    expect(resolved).toMatchObject({ status: "resolved", isResolved: true, endDateTime: "2024-07-09T17:00:00Z" });
    expect((resolved.posts as unknown[]).length).toBe(3);
  });

  it("sum the open issues up as the health of Windows", async () => {
    test.pass(4 * DAY);
    const plain = await newest("healthOverviews");
    expect(plain).toEqual({ id: "Windows", service: "Windows", status: "serviceDegradation" });
    const { issues } = await newest("healthOverviews?$expand=issues");
    expect(issues).toMatchObject([{ title: expect.stringContaining("KB5039212") }]);
  });

  it("need their permissions, one for messages and one for health", async () => {
    test.tenant.authority.grant(DEFAULT_ROLES.filter((role) => role !== "ServiceHealth.Read.All"));
    await test.signIn();
    expect((await test.get(`${ANNOUNCEMENTS}/messages`)).status).toBe(200);
    expect((await test.get(`${ANNOUNCEMENTS}/issues`)).status).toBe(403);
  });
});

describe("known issues of products", () => {
  it("are those of service health, with the article that brought them and the one that resolves them", async () => {
    test.pass(4 * DAY);
    const { id } = await newest("issues");
    const found = items(await test.get(`${UPDATES}/products/FindByKbNumber(kbNumber=5039212)?$expand=knownIssues`));
    expect(found).toMatchObject([
      {
        name: "Windows 11, version 23H2",
        knownIssues: [{ id, status: "reported", originatingKnowledgeBaseArticle: { id: "KB5039212" } }],
      },
    ]);
    const path = `${UPDATES}/products/${found[0]?.id}`;
    const inRange = async (range: string) =>
      items(await test.get(`${path}/GetKnownIssuesByTimeRange(${range})`)).map(({ status }) => status);
    expect(await inRange("daysInPast=5")).toEqual(["resolved", "reported"]);
    test.pass(10 * DAY);
    expect(await inRange("daysInPast=5")).toEqual([]);
    expect(await inRange("daysInPast=5,includeAllActive=true")).toEqual(["confirmed"]);
    expect(items(await test.get(`${path}/knownIssues`)).length).toBeGreaterThan(3);
  });
});
