import { describe, expect, it } from "vitest";
import { Counters } from "../../../../shared/ledger/counters.js";
import { NO_WAVE } from "../../../../shared/ledger/row.js";

const PART = { ring: "Test", state: "open", started: true, failedOnce: false } as const;

describe("counters of held cohorts", () => {
  it("keep set-aside devices apart, in every wave and before the first", () => {
    const counters = new Counters();
    for (const wave of [NO_WAVE, 0, 7]) {
      counters.add({ ...PART, wave, setAside: false });
      counters.add({ ...PART, wave, setAside: true, silentSince: 5 });
    }
    const again = Counters.fromValues(counters.toValues());
    expect(again.cells()).toEqual(counters.cells());
    expect(again.cells().map(({ wave, setAside, silent }) => [wave, setAside, silent.size])).toEqual([
      [NO_WAVE, false, 0],
      [NO_WAVE, true, 1],
      [0, false, 0],
      [0, true, 1],
      [7, false, 0],
      [7, true, 1],
    ]);
  });

  it("are read as they were written before cohorts could be held", () => {
    const bins = Array<number>(15).fill(0);
    const counters = JSON.stringify([
      ["Test", -1, [0, 2, 0, 0, 0, 0], 0, bins],
      ["Test", 0, [0, 0, 3, 1, 0, 0], 2, bins],
    ]);
    const cells = Counters.fromValues({ counters, silent: ";a.2" }).cells();
    expect(cells.map(({ wave, setAside, started }) => [wave, setAside, started])).toEqual([
      [-1, false, 0],
      [0, false, 2],
    ]);
    expect(cells[1]?.silent).toEqual(new Map([[10, 2]]));
  });
});
