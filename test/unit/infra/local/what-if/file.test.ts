import { describe, expect, it } from "vitest";
import { readWhatIf } from "../../../../../infra/local/what-if/file.js";
import { answerText, runWhatIf } from "../../../../../infra/local/what-if/run.js";

const read = (text: string, seed?: number) => {
  const found = readWhatIf("f.yaml", text, seed);
  if ("errors" in found) throw new Error(found.errors.join("\n"));
  return found.input;
};
const errors = (text: string) => {
  const found = readWhatIf("f.yaml", text);
  return "errors" in found ? found.errors : [];
};

describe("a what-if file", () => {
  it("may say next to nothing: 200 months of the model's 50,000 devices as they are", () => {
    const input = read("{}");
    expect(input).toMatchObject({ seed: 1, months: 200 });
    expect(input.history.deployments).toBeGreaterThan(3);
    // Fewer failing devices report than healthy ones.
    expect(input.history.p0).toBeCloseTo(0.0018, 3);
    expect(input.candidates).toMatchObject([{ name: "As it is", gate: { mode: "enforce", harmBound: null } }]);
    expect(input.fleet.rings.map(({ name, size }) => [name, size])).toEqual([
      ["Test", 1_250],
      ["Ring1", 2_375],
      ["Ring2", 7_125],
      ["Ring3", 38_000],
      ["Last", 1_250],
    ]);
  });

  it("brings rings, history and changes of its own, as YAML or JSON", () => {
    const yaml = `
seed: 4
months: 3
rings:
  - { name: Test, devices: 12, qualityDeferralDays: 0, qualityDeadlineDays: 1 }
  - { name: Broad, devices: 30, qualityDeferralDays: 4, qualityDeadlineDays: 3, waves: [0.5, 0.5] }
gate: { offers: planned }
history: { p0: 0.01 }
candidates:
  - { name: Off, gate: { mode: off } }
  - { name: Late, rings: { Broad: { qualityDeferralDays: 9 } } }
`;
    const input = read(yaml);
    expect(input).toMatchObject({ seed: 4, months: 3, history: { deployments: 1, p0: 0.01, p0Variation: 0 } });
    expect(input.fleet.rings).toEqual([
      { name: "Test", size: 12 },
      { name: "Broad", size: 30 },
    ]);
    const [off, late] = input.candidates;
    expect(off?.gate).toMatchObject({ mode: "off", offers: "planned" });
    expect(late?.rings[1]).toEqual({
      ...{ name: "Broad", qualityDeferralDays: 9, qualityDeadlineDays: 3 },
      ...{ waves: [0.5, 0.5], waveIntervalHours: 24 },
    });
    expect(read(yaml, 7).seed).toBe(7);
    const json = read(JSON.stringify({ devices: 20, months: 1, history: "none" }));
    expect(json).toMatchObject({ history: { deployments: 0, p0: 0.002 }, fleet: { index: { size: 20 } } });
  });

  it.each([
    ["months: 2001", "f.yaml:1: months: must be at most 2000"],
    ["\ndevices: 9", "f.yaml:2: devices: must be at least 10"],
    ["devices: many", "f.yaml:1: devices: must be a number"],
    ["months: 1.5", "f.yaml:1: months: must be a whole number"],
    ["month: 3", "f.yaml:1: month: there is no such field"],
    ["candidates: []", "f.yaml:1: candidates: must be at least 1 in number"],
    ["candidates:\n  - gate: {}", "f.yaml:2: candidates[0].name: is missing"],
    [
      "candidates:\n  - name: A\n    gate:\n      mode: on",
      "f.yaml:4: candidates[0].gate.mode: must be one of off, enforce",
    ],
    ["candidates:\n  - name: A\n    gate: { alpha: 0.3 }", "f.yaml:3: candidates[0].gate.alpha: must be at most 0.2"],
    [
      "candidates:\n  - name: A\n    rings: { Ring1: { qualityDeferralDays: 31 } }",
      "f.yaml:3: candidates[0].rings.Ring1.qualityDeferralDays: must be at most 30",
    ],
    [
      "candidates:\n  - name: A\n    rings: { Ring8: {} }",
      "f.yaml:3: candidates[0].rings.Ring8: there is no such ring; there are Test, Ring1, Ring2, Ring3, Last",
    ],
    [
      "devices: 20\nrings: [{ name: A, devices: 20, qualityDeferralDays: 0, qualityDeadlineDays: 0 }]",
      "f.yaml:1: devices: goes without rings, which have devices of their own",
    ],
    [
      "rings: [{ name: A, devices: 0, qualityDeferralDays: 0, qualityDeadlineDays: 0 }]",
      "f.yaml:1: rings: have 0 devices; there must be 1 to 1000000",
    ],
    ["history: { p0: 2 }", "f.yaml:1: history.p0: must be at most 0.5"],
    ["history: some", "f.yaml:1: history: must be a record of fields"],
    ["- 1", "f.yaml:1: the file is a what-if: fields such as months, devices and candidates"],
    ["a: [", /^f\.yaml:1: /],
  ])("with an error is refused in one line with field and limit: %s", (text, line) => {
    expect(errors(text)).toEqual([typeof line === "string" ? line : expect.stringMatching(line)]);
  });

  it("tells every error, not the first alone", () => {
    expect(errors("months: 0\ndevices: 1")).toHaveLength(2);
  });
});

it("running a what-if tells how far it is, and the answer side by side", () => {
  const input = read("{ devices: 60, months: 5, candidates: [{ name: One }, { name: Two, gate: { mode: off } }] }");
  const told: string[] = [];
  const answer = runWhatIf(input, (done, all) => told.push(`${done}/${all}`));
  expect([told.length, told.at(-1)]).toEqual([10, "10/10"]);
  const text = answerText(answer);
  expect(text).toMatch(/^5 months of 60 devices/);
  expect(text.split("\n")[1]).toMatch(/^ +One +Two$/);
  for (const row of ["days to 95 %", "harmed, 0.5 %", "harmed, bad cohort", "false pauses", "restarts forced"])
    expect(text).toContain(row);
});
