import { describe, expect, it } from "vitest";
import { learnHistory } from "../../../../shared/gate/history.js";
import type { ReleaseSummary } from "../../../../shared/ledger/index.js";
import { stepsOf } from "../../../../shared/releases/news.js";
import { isUninstalled } from "../../../../shared/releases/ring-state.js";
import type { ReleaseRing } from "../../../../shared/releases/store.js";
import { B, ring, withEvents } from "./fixtures.js";

const opened = withEvents(ring(), { type: "waveOpened", at: B, wave: 0 });
const uninstalled = withEvents(opened, { type: "uninstalled", at: B + 1 });

describe("a ring in which people had the update uninstalled beside the release", () => {
  it("goes on, and knows of it also after it has completed", () => {
    expect([isUninstalled(opened), isUninstalled(uninstalled), uninstalled.phase]).toEqual([false, true, "active"]);
    const completed = withEvents(opened, { type: "finished", at: B + 1 });
    expect(isUninstalled(withEvents(completed, { type: "uninstalled", at: B + 2 }))).toBe(true);
  });

  it("does not count its rollbacks against the update", () => {
    const wave = { ring: "Ring1", wave: 0, offeredAt: new Date(B).toISOString(), failed: 2, rolledBack: 18 };
    const summary = { waves: [wave] } as unknown as ReleaseSummary;
    const failures = [opened, uninstalled].flatMap((state) =>
      stepsOf(summary, [{ ring: "Ring1", state } as ReleaseRing], learnHistory([])).map((step) => step.failures),
    );
    expect(failures).toEqual([20, 2]);
  });
});
