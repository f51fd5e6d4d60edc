import { beforeEach, describe, expect, it, vi } from "vitest";
import { AppError } from "../../../../shared/errors.js";
import type { CatalogueUpdate } from "../../../../shared/graph/catalogue.js";
import { emptyTables, memoryTables } from "../policies/memory-tables.js";
import { APRIL, MAY, OOB } from "./catalogue.js";

const world = vi.hoisted(() => ({
  watch: "both" as "off" | "msrc" | "kev" | "both",
  rule: "exploitedOrCritical" as "exploitedOrCritical" | "exploited",
  found: { exploited: true, critical: false },
  toggle: true,
  recent: [] as CatalogueUpdate[],
  revised: "2025-05-13T17:00:00Z",
  kev: [] as string[],
  failing: false,
  unreadable: false,
  fetched: [] as string[],
}));
vi.mock("../../../../shared/config.js", () => ({
  config: () => ({ EXPEDITE_WATCH: world.watch, EXPEDITE_URGENT: world.rule }),
}));
vi.mock("../../../../shared/store/tables.js", () => memoryTables());
vi.mock("../../../../shared/graph/client.js", () => ({ graphClient: () => ({}) }));
vi.mock("../../../../shared/graph/catalogue.js", () => ({ listQualityUpdates: async () => world.recent }));
vi.mock("../../../../shared/groups/store.js", () => ({
  GroupStatus: { active: "active" },
  listGroups: async () => [
    { id: "workforce", status: "active", definition: { expeditedQualityUpdates: world.toggle } },
  ],
}));
vi.mock("../../../../shared/expedites/feeds.js", () => ({
  msrcDocuments: async () => {
    if (world.failing) throw new AppError("unavailable", "The MSRC is away.");
    return [
      ...(world.unreadable ? [{ id: "2025-Apr", currentReleaseDate: "2025-04-08T17:00:00Z" }] : []),
      { id: "2025-May", currentReleaseDate: world.revised },
      { id: "2024-Jan", currentReleaseDate: "2024-01-09T17:00:00Z" },
    ];
  },
  msrcVulnerabilities: async (id: string) => {
    if (id === "2025-Apr") throw new AppError("unavailable", "The document cannot be read.");
    world.fetched.push(id);
    return [{ cve: "CVE-2025-7", ...world.found, kbs: ["KB5058405"], builds: [] }];
  },
  kevCatalogue: async () => ({ version: `v ${world.kev.length}`, cves: world.kev }),
}));

const { lookAtVulnerabilities } = await import("../../../../shared/expedites/look.js");
const { changeExpedite, listExpedites } = await import("../../../../shared/expedites/store.js");
const { watchId } = await import("../../../../shared/expedites/watch.js");

const [EXPLOITED, CRITICAL] = [true, false].map((exploited) => watchId(MAY, { exploited })) as [string, string];
const NOW = Date.parse("2025-05-14T00:10:00Z");
const look = () => lookAtVulnerabilities(NOW);

beforeEach(() => {
  emptyTables();
  Object.assign(world, { watch: "both", toggle: true, recent: [MAY, OOB, APRIL], revised: "2025-05-13T17:00:00Z" });
  Object.assign(world, { kev: [], failing: false, unreadable: false, fetched: [] });
  Object.assign(world, { rule: "exploitedOrCritical", found: { exploited: true, critical: false } });
});

