import type { AttributeIndex } from "../attributes/columns.js";
import { type Cohort, membership } from "./cohort.js";

/** Places of devices in the index of the release. */
export type Devices = Iterable<number>;

/** The exposed devices of a release and those among them that failed, in the order of the index; no device twice. */
export interface Exposure {
  readonly exposed: Uint32Array;
  /** A part of `exposed`. */
  readonly failing: Uint32Array;
}

const EXPOSED = 1;
const FAILING = 2;

/** Puts two lists of devices in order. A device that failed was exposed. */
export function exposureOf({ size }: AttributeIndex, exposed: Devices, failing: Devices): Exposure {
  const states = new Uint8Array(size);
  for (const device of exposed) states[device] = EXPOSED;
  for (const device of failing) states[device] = FAILING;
  const all: number[] = [];
  for (let device = 0; device < size; device++) if (states[device] !== 0) all.push(device);
  return {
    exposed: Uint32Array.from(all),
    failing: Uint32Array.from(all.filter((device) => states[device] === FAILING)),
  };
}

/** What is left of an exposure without the devices of some cohorts. */
export function without(index: AttributeIndex, exposure: Exposure, cohorts: readonly Cohort[]): Exposure {
  return cohorts.reduce(({ exposed, failing }, cohort) => {
    const belongs = membership(index, cohort);
    return {
      exposed: exposed.filter((device) => !belongs(device)),
      failing: failing.filter((device) => !belongs(device)),
    };
  }, exposure);
}
