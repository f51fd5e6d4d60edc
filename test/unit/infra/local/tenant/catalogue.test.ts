import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { INTUNE, items, TestTenant, UPDATES } from "./support.js";

const ENTRIES = `${UPDATES}/catalog/entries`;
const TYPE = "microsoft.graph.windowsUpdates.qualityUpdateCatalogEntry";

let test: TestTenant;
beforeEach(async () => {
  test = await TestTenant.start({ at: "2024-06-11T16:59:59Z" });
});
afterEach(() => test.discard());

async function newest(): Promise<Record<string, unknown> | undefined> {
  return items(await test.get(`${ENTRIES}?$orderby=releaseDateTime desc&$top=1&$expand=${TYPE}/productRevisions`))[0];
}

describe("catalogue of updates", () => {
  it("lists a B update from 10:00 Pacific of Patch Tuesday, though its date says midnight", async () => {
    expect((await newest())?.shortName).toBe("2024.05 D");
    test.pass(1);
    expect(await newest()).toMatchObject({ shortName: "2024.06 B", releaseDateTime: "2024-06-11T00:00:00Z" });
  });

  it("names, classifies and describes a security update", async () => {
    test.pass(1);
    expect(await newest()).toMatchObject({
      id: expect.stringMatching(/^[0-9a-f]{64}$/),
      displayName: "06/11/2024 - 2024.06 B SecurityUpdate for Windows 10 and later",
      catalogName: "2024-06 Cumulative Update for Windows 10 and later",
      qualityUpdateClassification: "security",
      qualityUpdateCadence: "monthly",
      isExpeditable: true,
      cveSeverityInformation: { maxSeverity: expect.any(String), exploitedCves: expect.any(Array) },
    });
  });

  it("carries a revision per Windows version", async () => {
    test.pass(1);
    expect((await newest())?.productRevisions).toMatchObject([
      { id: "10.0.19045.4529", version: "22H2", knowledgeBaseArticle: { id: "KB5039211" } },
      { id: "10.0.22631.3737", version: "23H2", osBuild: { buildNumber: 22631, updateBuildRevision: 3737 } },
    ]);
  });

  it("shows previews as non-security updates that cannot be expedited", async () => {
    expect(await newest()).toMatchObject({
      qualityUpdateClassification: "nonSecurity",
      isExpeditable: false,
      cveSeverityInformation: null,
    });
  });

  it("filters by type and by a property of the type", async () => {
    const path = `${ENTRIES}?$filter=isof('${TYPE}') and ${TYPE}/isExpeditable eq true&$top=999`;
    const found = items(await test.get(path));
    expect(found.length).toBeGreaterThan(10);
    expect(found.every((entry) => entry.isExpeditable === true)).toBe(true);
  });

  it("lists the feature updates released by now, and nothing of a type that it does not have", async () => {
    const ofType = async (type: string) =>
      items(await test.get(`${ENTRIES}?$filter=isof('microsoft.graph.windowsUpdates.${type}')`));
    expect((await ofType("featureUpdateCatalogEntry")).at(-1)).toMatchObject({
      version: "Windows 11, version 23H2",
      buildNumber: "22631",
      deployableUntilDateTime: "2026-11-10T00:00:00Z",
    });
    expect(await ofType("recoveryUpdateCatalogEntry")).toEqual([]);
  });

  it("hides an entry that is not published yet behind 404", async () => {
    test.pass(1);
    const id = (await newest())?.id;
    const earlier = await TestTenant.start({ at: "2024-06-11T16:00:00Z" });
    expect((await earlier.get(`${ENTRIES}/${id}`)).status).toBe(404);
    await earlier.discard();
  });

  it("keeps several out-of-band updates of one month apart", async () => {
    test.pass(365 * 86_400);
    const found = items(await test.get(`${ENTRIES}?$filter=${TYPE}/shortName eq '2025.05 OOB'`));
    expect(found.map((entry) => entry.releaseDateTime)).toEqual(
      ["2025-05-19", "2025-05-27", "2025-05-31"].map((date) => `${date}T00:00:00Z`),
    );
  });

  it("takes an update published at run time", async () => {
    const revisions = [{ product: "Windows 11", version: "23H2", build: "10.0.22631.3700", kb: "KB5039999" }];
    const publishedAt = test.clock.now() + 60_000;
    const id = test.tenant.publish({ date: "2024-06-11", kind: "OOB", revisions, publishedAt });
    expect((await test.get(`${ENTRIES}/${id}`)).status).toBe(404);
    test.pass(60);
    expect((await test.get(`${ENTRIES}/${id}`)).json).toMatchObject({
      shortName: "2024.06 OOB",
      qualityUpdateCadence: "outOfBand",
    });
  });

  it("finds a product by the number of a KB article", async () => {
    const answer = await test.get(`${UPDATES}/products/FindByKbNumber(kbNumber=5037771)?$expand=revisions`);
    expect(items(answer)).toMatchObject([{ name: "Windows 11, version 23H2", revisions: [{ id: "10.0.22631.3593" }] }]);
  });

  it("shows Intune's catalogue under Intune's names", async () => {
    test.pass(1);
    const answer = await test.get(
      `${INTUNE}/windowsUpdateCatalogItems/microsoft.graph.windowsQualityUpdateCatalogItem?$top=999`,
    );
    const item = items(answer).at(-1);
    expect(item).toMatchObject({ productRevisions: [{ productName: "Windows 10" }, { versionName: "23H2" }] });
  });
});
