import { describe, expect, it } from "vitest";
import { Counters } from "../../../../shared/ledger/counters.js";
import type { Contribution } from "../../../../shared/ledger/row.js";

const device: Contribution = {
  ring: "Test",
  wave: 0,
  state: "upToDate",
  started: true,
  failedOnce: true,
  reportAgeBin: 3,
};

function countersOf(...parts: readonly Contribution[]): Counters {
  const counters = new Counters();
  for (const part of parts) counters.add(part);
  return counters;
}

describe("counters", () => {
  it("come back from a row as they were written", () => {
    const counters = countersOf(
      { ...device, returnAgeBin: 2 },
      { ...device, silentSince: 77 },
      { ...device, pendingSince: 78 },
    );
    expect(Counters.fromValues(counters.toValues()).cells()).toEqual(counters.cells());
  });

  it("lose what is taken from them without a trace", () => {
    const counters = countersOf(device, { ...device, returnAgeBin: 14 });
    counters.add({ ...device, returnAgeBin: 14 }, -1);
    expect(counters.toValues()).toEqual(countersOf(device).toValues());
  });

  it("know no returns where they were written before these were counted", () => {
    const values = { counters: '[["Test",0,[0,0,1,2,0,0],3,[0,2]]]', silent: "" };
    const [cell] = Counters.fromValues(values).cells();
    expect(cell).toMatchObject({ started: 3, failedOnce: 0, states: { open: 1, upToDate: 2 } });
    expect(cell?.reportAgeBins).toEqual([0, 2, ...Array(13).fill(0)]);
    expect(cell?.returnAgeBins).toEqual(Array(15).fill(0));
  });
});