describe("a look at the lists of vulnerabilities", () => {
  it("requests the expedite of an update that closes an exploited one", async () => {
    expect((await look()).requested).toEqual([EXPLOITED]);
    expect(await listExpedites()).toMatchObject([
      { source: "msrc", wanted: { kb: "KB5058405" }, groupIds: ["workforce"], rebootDays: null },
    ]);
  });

  it("reads a document again only when its date has moved, and never one of long ago", async () => {
    await look();
    await look();
    expect(world.fetched).toEqual(["2025-May"]);
    world.revised = "2025-05-15T17:00:00Z";
    await look();
    expect(world.fetched).toEqual(["2025-May", "2025-May"]);
  });

  it("requests nothing twice, whichever list names it, and whatever people said", async () => {
    await look();
    await changeExpedite(EXPLOITED, (expedite) => ({ ...expedite, status: "rejected", update: MAY }));
    world.kev = ["CVE-2025-30400"];
    world.revised = "2025-05-15T17:00:00Z";
    expect((await look()).requested).toEqual([]);
    expect(await listExpedites()).toHaveLength(1);
  });

  it("requests nothing of an update that somebody is expediting already", async () => {
    world.kev = ["CVE-2025-1111"];
    await look();
    expect((await listExpedites()).map(({ source }) => source).sort()).toEqual(["kev", "msrc"]);
    emptyTables();
    const { requestExpedite } = await import("../../../../shared/expedites/request.js");
    const actor = { id: "a", name: "Ada" };
    await requestExpedite({
      id: "x",
      source: "api",
      actor,
      at: NOW,
      body: { kb: "KB5058405" },
      groupIds: ["workforce"],
    });
    await changeExpedite("x", (expedite) => ({ ...expedite, update: MAY }));
    expect((await look()).requested).toEqual([watchId(OOB, { exploited: true })]);
  });

  it("requests nothing while no group lets the service expedite, and catches up when one does", async () => {
    world.toggle = false;
    expect([(await look()).requested, world.fetched]).toEqual([[], []]);
    world.toggle = true;
    expect((await look()).requested).toEqual([EXPLOITED]);
  });

  it("looks again when the update reaches the catalogue after the list", async () => {
    world.recent = [OOB, APRIL];
    expect((await look()).requested).toEqual([]);
    world.recent = [MAY, OOB, APRIL];
    expect((await look()).requested).toEqual([EXPLOITED]);
  });

  it("looks again when the update may be expedited at last", async () => {
    world.recent = [{ ...MAY, isExpeditable: false }, OOB, APRIL];
    expect((await look()).requested).toEqual([]);
    world.recent = [MAY, OOB, APRIL];
    expect((await look()).requested).toEqual([EXPLOITED]);
  });

  it("matches CISA's list anew when the MSRC has said what mends what it names", async () => {
    Object.assign(world, { failing: true, kev: ["CVE-2025-7"], found: { exploited: false, critical: false } });
    expect((await look()).requested).toEqual([]);
    world.failing = false;
    expect((await look()).requested).toEqual([EXPLOITED]);
    expect(await listExpedites()).toMatchObject([{ source: "kev" }]);
  });

  it("goes on with the other list when one cannot be read", async () => {
    Object.assign(world, { failing: true, kev: ["CVE-2025-30400"] });
    const { requested, failures } = await look();
    expect([requested, failures.length]).toEqual([[EXPLOITED], 1]);
    expect(await listExpedites()).toMatchObject([{ source: "kev" }]);
  });

  it("goes on with the other documents when one cannot be read, and tries that one again", async () => {
    world.unreadable = true;
    const { requested, failures } = await look();
    expect([requested, failures.length]).toEqual([[EXPLOITED], 1]);
    expect([(await look()).failures.length, world.fetched]).toEqual([1, ["2025-May"]]);
  });

  it.each(["off", "kev"] as const)("leaves the MSRC alone when set to %s", async (watch) => {
    world.watch = watch;
    expect([(await look()).requested, world.fetched]).toEqual([[], []]);
  });
});

describe("an update that closes critical vulnerabilities", () => {
  beforeEach(() => {
    world.found = { exploited: false, critical: true };
  });
  const exploit = () => Object.assign(world, { found: { exploited: true, critical: true }, revised: "2025-05-20" });
  const decide = (status: "rejected" | "running") =>
    changeExpedite(CRITICAL, (expedite) => ({ ...expedite, status, update: MAY }));

  it("is requested, and no more where the rule asks for exploited ones", async () => {
    world.rule = "exploited";
    expect((await look()).requested).toEqual([]);
    world.rule = "exploitedOrCritical";
    expect((await look()).requested).toEqual([CRITICAL]);
    expect(await listExpedites()).toMatchObject([{ justification: "The MSRC calls critical: CVE-2025-7." }]);
  });

  it("is asked about once more when people rejected it and one of them is exploited", async () => {
    await look();
    await decide("rejected");
    expect((await look()).requested).toEqual([]);
    exploit();
    expect((await look()).requested).toEqual([EXPLOITED]);
    const justification = "The MSRC calls exploited: CVE-2025-7.";
    expect(await listExpedites()).toContainEqual(expect.objectContaining({ id: EXPLOITED, justification }));
  });

  it("is not asked about once more when it is under way", async () => {
    await look();
    await decide("running");
    exploit();
    expect((await look()).requested).toEqual([]);
  });

  it("is one request when CISA lists one of them as exploited at the same look", async () => {
    world.kev = ["CVE-2025-7"];
    expect((await look()).requested).toEqual([EXPLOITED]);
    expect(await listExpedites()).toHaveLength(1);
  });
});
