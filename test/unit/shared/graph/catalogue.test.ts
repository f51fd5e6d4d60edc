import { describe, expect, it } from "vitest";
import { listQualityUpdates } from "../../../../shared/graph/catalogue.js";
import { script } from "./scripted.js";

const TYPE = "microsoft.graph.windowsUpdates.qualityUpdateCatalogEntry";
const LIST = `GET /beta/admin/windows/updates/catalog/entries?$filter=isof('${TYPE}')&$orderby=releaseDateTime desc&$expand=${TYPE}/productRevisions`;

const revision = {
  id: "10.0.26200.7171",
  displayName: "Windows 11, version 25H2, build 26200.7171",
  releaseDateTime: "2026-11-10T00:00:00Z",
  version: "25H2",
  product: "Windows 11",
  isHotpatchUpdate: false,
  osBuild: { majorVersion: 10, minorVersion: 0, buildNumber: 26200, updateBuildRevision: 7171 },
  knowledgeBaseArticle: { id: "KB5070001", url: "https://support.microsoft.com/help/5070001" },
};
const november = {
  "@odata.type": `#${TYPE}`,
  id: "9b1d0c6e",
  displayName: "11/10/2026 - 2026.11 B SecurityUpdate for Windows 10 and later",
  releaseDateTime: "2026-11-10T00:00:00Z",
  deployableUntilDateTime: null,
  isExpeditable: true,
  qualityUpdateClassification: "security",
  qualityUpdateCadence: "monthly",
  shortName: "2026.11 B",
  cveSeverityInformation: {
    maxSeverity: "critical",
    maxBaseScore: 9.8,
    exploitedCves: [{ number: "CVE-2026-41001", url: "…" }],
  },
  productRevisions: [revision],
};

const probe = { on: "GET /beta/admin/windows/updates/policies", body: { value: [] } };

async function read(...value: unknown[]) {
  const { graph } = script(probe, { on: LIST, body: { value } });
  return listQualityUpdates(graph, { since: "2026-11-01" });
}

describe("the update catalogue", () => {
  it("gives a quality update with its revision per Windows version", async () => {
    expect(await read(november)).toEqual([
      {
        catalogEntryId: "9b1d0c6e",
        shortName: "2026.11 B",
        displayName: november.displayName,
        releaseDate: "2026-11-10",
        classification: "security",
        cadence: "monthly",
        isExpeditable: true,
        cveSeverity: { maxSeverity: "critical", maxBaseScore: 9.8, exploited: ["CVE-2026-41001"] },
        revisions: [
          { product: "Windows 11", version: "25H2", build: "10.0.26200.7171", kb: "KB5070001", isHotpatch: false },
        ],
      },
    ]);
  });

  it("reads nested names and enumerations in any capitalisation", async () => {
    const [update] = await read({
      ...november,
      qualityUpdateClassification: "NonSecurity",
      qualityUpdateCadence: "OutOfBand",
      productRevisions: [
        {
          ...revision,
          osBuild: { BuildNumber: 26200, UpdateBuildRevision: 7200 },
          knowledgeBaseArticle: { Id: "KB5070002" },
        },
      ],
    });
    expect(update).toMatchObject({ classification: "nonSecurity", cadence: "outOfBand" });
    expect(update?.revisions).toMatchObject([{ build: "10.0.26200.7200", kb: "KB5070002" }]);
  });

  it.each([
    ["true", true],
    ["false", false],
  ])("reads a hotpatch flag written as the text %s", async (written, expected) => {
    const [update] = await read({ ...november, productRevisions: [{ ...revision, isHotpatchUpdate: written }] });
    expect(update?.revisions[0]?.isHotpatch).toBe(expected);
  });

  it("leaves out hollow entries and those without a date", async () => {
    expect(await read({ id: "h1" }, { ...november, releaseDateTime: "0001-01-01T00:00:00Z" })).toEqual([]);
  });

  it("leaves out revisions without a KB article", async () => {
    const [update] = await read({ ...november, productRevisions: [{ ...revision, knowledgeBaseArticle: null }] });
    expect(update?.revisions).toEqual([]);
  });

  it("takes the short name out of the display name when it is missing", async () => {
    const [update] = await read({ ...november, shortName: null });
    expect(update?.shortName).toBe("2026.11 B");
  });

  it("keeps the day asked for and drops the day before", async () => {
    const on = (id: string, day: string) => ({ ...november, id, releaseDateTime: `${day}T00:00:00Z` });
    const updates = await read(on("a", "2026-11-01"), on("b", "2026-10-31"));
    expect(updates.map(({ catalogEntryId }) => catalogEntryId)).toEqual(["a"]);
  });

  it("stops paging once a whole page is older", async () => {
    const next = "https://graph.microsoft.com/beta/admin/windows/updates/catalog/entries?$skiptoken=a";
    const old = { ...november, releaseDateTime: "2026-10-13T00:00:00Z" };
    const { graph, sent } = script(probe, { on: LIST, body: { value: [old], "@odata.nextLink": next } });
    expect(await listQualityUpdates(graph, { since: "2026-11-01" })).toEqual([]);
    expect(sent).toHaveLength(2);
  });
});

describe("Intune's catalogue", () => {
  it("serves where group policies are not offered, with its own names for the same things", async () => {
    const item = {
      id: "9b1d0c6e",
      displayName: november.displayName,
      releaseDateTime: "2026-11-10T00:00:00Z",
      kbArticleId: "KB5070001",
      classification: "security",
      qualityUpdateCadence: "monthly",
      isExpeditable: true,
      cveSeverityInformation: {
        maxSeverityLevel: "critical",
        maxBaseScore: 9.8,
        exploitedCves: [{ number: "CVE-2026-41001" }],
      },
      productRevisions: [
        {
          displayName: revision.displayName,
          productName: "Windows 11",
          versionName: "25H2",
          osBuild: revision.osBuild,
          knowledgeBaseArticle: { articleId: "5070001" },
        },
      ],
    };
    const path = "/beta/deviceManagement/windowsUpdateCatalogItems/microsoft.graph.windowsQualityUpdateCatalogItem";
    const { graph } = script(
      { ...probe, status: 403, body: undefined },
      { on: `GET ${path}`, body: { value: [item] } },
    );
    expect(await listQualityUpdates(graph, { since: "2026-11-01" })).toEqual(await read(november));
  });
});
