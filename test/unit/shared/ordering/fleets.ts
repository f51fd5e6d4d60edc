import fc from "fast-check";
import type { DeviceRecord } from "../../../../shared/ordering/index.js";

/** Small fleets with distinct ids and up to four attributes, of which a device may lack some, with and without risk. */
export function fleets(most: number): fc.Arbitrary<DeviceRecord[]> {
  const value = fc.constantFrom("a", "b", "c", "d", "");
  const attributes = fc.record({ model: value, osBuild: value, gpu: value, app: value }, { requiredKeys: [] });
  const device = fc.record(
    { id: fc.string({ minLength: 1, maxLength: 6 }), attributes, risk: fc.constantFrom(0.1, 0.2, 0.5) },
    { requiredKeys: ["id", "attributes"] },
  );
  return fc.uniqueArray(device, { minLength: 1, maxLength: most, selector: ({ id }) => id });
}
