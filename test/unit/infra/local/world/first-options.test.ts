import { expect, it } from "vitest";
import { ignoredOptions } from "../../../../../infra/local/world/first-options.js";
import type { WorldState } from "../../../../../infra/local/world/state-file.js";

const KEPT: WorldState = {
  ...{ seed: 1, devices: 2000, scenario: "nominal", update: "2024.06 B", gate: "enforce" },
  ...{ startedAt: 0, functionKey: "f", masterKey: "m" },
};

it("an option of the first start that a second start gives otherwise is named, with what holds and what helps", () => {
  expect(ignoredOptions(KEPT, { ...KEPT, devices: 500 }, new Set(["devices"]))).toEqual([
    "--devices 500 is ignored: the system began with 2000. Add --fresh to begin anew.",
  ]);
});

it("what was not given is not spoken of, although its default differs", () => {
  expect(ignoredOptions(KEPT, { ...KEPT, scenario: "oob", update: "2025.04 B" }, new Set(["speed"]))).toEqual([]);
});

it("the same again is not spoken of", () => {
  expect(ignoredOptions(KEPT, { ...KEPT, realtime: false }, new Set(["devices", "gate", "realtime"]))).toEqual([]);
});

it("real time cannot be asked of a system that began in virtual time", () => {
  expect(ignoredOptions(KEPT, { ...KEPT, realtime: true }, new Set(["realtime"]))).toHaveLength(1);
});
