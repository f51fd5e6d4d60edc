import { describe, expect, it } from "vitest";
import { UsageError } from "../../../../../../infra/local/args.js";
import { chosenWorkload, type RunValues } from "../../../../../../infra/local/world/runs/choice.js";

const VALUES: RunValues = { workload: "quality", scenario: "nominal", update: undefined, "in-process": false };
const chosen = (values: Partial<RunValues>) => chosenWorkload({ ...VALUES, ...values }, new Set(Object.keys(values)));

describe("the workload of a simulation", () => {
  it("is quality, unless another is asked for or the scenario is about one", () => {
    expect(chosen({})).toBe("quality");
    expect(chosen({ workload: "edge" })).toBe("edge");
    expect(chosen({ scenario: "bad-feature" })).toBe("feature");
    expect(chosen({ scenario: "bad-driver-update", workload: "driver" })).toBe("driver");
  });

  it.each<[Partial<RunValues>, string]>([
    [{ scenario: "bad-feature", workload: "quality" }, "--scenario bad-feature strikes feature updates"],
    [{ scenario: "bad-driver-update", workload: "edge" }, "--scenario bad-driver-update strikes driver updates"],
    [{ workload: "driver", "in-process": true }, "--in-process runs quality updates only"],
    [{ scenario: "bad-feature", "in-process": true }, "--in-process runs quality updates only"],
    [{ workload: "m365", update: "2405" }, "--update says nothing with --workload m365"],
    [{ workload: "edge", update: "125" }, "--update says nothing with --workload edge"],
  ])("%o is refused", (values, message) => {
    expect(() => chosen(values)).toThrow(UsageError);
    expect(() => chosen(values)).toThrow(message);
  });
});
