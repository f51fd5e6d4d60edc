import { describe, expect, it } from "vitest";
import { indexAttributes } from "../../../../shared/attributes/columns.js";
import { parseCohort } from "../../../../shared/cohorts/cohort.js";
import { superfluousHolds } from "../../../../shared/cohorts/superfluous.js";

/** Models of 100 devices; the first 60 of a model have one firmware, 50 to 139 have graphics G. */
const index = indexAttributes(1_000, (device) => ({
  model: `M${Math.floor(device / 100)}`,
  bios: `B${Math.floor(device / 100)}${device % 100 < 60 ? "" : "-old"}`,
  ...(device >= 50 && device < 140 ? { gpu: "G" } : {}),
}));
const everybody = Uint32Array.from({ length: 1_000 }, (_, device) => device);
const review = (held: readonly string[], failing: readonly number[], exposed = everybody) =>
  superfluousHolds(index, { exposed, failing: Uint32Array.from(failing) }, held.map(parseCohort));

describe("superfluous holds", () => {
  it("are cohorts of which every device is in another held one", () => {
    expect(review(["bios=B3", "model=M3"], [300, 310, 320, 365])).toEqual([
      { cohort: "bios=B3", because: "covered", exposed: 0, failures: 0 },
    ]);
  });

  it("keep one of two that cover each other", () => {
    expect(review(["bios=B3", "bios=B3-old", "model=M3"], [300, 365])).toHaveLength(2);
  });

  it("are cohorts whose failures were those of another one", () => {
    // The failures in model M0 are those of its devices with graphics G; the other 50 do not fail.
    expect(review(["model=M0", "gpu=G"], [55, 60, 65, 70, 75, 80, 85, 90, 105, 110, 115, 120, 125, 130])).toEqual([
      { cohort: "model=M0", because: "explained", exposed: 50, failures: 0 },
    ]);
  });

  it("need little evidence: it is e times as likely that the rest of the cohort is healthy", () => {
    // One in six fails of the devices that M0 has in common with G, and none of the first so many others of M0.
    const failing = [55, 60, 65, 70, 75, 80, 85, 90, 105, 110, 115, 120, 125, 130];
    const withFirst = (alone: number) =>
      review(
        ["model=M0", "gpu=G"],
        failing,
        everybody.filter((device) => device < alone || device >= 50),
      );
    expect(withFirst(6)).toEqual([]);
    expect(withFirst(12)).toEqual([{ cohort: "model=M0", because: "explained", exposed: 12, failures: 0 }]);
  });

  it("are not cohorts that fail on their own as well", () => {
    const failing = [5, 15, 25, 35, 45, 55, 60, 65, 70, 75, 80, 85, 90, 105, 110, 115, 120, 125, 130];
    expect(review(["model=M0", "gpu=G"], failing)).toEqual([]);
  });

  it("are not cohorts that have nothing to do with the others, nor a single one", () => {
    expect(review(["model=M0", "model=M5"], [1, 2, 3, 4, 501, 502, 503])).toEqual([]);
    expect(review(["model=M0"], [1, 2, 3, 4])).toEqual([]);
  });
});
