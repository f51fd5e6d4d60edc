import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ABSENT, type Attributes, indexAttributes } from "../../../../shared/attributes/columns.js";
import { hypothesesOf } from "../../../../shared/cohorts/hypotheses.js";

const attributes = fc.dictionary(fc.constantFrom("bios", "model", "vpn"), fc.constantFrom("a", "b", "c"));
const indexOf = (devices: readonly Attributes[]) => indexAttributes(devices.length, (at) => devices[at] ?? {});

describe("attribute index", () => {
  it("gives every device its values back and leaves out what is absent", () => {
    fc.assert(
      fc.property(fc.array(attributes), (devices) => {
        const index = indexOf(devices);
        const back = devices.map((_, device) =>
          Object.fromEntries(
            index.columns.flatMap(({ name, values, codes }) => {
              const code = codes[device] ?? ABSENT;
              return code === ABSENT ? [] : [[name, values[code]]];
            }),
          ),
        );
        expect(back).toEqual(devices.map((device) => ({ ...device })));
      }),
    );
  });

  it("counts the devices of each value, most frequent first, and numbers values through", () => {
    const index = indexOf([{ model: "B", bios: "1" }, { model: "A" }, { bios: "2", model: "B" }, { model: "C" }]);
    expect(index.columns.map(({ name, values, counts, first }) => [name, values, [...counts], first])).toEqual([
      ["bios", ["1", "2"], [1, 1], 0],
      ["model", ["B", "A", "C"], [2, 1, 1], 2],
    ]);
    expect(index.valueCount).toBe(5);
  });
});

describe("hypotheses", () => {
  const fleet = (size: number, of: (device: number) => Attributes) => hypothesesOf(indexAttributes(size, of));

  it("are values and pairs with at least 20 devices of the release", () => {
    const found = fleet(80, (device) => ({
      model: device < 20 ? "A" : device < 39 ? "B" : "C",
      vpn: device % 2 === 0 ? "on" : "off",
    }));
    // B has 19 devices; of the pairs, only those of C (41 devices) have 20.
    expect(found.values).toEqual({ kind: "value", release: 80, hypotheses: 4, favouredDevices: 0 });
    expect(found.pairs().family).toEqual({ kind: "pair", release: 80, hypotheses: 2, favouredDevices: 0 });
  });

  it("are favoured when they have at most a tenth of the release", () => {
    const found = fleet(400, (device) => ({ model: device < 40 ? "A" : device < 81 ? "B" : `C${device % 10}` }));
    // C0 to C9 have 31 or 32 devices each.
    expect(found.values).toEqual({ kind: "value", release: 400, hypotheses: 12, favouredDevices: 400 - 41 });
  });

  it("are not what every device has, nor a pair that is one of its values over again", () => {
    const found = fleet(100, (device) => ({
      owner: "company",
      maker: device < 60 ? "X" : "Y",
      model: device < 30 ? "X1" : device < 60 ? "X2" : "Y1",
    }));
    expect(found.values.hypotheses).toBe(5);
    expect(found.pairs().family.hypotheses).toBe(0);
  });
});
