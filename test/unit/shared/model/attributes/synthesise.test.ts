import { beforeAll, describe, expect, test } from "vitest";
import { type DeviceAttributes, deviceSynthesiser } from "../../../../../shared/model/index.js";

const N = 50_000;
let fleet: DeviceAttributes[] = [];
const counts = new Map<string, Map<string, number>>();

beforeAll(() => {
  const synthesise = deviceSynthesiser(5);
  fleet = Array.from({ length: N }, (_, index) => synthesise(index).attributes);
  for (const attributes of fleet) {
    for (const [attribute, value] of Object.entries(attributes)) {
      const values = counts.get(attribute) ?? new Map<string, number>();
      values.set(value, (values.get(value) ?? 0) + 1);
      counts.set(attribute, values);
    }
  }
});

/** How many values of `of` each value of `by` goes with, at most. */
function dependents(of: (a: DeviceAttributes) => string, by: (a: DeviceAttributes) => string): number {
  const seen = new Map<string, Set<string>>();
  for (const attributes of fleet) {
    const values = seen.get(by(attributes)) ?? new Set();
    seen.set(by(attributes), values.add(of(attributes)));
  }
  return Math.max(...[...seen.values()].map((values) => values.size));
}

describe("attribute mix", () => {
  test("50,000 devices have 1,400 to 1,800 distinct values", () => {
    const distinct = [...counts.values()].reduce((sum, values) => sum + values.size, 0);
    expect(distinct).toBeGreaterThanOrEqual(1_400);
    expect(distinct).toBeLessThanOrEqual(1_800);
  });

  test("a BIOS version belongs to one model", () => {
    expect(
      dependents(
        ({ model }) => model,
        ({ bios }) => bios,
      ),
    ).toBe(1);
  });

  test("a model belongs to one manufacturer and has one maker of network adapters", () => {
    expect(
      dependents(
        ({ manufacturer }) => manufacturer,
        ({ model }) => model,
      ),
    ).toBe(1);
    expect(
      dependents(
        ({ networkDriver }) => networkDriver.split(" ")[0] ?? "",
        ({ model }) => model,
      ),
    ).toBe(1);
  });

  test("a graphics driver is of the graphics card's maker", () => {
    for (const { gpu, gpuDriver } of fleet.slice(0, 5_000)) expect(gpu.split(/[ (]/)[0]).toBe(gpuDriver.split(" ")[0]);
  });

  test("a build belongs to one version of Windows", () => {
    expect(
      dependents(
        ({ osVersion }) => osVersion,
        ({ osBuild }) => osBuild,
      ),
    ).toBe(1);
  });

  test("values are uneven: the most common one has many times the share of the median one", () => {
    for (const attribute of ["model", "networkDriver", "gpuDriver", "storageFirmware", "lineOfBusinessApp"]) {
      const sizes = [...(counts.get(attribute)?.values() ?? [])].toSorted((a, b) => b - a);
      expect(sizes[0]).toBeGreaterThan(10 * (sizes[sizes.length >> 1] ?? 0));
    }
  });

  test("some network driver is on 3 to 8 % of the fleet", () => {
    const shares = [...(counts.get("networkDriver")?.values() ?? [])].map((count) => count / N);
    expect(shares.some((share) => share >= 0.03 && share <= 0.08)).toBe(true);
  });

  test("the measured mix is kept: languages, and only Windows", () => {
    expect(Math.abs((counts.get("language")?.get("English") ?? 0) / N - 0.3677)).toBeLessThan(0.01);
    expect([...(counts.get("gpu")?.keys() ?? [])].filter((gpu) => /Apple/.test(gpu))).toEqual([]);
    const ten = (counts.get("osVersion")?.get("Windows 10 22H2") ?? 0) / N;
    expect(Math.abs(ten - 0.2563 / (0.2563 + 0.6774))).toBeLessThan(0.01);
  });

  test("the same seed gives the same device, another seed another one", () => {
    expect(deviceSynthesiser(5)(17).attributes).toEqual(fleet[17]);
    expect(deviceSynthesiser(6)(17).attributes).not.toEqual(fleet[17]);
  });
});
