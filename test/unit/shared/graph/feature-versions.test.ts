import { expect, it } from "vitest";
import { listFeatureVersions } from "../../../../shared/graph/feature-versions.js";
import { script } from "./scripted.js";

const ITEMS = "GET /beta/deviceManagement/windowsUpdateCatalogItems/microsoft.graph.windowsFeatureUpdateCatalogItem";
const ENTRIES =
  "GET /beta/admin/windows/updates/catalog/entries?$filter=isof('microsoft.graph.windowsUpdates.featureUpdateCatalogEntry')";
const [known, unlisted] = ["Windows 11, version 26H2", "Windows 11, version 27H2"];
const item = (version: string) => ({ version, releaseDateTime: "2026-09-29T00:00:00Z", endOfSupportDate: null });

it("Windows versions have the builds that the Windows updates catalogue says", async () => {
  const entry = { displayName: known, version: known, buildNumber: "28000" };
  const { graph } = script(
    { on: ITEMS, body: { value: [item(known), item(unlisted)] } },
    { on: ENTRIES, body: { value: [entry, { version: "Windows 11, version 25H2", buildNumber: "" }] } },
  );
  const versions = await listFeatureVersions(graph);
  expect(versions.map(({ version, build }) => [version, build])).toEqual([
    [known, 28_000],
    [unlisted, null],
  ]);
});
