import { type AttributeIndex, type Attributes, indexAttributes } from "../attributes/columns.js";
import { type Cohort, devicesOf } from "../cohorts/cohort.js";
import { deviceSynthesiser } from "../model/index.js";
import { diversityOrder } from "../ordering/index.js";
import { hash32 } from "../random.js";

/** A fleet of the what-if: devices are numbered ring by ring from 0, in the index too. */
export interface WhatIfFleet {
  readonly rings: readonly { readonly name: string; readonly size: number }[];
  readonly index: AttributeIndex;
}

/** A fleet from the attributes of its devices by ring. Rings without devices are left out. */
export function fleetOf(
  rings: readonly { readonly name: string; readonly devices: readonly Attributes[] }[],
): WhatIfFleet {
  const filled = rings.filter(({ devices }) => devices.length > 0);
  const all = filled.flatMap(({ devices }) => devices);
  return {
    rings: filled.map(({ name, devices }) => ({ name, size: devices.length })),
    index: indexAttributes(all.length, (device) => all[device] ?? {}),
  };
}

/** A fleet of the device model: attributes as gate.md §1a says. */
export function modelFleet(
  rings: readonly { readonly name: string; readonly size: number }[],
  seed: number,
): WhatIfFleet {
  const synthesise = deviceSynthesiser(seed);
  const size = rings.reduce((sum, ring) => sum + ring.size, 0);
  return {
    rings: rings.filter((ring) => ring.size > 0),
    index: indexAttributes(size, (device) => ({ ...synthesise(device).attributes })),
  };
}

/** Deployments have orders of their own; so many different ones take turns, since an order costs more than a month. */
const ORDERS = 4;
/** From so many devices on one order has to do. */
const ONE_ORDER_FROM = 250_000;

/** What months ask of a fleet again and again, found once. */
interface Prepared {
  readonly orders: Map<number, Uint32Array>;
  cohorts?: readonly Cohort[];
}

const prepared = new WeakMap<WhatIfFleet, Prepared>();

function preparedOf(fleet: WhatIfFleet): Prepared {
  const known = prepared.get(fleet);
  if (known !== undefined) return known;
  const made: Prepared = { orders: new Map() };
  prepared.set(fleet, made);
  return made;
}

/** Devices in the order in which a month offers to them: diversity first, ring by ring (gate.md §7). */
export function orderOf(fleet: WhatIfFleet, month: number): Uint32Array {
  const { orders } = preparedOf(fleet);
  const deployment = fleet.index.size < ONE_ORDER_FROM ? month % ORDERS : 0;
  const known = orders.get(deployment);
  if (known !== undefined) return known;
  const order = new Uint32Array(fleet.index.size);
  let start = 0;
  for (const { size } of fleet.rings) {
    const [from, end] = [start, start + size];
    const ids = Array.from({ length: size }, (_, place) => String(from + place));
    const attributes = fleet.index.columns.map((column) => ({ ...column, codes: column.codes.subarray(from, end) }));
    const places = diversityOrder({ ids, attributes }, `what-if ${deployment}`);
    for (let at = 0; at < size; at++) order[from + at] = from + (places[at] ?? 0);
    start = end;
  }
  orders.set(deployment, order);
  return order;
}

/** Shares of the fleet that a bad cohort has (gate.md §5), and those of a fleet where no value has these. */
const BAD_SHARES = [
  [0.03, 0.08],
  [0.01, 0.3],
] as const;

/** Attribute values that may be bad; none where every value is on too few or too many devices. */
function badCohorts(fleet: WhatIfFleet): readonly Cohort[] {
  const own = preparedOf(fleet);
  const { columns, size } = fleet.index;
  own.cohorts ??=
    BAD_SHARES.map(([least, most]) =>
      columns.flatMap(({ name, values, counts }) =>
        values.flatMap((value, code): Cohort[] => {
          const share = (counts[code] ?? 0) / size;
          return share >= least && share <= most ? [[{ attribute: name, value }]] : [];
        }),
      ),
    ).find((cohorts) => cohorts.length > 0) ?? [];
  return own.cohorts;
}

export function canHaveBadCohort(fleet: WhatIfFleet): boolean {
  return badCohorts(fleet).length > 0;
}

/** Devices (1) of the bad cohort of a month; undefined where there can be none. */
export function badDevices(fleet: WhatIfFleet, monthSeed: number): Uint8Array | undefined {
  const cohorts = badCohorts(fleet);
  const cohort = cohorts[hash32(monthSeed, "bad cohort") % Math.max(1, cohorts.length)];
  return cohort && maskOf(fleet.index, [cohort]);
}

/** Devices (1) that belong to any of the cohorts. */
export function maskOf(index: AttributeIndex, cohorts: readonly Cohort[]): Uint8Array {
  const mask = new Uint8Array(index.size);
  for (const cohort of cohorts) for (const device of devicesOf(index, cohort)) mask[device] = 1;
  return mask;
}
