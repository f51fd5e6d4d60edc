import { readFileSync } from "node:fs";
import { dataFile } from "../../data-file.js";
import { type Choice, weighted } from "./choice.js";

const FILE = "shared/model/data/hardware-mix.csv";
/** Graphics that no Windows computer of an organisation has. */
const NOT_WINDOWS = /Apple|RADV|Custom GPU|Raphael|^Other$/;

export interface HardwareMix {
  readonly gpu: Choice<string>;
  readonly memory: Choice<string>;
  readonly cores: Choice<string>;
  readonly language: Choice<string>;
  readonly freeDisk: Choice<string>;
  /** Share of Windows 10 among Windows 10 and 11. */
  readonly windows10Share: number;
}

let cached: HardwareMix | undefined;

/** Measured shares of hardware (Steam hardware survey, 2026-04), only what is Windows; read once. */
export function hardwareMix(): HardwareMix {
  cached ??= read();
  return cached;
}

function read(): HardwareMix {
  const rows = new Map<string, [string, number][]>();
  const [, ...lines] = readFileSync(dataFile(FILE), "utf8").trim().split(/\r?\n/);
  for (const line of lines) {
    const [attribute = "", value = "", share = ""] = line.split(",");
    const entries = rows.get(attribute) ?? [];
    entries.push([value.replace(/\s+/g, " "), Number(share)]);
    rows.set(attribute, entries);
  }
  const mix = (attribute: string, keep: (value: string) => boolean = (value) => value !== "Other") =>
    weighted((rows.get(attribute) ?? []).filter(([value, share]) => share > 0 && keep(value)));
  const version = new Map(rows.get("osVersion"));
  const ten = version.get("Windows 10 64 bit") ?? 0;
  const eleven = version.get("Windows 11 64 bit") ?? 1;
  return {
    gpu: mix("gpu", (value) => !NOT_WINDOWS.test(value)),
    memory: mix("ram"),
    cores: mix("cpuCores"),
    language: mix("language"),
    freeDisk: mix("freeDisk"),
    windows10Share: ten / (ten + eleven),
  };
}
