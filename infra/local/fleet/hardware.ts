import { uniform } from "../../../shared/random.js";
import type { DeviceRecord } from "../tenant/types.js";

/** What the agent tells of the hardware that Windows 11 asks for. */
export interface HardwareFacts extends Readonly<Record<string, string>> {
  readonly tpm: "2.0" | "1.2" | "none";
  readonly secureBoot: "on" | "off";
  readonly processorSupported: "yes" | "no";
  /** Digits. */
  readonly memoryGb: string;
  readonly diskGb: string;
}

/** Shares of Windows 10 devices that fail a rule of Windows 11; about a tenth fail by TPM or processor. */
const FAILING = { noTpm: 0.015, oldTpm: 0.035, processor: 0.06, secureBoot: 0.02, disk: 0.01 } as const;

/** Usual sizes of disks, and one that is too small. */
const DISKS_GB = [128, 256, 256, 512, 512, 512, 1_024] as const;
const SMALL_DISK_GB = 32;
const LEAST_MEMORY_GB = 4;

/**
 * The hardware of a device. One that runs Windows 11 has what that needs.
 * @param memory as the hardware mix has it: `16 GB`, `Less than 4 GB`
 */
export function hardwareFacts(
  seed: number,
  index: number,
  product: DeviceRecord["product"],
  memory: string,
): HardwareFacts {
  const draw = (purpose: string) => uniform(seed, index, "hardware", purpose);
  const fails = (share: number, purpose: string) => product === "Windows 10" && draw(purpose) < share;
  const disk = DISKS_GB[Math.floor(draw("disk size") * DISKS_GB.length)] ?? SMALL_DISK_GB;
  return {
    tpm: fails(FAILING.noTpm, "tpm") ? "none" : fails(FAILING.noTpm + FAILING.oldTpm, "tpm") ? "1.2" : "2.0",
    secureBoot: fails(FAILING.secureBoot, "secure boot") ? "off" : "on",
    processorSupported: fails(FAILING.processor, "processor") ? "no" : "yes",
    memoryGb: String(product === "Windows 10" ? gigabytes(memory) : Math.max(LEAST_MEMORY_GB, gigabytes(memory))),
    diskGb: String(fails(FAILING.disk, "disk") ? SMALL_DISK_GB : disk),
  };
}

function gigabytes(memory: string): number {
  const size = Number(/\d+/.exec(memory)?.[0] ?? 0);
  if (memory.startsWith("More")) return size * 2;
  return memory.startsWith("Less") ? size / 2 : size;
}
