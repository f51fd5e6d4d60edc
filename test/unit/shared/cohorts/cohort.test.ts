import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { indexAttributes } from "../../../../shared/attributes/columns.js";
import {
  type Cohort,
  cohortId,
  cohortOf,
  cohortOfReason,
  devicesOf,
  holdReason,
  matches,
  parseCohort,
} from "../../../../shared/cohorts/cohort.js";
import { AppError } from "../../../../shared/errors.js";

const condition = fc.record({ attribute: fc.string({ minLength: 1 }), value: fc.string() });
const cohort: fc.Arbitrary<Cohort> = fc.oneof(
  condition.map((a) => cohortOf(a)),
  fc
    .tuple(condition, condition)
    .filter(([a, b]) => a.attribute !== b.attribute)
    .map(([a, b]) => cohortOf(a, b)),
);
const model = { attribute: "model", value: "Contoso 15" };
const bios = { attribute: "bios", value: "1.2.3" };

describe("name of a cohort", () => {
  it("reads well and does not depend on the order of its conditions", () => {
    expect(cohortId(cohortOf(model))).toBe("model=Contoso 15");
    expect(cohortId(cohortOf(model, bios))).toBe("bios=1.2.3 & model=Contoso 15");
    expect(cohortId(cohortOf(bios, model))).toBe("bios=1.2.3 & model=Contoso 15");
  });

  it("is read back, whatever names and values hold", () => {
    fc.assert(
      fc.property(cohort, (each) => {
        expect(parseCohort(cohortId(each))).toEqual(each);
        expect(cohortOfReason(holdReason(each))).toEqual(each);
      }),
    );
    expect(cohortId(cohortOf({ attribute: "maker", value: "A & B=100 %" }))).toBe("maker=A %26 B%3D100 %25");
  });

  it("is only a reason to hold with its prefix", () => {
    expect(holdReason(cohortOf(model))).toBe("cohort:model=Contoso 15");
    expect(cohortOfReason("person:waits for the audit")).toBeUndefined();
  });

  it.each(["", "model", "=A", "a=b=c", "a=1 & a=2", "a=1 & b=2 & c=3"])("is refused when it is '%s'", (id) => {
    expect(() => parseCohort(id)).toThrow(AppError);
  });
});

describe("devices of a cohort", () => {
  it("have all its values, in the index as by their attributes", () => {
    const attributes = fc.dictionary(fc.constantFrom("bios", "model"), fc.constantFrom("1", "2"));
    const value = fc.constantFrom("1", "2", "3");
    fc.assert(
      fc.property(fc.array(attributes), value, value, fc.boolean(), (devices, first, second, pair) => {
        const [a, b] = [
          { attribute: "model", value: first },
          { attribute: "bios", value: second },
        ] as const;
        const each = pair ? cohortOf(a, b) : cohortOf(a);
        const index = indexAttributes(devices.length, (device) => devices[device] ?? {});
        const matching = devices.flatMap((device, at) => (matches(each, device) ? [at] : []));
        expect([...devicesOf(index, each)]).toEqual(matching);
        expect(matching).toEqual(
          devices.flatMap((device, at) => (device.model === first && (!pair || device.bios === second) ? [at] : [])),
        );
      }),
    );
  });
});
