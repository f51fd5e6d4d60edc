import { describe, expect, it } from "vitest";
import { announcementsOf } from "../../../../shared/releases/announcements.js";

const WIN23H2 = { product: "Windows 11", version: "23H2", isHotpatch: false };
const WIN24H2 = { product: "Windows 11", version: "24H2", isHotpatch: false };

function release(shortName: string, date: string, builds: Readonly<Record<string, string>>, groupId = "workforce") {
  const revisions = Object.entries(builds).map(([build, kb]) => ({
    ...(build.startsWith("10.0.22631") ? WIN23H2 : WIN24H2),
    build,
    kb,
  }));
  const releaseDate = `${date}T00:00:00Z`;
  return {
    id: `${date}-${groupId}`,
    groupId,
    groupName: groupId,
    publishedAt: Date.parse(`${date}T17:00:00Z`),
    update: {
      catalogEntryId: date,
      shortName,
      displayName: shortName,
      releaseDate,
      classification: "security" as const,
      cadence: "monthly" as const,
      isExpeditable: true,
      revisions,
    },
  };
}

const april = release("2025.04 B", "2025-04-08", { "10.0.22631.5189": "KB5055528", "10.0.26100.3775": "KB5055523" });
const partial = release("2025.04 OOB", "2025-04-11", { "10.0.22631.5192": "KB5058919" });
const full = release("2025.04 OOB", "2025-04-12", { "10.0.22631.5200": "KB5050001", "10.0.26100.3800": "KB5050002" });
const may = release("2025.05 B", "2025-05-13", { "10.0.22631.5335": "KB5058405", "10.0.26100.4061": "KB5058411" });

const names = (...releases: Parameters<typeof announcementsOf>[0][number][]) =>
  announcementsOf(releases).map(({ update }) => update);

describe("Announcements", () => {
  it("name the article of each Windows version", () => {
    expect(announcementsOf([partial])).toEqual([
      {
        releaseId: "2025-04-11-workforce",
        group: { id: "workforce", name: "workforce" },
        update: "2025.04 OOB",
        publishedAt: "2025-04-11T17:00:00.000Z",
        articles: [{ version: "23H2", kb: "KB5058919", url: "https://support.microsoft.com/help/5058919" }],
      },
    ]);
  });

  it("keep the monthly release beside an out-of-band one for some of its versions, oldest first", () => {
    expect(names(partial, april)).toEqual(["2025.04 B", "2025.04 OOB"]);
  });

  it("drop a release that an out-of-band one replaces for every version", () => {
    expect(names(april, full)).toEqual(["2025.04 OOB"]);
  });

  it("are cleared by the next monthly release", () => {
    expect(names(april, partial, may)).toEqual(["2025.05 B"]);
  });

  it("of another group stay", () => {
    const other = release("2025.04 B", "2025-04-08", { "10.0.22631.5189": "KB5055528" }, "lab");
    expect(names(other, may)).toEqual(["2025.04 B", "2025.05 B"]);
  });
});
