import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Source } from "../../../../shared/app-versions/list.js";
import type { AppVersion } from "../../../../shared/app-versions/version.js";
import { readEdgeReleases } from "../../../../shared/edge/list.js";
import { readOfficeReleases } from "../../../../shared/microsoft-365-apps/list.js";
import { MemoryTable } from "../../../../shared/store/memory-table.js";

let memory: MemoryTable;
vi.mock("../../../../shared/store/tables.js", () => ({ table: async () => memory }));
const { refreshedList, versionList } = await import("../../../../shared/app-versions/list.js");

const HOUR = 3_600_000;
const START = Date.parse("2024-06-12T00:00:00Z");
const version = (name: number): AppVersion => ({
  ...{ channel: "stable", name: `${name}`, version: `${name}.0.1.1`, publishedAt: "2024-06-01T00:00:00.000Z" },
});
const source: Source = {
  ...{ id: "edge", title: "The list", url: () => "https://publisher.example/list" },
  read: (body) => (body as number[]).map(version),
};
let answer: () => Response;
let asked: number;
beforeEach(() => {
  memory = new MemoryTable();
  asked = 0;
  answer = () => Response.json([124]);
  vi.stubGlobal("fetch", async () => {
    asked++;
    return answer();
  });
});
afterEach(() => vi.unstubAllGlobals());
const namesAt = async (hours: number) =>
  (await versionList(source, START + hours * HOUR)).versions.map(({ name }) => name);

describe("a list of versions", () => {
  it("is read once a day", async () => {
    await namesAt(0);
    answer = () => Response.json([125]);
    expect([await namesAt(23.9), asked]).toEqual([["124"], 1]);
    expect([await namesAt(24), asked]).toEqual([["125", "124"], 2]);
  });

  it("is read at once for whoever waits for a version", async () => {
    await namesAt(0);
    await refreshedList(source, START + HOUR);
    expect(asked).toBe(2);
  });

  it("stands as it was while it is out of reach, says so, and is tried again every hour", async () => {
    await namesAt(0);
    answer = () => new Response("", { status: 503 });
    const list = await versionList(source, START + 24 * HOUR);
    expect(list).toEqual({
      ...{ versions: [version(124)], readAt: "2024-06-12T00:00:00.000Z", triedAt: "2024-06-13T00:00:00.000Z" },
      problem: "The list could not be read: it answered 503.",
    });
    expect([await namesAt(24.9), asked]).toEqual([["124"], 2]);
    answer = () => Response.json([125]);
    expect(await versionList(source, START + 25 * HOUR)).toMatchObject({ problem: null });
  });

  it("that has nothing anybody can read is out of reach too", async () => {
    await namesAt(0);
    answer = () => Response.json([]);
    expect((await versionList(source, START + 24 * HOUR)).problem).toContain("it has no version that can be read");
    answer = () => new Response("<html>");
    expect((await versionList(source, START + 48 * HOUR)).versions).toHaveLength(1);
  });

  it("that was never read has no versions, and says why", async () => {
    answer = () => new Response("", { status: 500 });
    expect(await versionList(source, START)).toMatchObject({
      ...{ versions: [], readAt: null, problem: "The list could not be read: it answered 500." },
    });
  });

  it("remembers versions that its publisher leaves out, at most 60 of a channel", async () => {
    for (let day = 0; day < 70; day++) {
      answer = () => Response.json([100 + day]);
      await namesAt(24 * day);
    }
    const names = await namesAt(24 * 69);
    expect([names.length, names[0], names.at(-1)]).toEqual([60, "169", "110"]);
  });
});

describe("the list of Office releases", () => {
  const release = {
    ...{ releaseVersion: "2403", legacyVersion: "16.0.17425.20176" },
    ...{ availabilityDate: "2024-05-14T17:00:00Z", endOfSupportDate: "0001-01-01T00:00:00Z" },
  };
  const channel = (channelId: string, officeVersions: unknown[]) => ({ channelId, latestVersion: "?", officeVersions });

  it("takes a time without a zone for UTC, wherever the service runs", () => {
    vi.stubEnv("TZ", "America/Los_Angeles");
    const body = [channel("MonthlyEnterprise", [{ ...release, availabilityDate: "2024-05-14T17:00:00" }])];
    expect(readOfficeReleases(body)).toMatchObject([{ publishedAt: "2024-05-14T17:00:00.000Z" }]);
    vi.unstubAllEnvs();
  });

  it("gives the versions of the Monthly Enterprise Channel, whatever else is in it", () => {
    const odd = [{ ...release, legacyVersion: "odd" }, { ...release, availabilityDate: "soon" }, null, {}];
    const body = [channel("Current", [release]), channel("MonthlyEnterprise", [release, ...odd]), null];
    expect(readOfficeReleases(body)).toEqual([
      {
        ...{ channel: "monthlyEnterprise", name: "2403", version: "16.0.17425.20176" },
        publishedAt: "2024-05-14T17:00:00.000Z",
      },
    ]);
  });

  it("is refused when it is something else", () => {
    expect(() => readOfficeReleases({ error: "no" })).toThrow();
  });
});

describe("the list of Edge releases", () => {
  const release = (Platform: string, ProductVersion: string, PublishedTime: string) => ({
    ...{ ReleaseId: 1, Platform, Architecture: "x64", CVEs: [], ProductVersion, Artifacts: [], PublishedTime },
  });

  it("gives the versions for Windows with their first publication, which is in UTC", () => {
    const Releases = [
      release("Windows", "124.0.2478.97", "2024-05-10T02:57:00"),
      release("Windows", "124.0.2478.97", "2024-05-09T20:00:00"),
      release("iOS", "124.0.2478.89", "2024-05-07T02:57:00"),
      release("Windows", "odd", "2024-05-07T02:57:00"),
      null,
    ];
    const products = [{ Product: "Stable", Releases }, { Product: "Canary", Releases }, { Product: "Beta" }, 7];
    expect(readEdgeReleases(products)).toEqual([
      { channel: "stable", name: "124", version: "124.0.2478.97", publishedAt: "2024-05-09T20:00:00.000Z" },
    ]);
  });
});
