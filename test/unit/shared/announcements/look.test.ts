import { beforeEach, describe, expect, it, vi } from "vitest";
import { AppError } from "../../../../shared/errors.js";
import { releaseOf } from "../releases/fixtures.js";
import { answering, MemoryTables } from "../tenant/memory.js";

const NOW = Date.parse("2024-06-15T06:25:00Z");
const base = releaseOf("off", NOW);
const revisions = [
  { product: "Windows 11", version: "23H2", build: "10.0.22631.3737", kb: "KB5039212", isHotpatch: false },
];
const RELEASE = { ...base, id: "june", publishedAt: NOW - 4 * 86_400_000, update: { ...base.update, revisions } };
const tables = new MemoryTables();
const releases: unknown[] = [];
vi.mock("../../../../shared/store/tables.js", () => ({ table: async (name: string) => tables.of(name) }));
vi.mock("../../../../shared/releases/store.js", () => ({ listQualityReleases: async () => releases }));
const { auditEntries } = await import("../../../../shared/audit/audit.js");
const { lookAtAnnouncements } = await import("../../../../shared/announcements/look.js");
const { announcementsAbout } = await import("../../../../shared/announcements/store.js");

const MESSAGES = "/admin/serviceAnnouncement/messages";
const ISSUES = "/admin/serviceAnnouncement/issues";
const PRODUCTS = "/admin/windows/updates/products";

const message = (text: string, lastModifiedDateTime = "2024-06-11T18:00:00Z") => ({
  ...{ id: "MC1", title: "Updates", category: "stayInformed", lastModifiedDateTime },
  body: { contentType: "html", content: `<p>${text}</p>` },
});
const ISSUE = {
  ...{ id: "WI1", title: "Printing stalls", status: "confirmed", impactDescription: "After KB5039212" },
  ...{ lastModifiedDateTime: "2024-06-14T00:00:00Z", posts: [{ description: { content: "It stalls." } }] },
};
/** As the documentation shows it: members in Pascal case, an offset in the date (graph.md §1.2). */
const PRODUCT = {
  id: "1",
  knownIssues: [
    {
      ...{
        Id: "WI1",
        Title: "Printing stalls",
        Status: "Confirmed",
        Description: "It stalls.",
        WebViewUrl: "https://x/",
      },
      LastUpdatedDateTime: "2024-06-14T00:00:00-07:00",
      OriginatingKnowledgeBaseArticle: { Id: "KB5039212" },
    },
  ],
};
const ALL = { [MESSAGES]: [message("About KB5039212")], [ISSUES]: [ISSUE], [PRODUCTS]: [PRODUCT] };
const known = async () => (await announcementsAbout("june")).map(({ id, source }) => [id, source]);

beforeEach(() => {
  tables.clear();
  releases.splice(0, releases.length, RELEASE);
});

describe("the look at what Microsoft says", () => {
  it("keeps what is about a release; of a known issue what release health says", async () => {
    expect(await lookAtAnnouncements(answering(ALL), NOW)).toBe(2);
    expect(await known()).toEqual([
      ["MC1", "messageCenter"],
      ["WI1", "releaseHealth"],
    ]);
  });

  it("writes nothing, and no audit entry, while nothing is new", async () => {
    await lookAtAnnouncements(answering(ALL), NOW);
    expect(await lookAtAnnouncements(answering(ALL), NOW + 86_400_000)).toBe(0);
    const changed = { ...ALL, [MESSAGES]: [message("KB5039212 again", "2024-06-15T00:00:00Z")] };
    expect(await lookAtAnnouncements(answering(changed), NOW + 2 * 86_400_000)).toBe(1);
    const entries = [];
    for await (const { body } of auditEntries("2024-06")) entries.push([body.action, body.target]);
    expect(entries).toEqual(Array(3).fill(["release.announcement", "release/june"]));
  });

  it("leaves out a source that may not be read", async () => {
    const { [PRODUCTS]: only } = ALL;
    await lookAtAnnouncements(answering({ [PRODUCTS]: only }), NOW);
    expect(await known()).toEqual([["WI1", "releaseHealth"]]);
  });

  it("keeps what it could read when another source is away, and says so", async () => {
    const away = { ...ALL, [ISSUES]: new AppError("throttled", "Busy.") };
    await expect(lookAtAnnouncements(answering(away), NOW)).rejects.toMatchObject({ code: "throttled" });
    expect(await known()).toHaveLength(2);
  });

  it("asks nothing while there is no release that it could be about", async () => {
    releases.splice(0, 1, { ...RELEASE, publishedAt: NOW - 61 * 86_400_000 });
    const graph = answering(ALL);
    expect(await lookAtAnnouncements(graph, NOW)).toBe(0);
    expect(graph.reads).toEqual([]);
  });
});
