import { beforeEach, expect, it, vi } from "vitest";
import type { Deployment } from "../../../../shared/deployments/deployment.js";
import type { Audience } from "../../../../shared/graph/deployments/audiences.js";
import { MemoryTable } from "../../../../shared/store/memory-table.js";

let rows = new MemoryTable();
const read: string[] = [];
vi.doMock("../../../../shared/store/tables.js", () => ({
  table: async () => ({
    get: (...[partition, row]: Parameters<MemoryTable["get"]>) => {
      read.push(row);
      return rows.get(partition, row);
    },
    page: (...asked: Parameters<MemoryTable["page"]>) => rows.page(...asked),
    commit: (...change: Parameters<MemoryTable["commit"]>) => rows.commit(...change),
  }),
}));
const { writeAgreed, readAudience } = await import("../../../../shared/deployments/store.js");
const { checkSize } = await import("../../../../shared/deployments/targets.js");

beforeEach(() => {
  rows = new MemoryTable();
});

const deployment = (id: string, phase: Deployment["phase"]): Deployment => ({
  ...{ id, name: id, kind: "deployment", category: "driver", phase, pending: false, problem: null, revision: 1 },
  ...{ devices: 1, rings: [], audience: { askedAt: null, before: [], id: null }, unregistered: [], createdAt: 0 },
  ...{ createdBy: { id: "ada", name: "Ada" }, paused: null, pausedMs: 0, graphId: null, observed: null, alerts: [] },
  measured: null,
  content: { catalogEntryId: "c", name: "Driver", releasedAt: null, deployableUntil: null, builds: [] },
  settings: {
    ...{ startAt: null, rollout: null, rule: null, expedite: null, offerAsOptional: false, ignoresLikelyIssues: false },
  },
});
const ids = (count: number, from = 0) =>
  Array.from({ length: count }, (_, n) => `00000000-0000-4000-8000-${String(from + n).padStart(12, "0")}`);
const write = (id: string, phase: Deployment["phase"], audience: Audience) =>
  writeAgreed(id, async () => ({ record: deployment(id, phase), audience }));

it("a write looks at the devices of live deployments, and reads no audience of one that has ended", async () => {
  await write("over", "ended", { members: ids(1), exclusions: [] });
  await write("live", "active", { members: ids(2), exclusions: [] });
  read.length = 0;
  const seen: string[] = [];
  await writeAgreed("new", async ({ audiences }) => {
    seen.push(...audiences.keys());
    return undefined;
  }).catch(() => undefined);
  expect(seen).toEqual(["live"]);
  expect(read.filter((row) => row.includes("over"))).toEqual([]);
});

it("as many devices as may be in an audience go into its row, and one more is refused with what to do instead", async () => {
  const audience = { members: ids(9_000), exclusions: ids(1_000, 9_000) };
  expect(() => checkSize(audience)).not.toThrow();
  await write("large", "active", audience);
  expect(await readAudience("deployment", "large")).toEqual(audience);
  const stored = JSON.stringify(rows.dump()).length;
  // Tables keep two bytes for each character of text, and 1 MiB of a row.
  expect(stored * 2).toBeLessThan(1_048_576);
  const more = { ...audience, exclusions: ids(1_001, 9_000) };
  expect(() => checkSize(more)).toThrow(/10000 together.*rings of an Autopatch group/);
});
