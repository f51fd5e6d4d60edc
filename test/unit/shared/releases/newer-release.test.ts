import { describe, expect, it } from "vitest";
import { refuseUnderNewer } from "../../../../shared/releases/newer-release.js";
import { releaseAtStart } from "../../../../shared/releases/release-state.js";
import type { Release } from "../../../../shared/releases/store.js";

const RINGS = ["Test", "Ring1"];

/** A release that has been offered to Test alone. */
function release(id: string, publishedAt: number, outcome: "completed" | "rolledBack" | null = null) {
  const state = releaseAtStart({ releaseId: id, rings: RINGS, uninstallWindowDays: 30 });
  const rings = state.rings.map((view) => (view.ring === "Test" ? { ...view, openedAt: publishedAt, outcome } : view));
  return { id, groupId: "workforce", update: {} as Release["update"], publishedAt, state: { ...state, rings } };
}

const older = release("older", 1);
const refused = expect.objectContaining({ code: "conflict", message: expect.stringContaining("newer release newer") });

describe("rolling back a release", () => {
  it("is refused where a newer one has been offered, for devices uninstall their latest update", () => {
    const all = [older, release("newer", 2)];
    expect(() => refuseUnderNewer(older, undefined, all)).toThrowError(refused);
    expect(() => refuseUnderNewer(older, ["Test"], all)).toThrowError(refused);
  });

  it("is allowed in rings that the newer one has not reached", () => {
    expect(() => refuseUnderNewer(older, ["Ring1"], [older, release("newer", 2)])).not.toThrow();
  });

  it("is allowed once the newer one has been rolled back itself", () => {
    expect(() => refuseUnderNewer(older, undefined, [older, release("newer", 2, "rolledBack")])).not.toThrow();
  });

  it("is nothing to releases of other groups, or older ones", () => {
    const newer = release("newer", 2);
    expect(() => refuseUnderNewer(older, undefined, [older, { ...newer, groupId: "other" }])).not.toThrow();
    expect(() => refuseUnderNewer(newer, undefined, [older, newer])).not.toThrow();
  });
});
