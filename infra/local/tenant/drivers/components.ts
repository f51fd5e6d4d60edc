import { compareVersions } from "../../../../shared/drivers/version.js";
import type { DeviceRecord } from "../types.js";

/** A part of a computer that has a driver or firmware of its own; drivers of the same name are versions of one. */
export interface Component {
  /** `NVIDIA - Display`: what stands before the version in the name of a driver. */
  readonly name: string;
  readonly manufacturer: string;
  readonly driverClass: string;
}

export interface InstalledDriver extends Component {
  readonly version: string;
}

/** Driver classes whose content is firmware, which nobody recommends (autopatch.md §7). */
export const FIRMWARE = "Firmware";

/** The parts of a device with the versions they have now: what Windows Update has installed since counts. */
export function installedOn(device: DeviceRecord): InstalledDriver[] {
  const { installedDrivers } = device;
  const parts = componentsOf(device);
  if (installedDrivers === undefined) return parts;
  return parts.map((part) => {
    const version = installedDrivers[part.name];
    return version === undefined || compareVersions(version, part.version) < 0 ? part : { ...part, version };
  });
}

/** The parts of a device with their versions, as its hardware inventory tells; what it does not tell is left out. */
export function componentsOf({ manufacturer, model, attributes }: DeviceRecord): InstalledDriver[] {
  return [
    driver(attributes.gpuDriver, "Display"),
    driver(attributes.networkDriver, "Net"),
    storage(attributes.storageFirmware),
    firmware(manufacturer, model, attributes.bios),
  ].filter((part) => part !== undefined);
}

/** `NVIDIA 32.0.15.7652` */
function driver(text: string | undefined, driverClass: string): InstalledDriver | undefined {
  const [, manufacturer, version] = /^(\w+) (\d[\d.]*)$/.exec(text ?? "") ?? [];
  if (manufacturer === undefined || version === undefined) return undefined;
  return { name: `${manufacturer} - ${driverClass}`, manufacturer, driverClass, version };
}

/** `Samsung PM9A1 1ABC12`: the last two digits count. */
function storage(text: string | undefined): InstalledDriver | undefined {
  const [, disk, count] = /^(.+) \w+?(\d\d)$/.exec(text ?? "") ?? [];
  if (disk === undefined) return undefined;
  const manufacturer = disk.split(" ")[0] ?? disk;
  return { name: `${disk} - ${FIRMWARE}`, manufacturer, driverClass: FIRMWARE, version: `1.${Number(count)}` };
}

/** Lenovo: `R1ABET30W (…)`; HP: `T72 Ver. 01.30.00 (…)`; all others: `1.30.2 (…)`. */
function firmware(manufacturer: string, model: string, bios = ""): InstalledDriver | undefined {
  const lenovo = /ET(\d+)W/.exec(bios)?.[1];
  const counted = lenovo === undefined ? /(?:Ver\. |^)(\d+(?:\.\d+)+)/.exec(bios)?.[1] : `1.${lenovo}`;
  if (counted === undefined) return undefined;
  const version = counted.split(".").map(Number).join(".");
  return { name: `${manufacturer} ${model} - ${FIRMWARE}`, manufacturer, driverClass: FIRMWARE, version };
}
