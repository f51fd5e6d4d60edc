import { expect, it } from "vitest";
import { listQualityUpdates } from "../../../../shared/graph/catalogue.js";
import { emulated } from "../graph/emulated.js";

it.each([
  ["Windows updates", false],
  ["Intune", true],
])("the catalogue of %s tells hotpatches from cumulative updates", async (_whose, intune) => {
  const { test, graph } = await emulated(1, { at: "2026-05-20T12:00:00Z" });
  if (intune) test.tenant.faults.set({ groupModel: "forbidden" });
  const windows = { product: "Windows 11", version: "24H2" };
  const revisions = [
    { ...windows, build: "10.0.26100.8457", kb: "KB5089549" },
    { ...windows, build: "10.0.26100.8390", kb: "KB5089466", hotpatchOf: "10.0.26100.8240" },
  ];
  test.tenant.publish({ date: "2026-05-12", kind: "B", revisions });
  const [may] = await listQualityUpdates(graph, { since: "2026-05-01" });
  expect(may?.revisions.map(({ kb, isHotpatch }) => [kb, isHotpatch])).toEqual([
    ["KB5089549", false],
    ["KB5089466", true],
  ]);
  await test.discard();
});
