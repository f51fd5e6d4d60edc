import { uniform } from "../../random.js";
import type { DeviceKey } from "../install.js";
import { type Choice, pick, weighted, zipf } from "./choice.js";
import { graphicsDrivers, graphicsVendor, networkDrivers, storageFirmware } from "./components.js";
import { COMPUTER_MODELS, type ComputerModel } from "./computer-models.js";
import { hardwareMix } from "./hardware-mix.js";
import { antivirus, lineOfBusinessApp, systemTool, utcOffsets, vpn } from "./software.js";

/** What a device is like. Every value may be a cohort (gate.md §5). */
export interface DeviceAttributes {
  readonly manufacturer: string;
  readonly model: string;
  /** Depends on the model. */
  readonly bios: string;
  readonly gpu: string;
  /** Depends on the maker of the gpu. */
  readonly gpuDriver: string;
  /** Depends on the model's network adapter. */
  readonly networkDriver: string;
  readonly storageFirmware: string;
  /** `Windows 11 23H2` */
  readonly osVersion: string;
  /** `10.0.22631.3593`; depends on the version. */
  readonly osBuild: string;
  readonly language: string;
  readonly memory: string;
  readonly cores: string;
  readonly freeDisk: string;
  readonly antivirus: string;
  readonly vpn: string;
  readonly lineOfBusinessApp: string;
  readonly systemTool: string;
}

/** A build of Windows that devices start with. */
export interface InstalledBuild {
  readonly product: "Windows 10" | "Windows 11";
  readonly version: "22H2" | "23H2" | "24H2";
  /** `10.0.22631.3593` */
  readonly build: string;
  /** Share within the version; shares need not add up to 1. */
  readonly share: number;
}

export interface SynthesisedDevice {
  readonly attributes: DeviceAttributes;
  readonly installed: InstalledBuild;
  readonly utcOffsetHours: number;
}

/** The builds a fleet of June 2024 or so has, for those who have no catalogue at hand. */
export const EXAMPLE_BUILDS: readonly InstalledBuild[] = [
  { product: "Windows 11", version: "23H2", build: "10.0.22631.3593", share: 0.9 },
  { product: "Windows 11", version: "23H2", build: "10.0.22631.3447", share: 0.07 },
  { product: "Windows 11", version: "23H2", build: "10.0.22631.3296", share: 0.03 },
  { product: "Windows 10", version: "22H2", build: "10.0.19045.4412", share: 0.9 },
  { product: "Windows 10", version: "22H2", build: "10.0.19045.4291", share: 0.07 },
  { product: "Windows 10", version: "22H2", build: "10.0.19045.4170", share: 0.03 },
];

/** Share of Windows 11 devices that already run 24H2, where there are builds of it. */
const SHARE_24H2 = 0.35;
/** Share of devices whose graphics are those usual for their model. */
const USUAL_GRAPHICS = 0.6;

const models = zipf(COMPUTER_MODELS, 0.9);
const biosOf = new Map(COMPUTER_MODELS.map((model) => [model, zipf(model.bios, 1.3)] as const));

/**
 * A synthesiser of devices with realistic, correlated attributes; Zipf-distributed, about 1,400 to 1,800 distinct
 * values in 50,000 devices (gate.md §1a). The same seed and device give the same device.
 */
export function deviceSynthesiser(
  seed: number,
  builds: readonly InstalledBuild[] = EXAMPLE_BUILDS,
): (device: DeviceKey) => SynthesisedDevice {
  const installed = installedChoice(builds);
  const mix = hardwareMix();
  return (device) => {
    const draw = <T>(choice: Choice<T>, purpose: string): T => pick(choice, uniform(seed, device, purpose));
    const model = draw(models, "model");
    const gpu = usualGraphics(model, uniform(seed, device, "usual gpu")) ?? draw(mix.gpu, "gpu");
    const windows = draw(installed, "windows");
    const language = draw(mix.language, "language");
    const offsets = utcOffsets(language);
    return {
      attributes: {
        manufacturer: model.manufacturer,
        model: model.name,
        bios: draw(biosOf.get(model) ?? zipf(model.bios, 1), "bios"),
        gpu,
        gpuDriver: draw(required(graphicsDrivers, graphicsVendor(gpu)), "gpu driver"),
        networkDriver: draw(required(networkDrivers, model.network), "network driver"),
        storageFirmware: draw(storageFirmware, "storage"),
        osVersion: `${windows.product} ${windows.version}`,
        osBuild: windows.build,
        language,
        memory: draw(mix.memory, "memory"),
        cores: draw(mix.cores, "cores"),
        freeDisk: draw(mix.freeDisk, "free disk"),
        antivirus: draw(antivirus, "antivirus"),
        vpn: draw(vpn, "vpn"),
        lineOfBusinessApp: draw(lineOfBusinessApp, "line of business"),
        systemTool: draw(systemTool, "system tool"),
      },
      installed: windows,
      utcOffsetHours: offsets[Math.floor(uniform(seed, device, "time zone") * offsets.length)] ?? 0,
    };
  };
}

function usualGraphics(model: ComputerModel, draw: number): string | undefined {
  return draw < USUAL_GRAPHICS ? pick(hardwareMix().gpu, uniform("usual gpu", model.name)) : undefined;
}

function installedChoice(builds: readonly InstalledBuild[]): Choice<InstalledBuild> {
  const ten = hardwareMix().windows10Share;
  const has = (version: string) => builds.some((each) => each.version === version);
  const share24 = has("24H2") ? (has("23H2") ? SHARE_24H2 : 1) : 0;
  const shares: Readonly<Record<string, number>> = {
    "22H2": ten,
    "23H2": (1 - ten) * (1 - share24),
    "24H2": (1 - ten) * share24,
  };
  const within = new Map<string, number>();
  for (const { version, share } of builds) within.set(version, (within.get(version) ?? 0) + share);
  return weighted(
    builds.map((each) => [each, ((shares[each.version] ?? 0) * each.share) / (within.get(each.version) ?? 1)]),
  );
}

function required<K, V>(map: ReadonlyMap<K, V>, key: K): V {
  const value = map.get(key);
  if (value === undefined) throw new Error(`There are no drivers of ${String(key)}.`);
  return value;
}
