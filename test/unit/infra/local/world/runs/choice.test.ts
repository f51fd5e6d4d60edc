import { describe, expect, it } from "vitest";
import { UsageError } from "../../../../../../infra/local/args.js";
import { loadScenario } from "../../../../../../infra/local/fleet/index.js";
import { chosenWorkload, type RunValues, striking } from "../../../../../../infra/local/world/runs/choice.js";

const VALUES: RunValues = { workload: "quality", scenario: "nominal", update: undefined, "in-process": false };
const chosen = (values: Partial<RunValues> & { readonly rate?: number; readonly cohort?: string }) =>
  chosenWorkload({ ...VALUES, ...values }, new Set(Object.keys(values)));

describe("the workload of a simulation", () => {
  it("is quality, unless another is asked for or the scenario is about one", () => {
    expect(chosen({})).toBe("quality");
    expect(chosen({ workload: "edge" })).toBe("edge");
    expect(chosen({ scenario: "bad-feature" })).toBe("feature");
    expect(chosen({ scenario: "bad-driver-update", workload: "driver" })).toBe("driver");
  });

  it("is what a scenario strikes that names none, where it is about feature or driver updates", () => {
    expect(chosen({ scenario: "bad-update", workload: "feature" })).toBe("feature");
    const bad = loadScenario("bad-update", striking("feature"));
    expect([bad.rate, bad.workload]).toEqual([0.1, "feature"]);
    expect(["quality", "hotpatch", "m365", "edge"].map((name) => striking(name as never))).toEqual([{}, {}, {}, {}]);
  });

  it.each<[Partial<RunValues> & { rate?: number; cohort?: string }, string]>([
    [{ scenario: "bad-feature", workload: "quality" }, "--scenario bad-feature strikes feature updates"],
    [{ scenario: "bad-driver-update", workload: "edge" }, "--scenario bad-driver-update strikes driver updates"],
    [{ workload: "driver", "in-process": true }, "--in-process runs quality updates only"],
    [{ scenario: "bad-feature", "in-process": true }, "--in-process runs quality updates only"],
    [{ workload: "m365", update: "2405" }, "--update says nothing with --workload m365"],
    [{ workload: "edge", update: "125" }, "--update says nothing with --workload edge"],
    [{ workload: "hotpatch", scenario: "oob" }, "--scenario oob is about quality updates"],
    [{ workload: "m365", scenario: "bad-update" }, "--scenario bad-update says nothing with --workload m365: apps do"],
    [{ workload: "edge", rate: 0.2 }, "--rate says nothing with --workload edge: apps do not fail"],
    [{ workload: "edge", cohort: "model" }, "--cohort says nothing with --workload edge"],
  ])("%o is refused", (values, message) => {
    expect(() => chosen(values)).toThrow(UsageError);
    expect(() => chosen(values)).toThrow(message);
  });
});
