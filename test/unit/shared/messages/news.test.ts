import { beforeEach, describe, expect, it, vi } from "vitest";
import { cardOf } from "../../../../shared/messages/card.js";
import { cardProblems } from "../../../support/cards.js";
import { releaseOf } from "../releases/fixtures.js";

const B = Date.parse("2024-06-11T17:00:00Z");
const RELEASE = { ...releaseOf("off", B), id: "r1", groupName: "Workforce" };
const releases = new Map<string, unknown>();
vi.mock("../../../../shared/releases/store.js", () => ({
  findRelease: async (id: string) => releases.get(id),
  listReleases: async () => [...releases.values()],
  listRings: async () => [
    { ring: "Test", state: { plan: { ring: "Test", availableAt: B, targetAt: B } } },
    { ring: "Last", state: { plan: { ring: "Last", availableAt: B + 864e6, targetAt: null } } },
  ],
}));
const { newsOf } = await import("../../../../shared/messages/news.js");

const UPDATE = RELEASE.update.shortName;
const AT = "2024-06-13T10:00:00.000Z";
const NOW = Date.parse(AT) + 60_000;

async function told(action: string, evidence: Record<string, unknown> = {}, more: object = {}) {
  const body = { at: AT, actor: { id: "ada", name: "Ada" }, action, target: "release/r1", evidence, ...more };
  return newsOf({ id: `1 ${action} k`, body }, NOW);
}

beforeEach(() => {
  releases.clear();
  releases.set("r1", RELEASE);
});

describe("what people are told", () => {
  it.each([
    [
      "release.pause",
      { rings: ["Ring2", "Ring3"] },
      "paused",
      `Ada paused ${UPDATE} in Ring2, Ring3 of Workforce, for at`,
    ],
    ["release.pause", {}, "paused", `Ada paused ${UPDATE} in Workforce`],
    ["release.servicePause", {}, "paused", "nobody decided"],
    ["release.gate.pause", { enforced: true }, "paused", "The health gate paused"],
    ["release.monitoringRule.pause", { enforced: true }, "paused", "The monitoring rule paused"],
    ["release.resume", {}, "resumed", "up to 8 hours"],
    ["release.extend", {}, "scheduleChanged", "by 35 days"],
    ["release.rollBack", {}, "rolledBack", "uninstalled"],
    ["release.cancel", {}, "cancelled", "what is installed stays"],
    ["release.expedite", {}, "expedited", "is expedited in Workforce"],
    ["release.end", { outcome: "rolledBack" }, "rolledBack", "is rolled back in Workforce"],
  ])("of %s %j: %s, by mail", async (action, evidence, event, text) => {
    const news = await told(action, evidence);
    expect(news?.head.id).toMatch(/^(release|outOfBand)-/);
    expect(news?.update).toMatchObject({ event, text: expect.stringContaining(text), notify: true });
  });

  it.each([
    ["release.end", { outcome: "completed" }, "ended"],
    ["release.end", { outcome: "superseded" }, "ended"],
    ["release.announcement", { title: "T", announcementId: "MC1", status: "s" }, "announcement"],
  ])("of %s %j: %s, in the message alone", async (action, evidence, event) => {
    expect((await told(action, evidence))?.update).toMatchObject({ event, notify: false });
  });

  it.each([
    ["release.gate.pause", { enforced: false }],
    ["release.gate.hold", { enforced: true }],
    ["release.pause.refused", {}],
    ["ring.begin", {}],
    ["devices.discover", {}],
  ])("of %s %j: nothing", async (action, evidence) => {
    expect(await told(action, evidence)).toBeUndefined();
  });

  it("is the justification as somebody wrote it", async () => {
    const news = await told("release.pause", {}, { justification: "Audit week" });
    expect(news?.update.text).toContain("Justification: Audit week");
  });

  it("of a start: the dates of all groups, once for all of them", async () => {
    releases.set("r2", { ...RELEASE, id: "r2", groupName: "Sales" });
    const [one, two] = [await told("release.start"), await told("release.start", {}, { target: "release/r2" })];
    expect(one?.update.text).toContain("Workforce: Test 2024-06-11 (by 2024-06-11), Last 2024-06-21.\nSales: ");
    expect([two?.head.id, two?.update.key]).toEqual([one?.head.id, one?.update.key]);
  });

  it("waits for a release that is being written, and passes over one that never was", async () => {
    releases.clear();
    await expect(told("release.start")).rejects.toMatchObject({ code: "not_yet_consistent", retryable: true });
    const body = { at: "2024-06-01T00:00:00.000Z", actor: { id: "a", name: "A" }, action: "release.start" };
    expect(await newsOf({ id: "k", body: { ...body, target: "release/r1" } }, NOW)).toBeUndefined();
    expect(await told("release.pause")).toBeUndefined();
  });

  it("of an incident: how far the ring is, in a message of its own", async () => {
    const about = { incidentId: "r1 Ring3", group: "Workforce", update: UPDATE, ring: "Ring3", objective: 95 };
    const share = { ...about, openedAt: AT, upToDate: 56, denominator: 59, percent: 94.9 };
    const [open, close] = [
      await told("incident.open", share),
      await told("incident.close", { ...share, because: "met" }),
    ];
    expect(open?.head).toMatchObject({ kind: "incident", id: "incident-r1-Ring3-2024-06-13", areas: ["Updates"] });
    expect(open?.update.text).toBe(
      `56 of 59 devices (94.9 %) of Ring3 in Workforce have ${UPDATE}; the objective is 95 %.`,
    );
    expect(close?.update).toMatchObject({
      event: "closed",
      text: expect.stringMatching(/^The objective is met now\./),
    });
  });

  it("of an incident of a whole group: what its devices should have", async () => {
    const about = { group: "Workforce", update: "a supported Windows version", ring: null, objective: 99 };
    const share = { incidentId: "supported g1", openedAt: AT, upToDate: 98, denominator: 100, percent: 98 };
    const news = await told("incident.open", { ...about, ...share }, { target: "group/g1" });
    expect(news?.head.title).toBe("Service level objective missed: a supported Windows version in Workforce");
    expect(news?.update.text).toBe(
      "98 of 100 devices (98 %) of Workforce have a supported Windows version; the objective is 99 %.",
    );
  });

  it("of an Inactive tenant: what is to be done, to all contacts", async () => {
    const reasons = [{ action: "Maintain tenant access: Licenses", message: "Renew." }];
    const news = await told("tenant.inactivate", { reasons }, { target: "tenant" });
    expect(news?.head.areas).toEqual(["Updates", "Devices"]);
    expect(news?.update.text).toContain("Maintain tenant access: Licenses: Renew.");
  });

  it("of a policy alert: one message that opens and closes", async () => {
    const about = { kind: "modified", name: "Ring2 policy", details: [] };
    const given = { target: "policy-alert/p1" };
    const [open, close] = [await told("policyAlert.open", about, given), await told("policyAlert.close", about, given)];
    expect([open?.head.id, open?.update.event, close?.update.event]).toEqual([close?.head.id, "opened", "closed"]);
  });
});

it("the card of the longest update is a valid card of less than 28 KB, and its words are no markup", () => {
  const card = cardOf({ title: "A [link](https://evil.example)" }, { at: NOW, text: "*bold* ".repeat(5_000) });
  expect(cardProblems(card)).toEqual([]);
  expect(Buffer.byteLength(JSON.stringify(card))).toBeLessThan(28_000);
  expect(JSON.stringify(card.body)).not.toContain("[link](");
});
