import { hash32 } from "../../random.js";
import { type Choice, zipf } from "./choice.js";
import type { NetworkVendor } from "./computer-models.js";

export type GraphicsVendor = "NVIDIA" | "AMD" | "Intel";

/** How many versions of a driver are in use, and how unevenly. */
interface Versions {
  readonly count: number;
  readonly exponent: number;
}

const GRAPHICS: Readonly<Record<GraphicsVendor, Versions>> = {
  NVIDIA: { count: 60, exponent: 0.9 },
  AMD: { count: 35, exponent: 0.9 },
  Intel: { count: 50, exponent: 0.9 },
};

const NETWORK: Readonly<Record<NetworkVendor, Versions>> = {
  Intel: { count: 42, exponent: 0.8 },
  Realtek: { count: 30, exponent: 0.8 },
  Qualcomm: { count: 18, exponent: 0.8 },
  MediaTek: { count: 16, exponent: 0.8 },
  Broadcom: { count: 12, exponent: 0.8 },
};

const DISKS = ["Samsung PM9A1", "Samsung PM991a", "WD SN740", "WD SN530", "SK hynix BC711", "SK hynix PC801"]
  .concat(["Micron 2450", "Micron 3400", "KIOXIA BG5", "KIOXIA XG8", "Solidigm P41", "Kingston OM8PGP4"])
  .flatMap((disk) => Array.from({ length: 11 }, (_, age) => `${disk} ${firmware(disk, age)}`));

export const graphicsDrivers = new Map<GraphicsVendor, Choice<string>>(
  (Object.keys(GRAPHICS) as GraphicsVendor[]).map((vendor) => [vendor, versionsOf(vendor, GRAPHICS[vendor], graphics)]),
);

export const networkDrivers = new Map<NetworkVendor, Choice<string>>(
  (Object.keys(NETWORK) as NetworkVendor[]).map((vendor) => [vendor, versionsOf(vendor, NETWORK[vendor], network)]),
);

/** Disk and its firmware, in an order that mixes the makers. */
export const storageFirmware: Choice<string> = zipf(
  DISKS.toSorted((a, b) => hash32("disk order", a) - hash32("disk order", b)),
  1,
);

/** Who made a graphics card, by its name. */
export function graphicsVendor(gpu: string): GraphicsVendor {
  if (gpu.startsWith("NVIDIA")) return "NVIDIA";
  return gpu.startsWith("AMD") ? "AMD" : "Intel";
}

function versionsOf<T extends string>(
  vendor: T,
  { count, exponent }: Versions,
  version: (vendor: T, age: number) => string,
) {
  return zipf(
    Array.from({ length: count }, (_, age) => `${vendor} ${version(vendor, age)}`),
    exponent,
  );
}

function graphics(vendor: GraphicsVendor, age: number): string {
  if (vendor === "NVIDIA") return `32.0.15.${7652 - 61 * age}`;
  return vendor === "AMD" ? `32.0.${21025 - 211 * age}.${1000 + age}` : `32.0.101.${6881 - 37 * age}`;
}

function network(vendor: NetworkVendor, age: number): string {
  const major = { Intel: 23, Realtek: 10, Qualcomm: 3, MediaTek: 3, Broadcom: 7 }[vendor];
  return `${major}.${110 - (age % 11) * 10}.${Math.floor(age / 11)}.${age % 7}`;
}

function firmware(disk: string, age: number): string {
  return `${hash32("firmware", disk).toString(36).slice(0, 4).toUpperCase()}${10 + age}`;
}
