import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { columnsOf, type DeviceRecord, diversityOrder, hashOrder } from "../../../../shared/ordering/index.js";
import { hash32 } from "../../../../shared/random.js";
import { syntheticFleet } from "../../../support/synthetic-fleet.js";
import { fleets } from "./fleets.js";

const idsInOrder = (fleet: readonly DeviceRecord[], deployment = "2024-06"): string[] =>
  Array.from(diversityOrder(columnsOf(fleet), deployment), (device) => fleet[device]?.id ?? "missing");

const device = (id: string, model: string, risk?: number): DeviceRecord => ({
  id,
  attributes: { model },
  ...(risk === undefined ? {} : { risk }),
});

describe("diversity-first order", () => {
  it("has each device once", () => {
    fc.assert(
      fc.property(fleets(40), fc.string(), (fleet, deployment) => {
        const order = [...diversityOrder(columnsOf(fleet), deployment)];
        expect(order.toSorted((a, b) => a - b)).toEqual([...fleet.keys()]);
      }),
    );
    const large = syntheticFleet(2_000, 3);
    expect(new Set(idsInOrder(large)).size).toBe(2_000);
  });

  it("is the same wherever the devices stand and however their attributes are listed", () => {
    const shuffled = fleets(30).chain((fleet) =>
      fc.tuple(fc.constant(fleet), fc.shuffledSubarray(fleet, { minLength: fleet.length, maxLength: fleet.length })),
    );
    fc.assert(
      fc.property(shuffled, ([fleet, other]) => {
        const turned = other.map(({ attributes, ...rest }) => ({
          ...rest,
          attributes: Object.fromEntries(Object.entries(attributes).reverse()),
        }));
        expect(idsInOrder(turned)).toEqual(idsInOrder(fleet));
      }),
    );
    const large = syntheticFleet(3_000, 5);
    const backwards = large.toReversed();
    expect(idsInOrder(backwards)).toEqual(idsInOrder(large));
  });

  it("is another one in every deployment", () => {
    const alike = Array.from({ length: 200 }, (_, n) => device(`device ${n}`, "one model"));
    const fleet = syntheticFleet(2_000, 4);
    expect(idsInOrder(alike, "June")).not.toEqual(idsInOrder(alike, "July"));
    const first = (deployment: string) => idsInOrder(fleet, deployment).slice(0, 100);
    const again = new Set(first("June"));
    expect(first("July").filter((id) => again.has(id)).length).toBeLessThan(50);
  });

  it("shows every value first where there is room for it", () => {
    const fleet = Array.from({ length: 1_000 }, (_, n) =>
      device(`device ${n}`, n % 100 === 0 ? `rare ${n}` : "common"),
    );
    const models = idsInOrder(fleet).map((id) => fleet[Number(id.slice(7))]?.attributes.model);
    expect(new Set(models.slice(0, 11)).size).toBe(11);
  });

  it("then lets every stratum advance in proportion to its size", () => {
    const fleet = Array.from({ length: 300 }, (_, n) => device(`device ${n}`, n < 240 ? "A" : n < 297 ? "B" : "C"));
    const models = idsInOrder(fleet).map((id) => fleet[Number(id.slice(7))]?.attributes.model);
    for (const [model, size] of Object.entries({ A: 240, B: 57, C: 3 })) {
      for (let first = 1; first <= 300; first++) {
        const seen = models.slice(0, first).filter((each) => each === model).length;
        expect(Math.abs(seen - (first * size) / 300)).toBeLessThan(2);
      }
    }
  });

  it("takes a different build of the same model as a stratum of its own", () => {
    const fleet = Array.from({ length: 120 }, (_, n) => ({
      id: `${n}`,
      attributes: { model: "A", osBuild: n < 90 ? "1" : "2" },
    }));
    const builds = idsInOrder(fleet).map((id) => (Number(id) < 90 ? "1" : "2"));
    for (let first = 1; first <= 120; first++) {
      const seen = builds.slice(0, first).filter((build) => build === "2").length;
      expect(Math.abs(seen - first / 4)).toBeLessThan(2);
    }
  });

  it("puts less risk first within a round, and what is not known last", () => {
    const risks = [0.4, 0.1, undefined, 0.3, 0.2];
    const fleet = risks.map((risk, n) => device(`${n}`, "one model", risk));
    const [first, ...rest] = idsInOrder(fleet);
    const expected = ["1", "4", "3", "0", "2"].filter((id) => id !== first);
    expect(rest).toEqual(expected);
  });

  it("is that of the hashes for devices without attributes", () => {
    const fleet = Array.from({ length: 700 }, (_, n) => ({ id: `device ${n}`, attributes: {} }));
    const byHash = fleet.map(({ id }) => id).toSorted((a, b) => hash32(a, "2024-06") - hash32(b, "2024-06"));
    expect(idsInOrder(fleet)).toEqual(byHash);
  });

  it("orders one device, and none", () => {
    expect(idsInOrder([device("only", "A")])).toEqual(["only"]);
    expect(idsInOrder([])).toEqual([]);
  });

  it("shows nearly all values and most frequent pairs in the first hundredth", () => {
    const fleet = syntheticFleet(50_000, 21);
    const columns = columnsOf(fleet);
    const first = diversityOrder(columns, "2024-06").subarray(0, 500);
    const all = columns.attributes.reduce((sum, { values }) => sum + values.length, 0);
    const seen = columns.attributes.reduce(
      (sum, { codes }) => sum + new Set(Array.from(first, (each) => codes[each])).size,
      0,
    );
    expect(seen / all).toBeGreaterThan(0.98);
  });
});

describe("order of hashes", () => {
  it("settles equal hashes by id", () => {
    const colliding = collision();
    expect(hash32(colliding[0], "x")).toBe(hash32(colliding[1], "x"));
    const ids = colliding.toSorted();
    expect(Array.from(hashOrder(ids, "x"), (n) => ids[n])).toEqual(ids);
    expect(Array.from(hashOrder(ids.toReversed(), "x"), (n) => ids.toReversed()[n])).toEqual(ids);
  });
});

/** Two ids with the same hash: among 200,000 there are several. */
function collision(): [string, string] {
  const known = new Map<number, string>();
  for (let n = 0; n < 400_000; n++) {
    const id = `device ${hash32("id", n)}`;
    const hash = hash32(id, "x");
    const other = known.get(hash);
    if (other !== undefined) return [other, id];
    known.set(hash, id);
  }
  throw new Error("No two ids have the same hash.");
}
