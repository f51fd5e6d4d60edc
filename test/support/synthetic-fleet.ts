import { type Choice, pick, zipf } from "../../shared/model/attributes/choice.js";
import { hash32, uniform } from "../../shared/random.js";

/** How an attribute is distributed: so many values, the n-th with a weight of n to the power of −exponent. */
interface Distribution {
  readonly values: number;
  readonly exponent: number;
}

/** What a device has: an attribute, or something unseen that attributes depend on. */
interface Trait {
  readonly name: string;
  /** Left out where another trait decides. */
  readonly distribution?: Distribution;
  /** The trait on whose value this one depends; with a distribution too, every value of it has values of its own. */
  readonly of?: string;
  /** How many kinds the values of `of` fall into; absent when each is its own. */
  readonly kinds?: number;
  /** Decides others, but is no attribute itself. */
  readonly unseen?: boolean;
}

/**
 * The ten categorical attributes of gate.md §1a: 5 to 400 values each, Zipf with an exponent of 0.8 to 1.3; BIOS depends
 * on the model, drivers on components, which depend on the model, the OS build on the version. About 1,400 values in
 * 50,000 devices.
 */
const TRAITS: readonly Trait[] = [
  { name: "model", distribution: { values: 300, exponent: 0.8 } },
  { name: "bios", of: "model" },
  { name: "gpuDriver", of: "model", kinds: 400 },
  { name: "networkDriver", of: "model", kinds: 400 },
  { name: "storageFirmware", of: "model", kinds: 400 },
  { name: "osVersion", distribution: { values: 5, exponent: 1.3 }, unseen: true },
  { name: "osBuild", of: "osVersion", distribution: { values: 5, exponent: 1.3 } },
  { name: "antivirus", distribution: { values: 5, exponent: 1.3 } },
  { name: "vpn", distribution: { values: 6, exponent: 1.3 } },
  { name: "language", distribution: { values: 25, exponent: 1.3 } },
  { name: "app", distribution: { values: 120, exponent: 1.3 } },
];

export interface SyntheticDevice {
  readonly id: string;
  /** `{ model: "model 17", bios: "bios 17", osBuild: "osBuild 1.4", … }` */
  readonly attributes: Readonly<Record<string, string>>;
}

/** Devices with the attributes of gate.md §1a; the same seed and number give the same device. */
export function syntheticFleet(devices: number, seed: number): SyntheticDevice[] {
  const traits = TRAITS.map((trait) => ({ ...trait, choice: choiceOf(trait.distribution) }));
  return Array.from({ length: devices }, (_, nth) => {
    const values: Record<string, string> = {};
    const attributes: Record<string, string> = {};
    for (const { name, choice, of, kinds, unseen } of traits) {
      const owner = of === undefined ? [] : [kindOf(values[of] ?? "", name, kinds)];
      const own = choice === undefined ? [] : [pick(choice, uniform(seed, nth, name))];
      const value = [...owner, ...own].join(".");
      values[name] = value;
      if (unseen !== true) attributes[name] = `${name} ${value}`;
    }
    return { id: `d0000000-0000-4000-a000-${nth.toString(16).padStart(12, "0")}`, attributes };
  });
}

/** The fleet's parameters, for a benchmark to print beside its figures. */
export function describeSyntheticFleet(): string[] {
  const parts = TRAITS.map(({ name, distribution, of, kinds, unseen }) => {
    const own = distribution === undefined ? [] : [`${distribution.values} at ${distribution.exponent}`];
    const owner = of === undefined ? [] : [kinds === undefined ? `per ${of}` : `per ${of} in ${kinds} kinds`];
    return `${name}${unseen === true ? " (no attribute)" : ""} ${[...own, ...owner].join(" ")}`;
  });
  return [
    "devices with the ten attributes of gate.md §1a; values and Zipf exponents, or what decides them:",
    parts.join(", "),
  ];
}

function choiceOf(distribution: Distribution | undefined): Choice<number> | undefined {
  if (distribution === undefined) return undefined;
  const { values, exponent } = distribution;
  return zipf(
    Array.from({ length: values }, (_, value) => value),
    exponent,
  );
}

/** A kind is fixed for a value, whatever the seed: which components a model has does not change. */
function kindOf(value: string, name: string, kinds: number | undefined): string {
  return kinds === undefined ? value : String(hash32("kind", name, value) % kinds);
}
