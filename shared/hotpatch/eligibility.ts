import { VBS_RUNNING } from "../graph/device-guard.js";
import type { ManagedFacts } from "../registration/device.js";
import { parseBuild } from "../updates/build.js";
import { type Eligibility, eligibilityOf, type Rule } from "../workloads/eligibility.js";
import { type Cycle, Standing, standingOf } from "./cycle.js";

/** Windows 11 24H2, the first version that takes hotpatches (autopatch.md §5.9). */
export const FIRST_HOTPATCH_BUILD = 26_100;

/** Attribute in which the agent tells the registry value that disables CHPE on Arm64; Intune does not know it. */
export const CHPE_ATTRIBUTE = "hotPatchRestrictions";

const X64: ReadonlySet<string> = new Set(["x64", "amd64"]);
const ARM64 = "arm64";

/** What decides whether a device takes hotpatches. */
export interface HotpatchDevice {
  /** Build number of its Windows version, 0 when unknown. */
  readonly version: number;
  /** Lower-case letters only: `enterprise`. */
  readonly edition: string;
  /** Lower-case: `x64`, `arm64`, `unknown`. */
  readonly architecture: string;
  readonly chpeDisabled: boolean;
  /** As Intune says it; null when it does not or was not asked yet. */
  readonly vbs: string | null;
  readonly licensed: boolean;
  readonly standing: Standing;
}

export interface HotpatchFacts {
  /** Null for a device that Intune does not manage. */
  readonly managed: ManagedFacts | null;
  /** Attributes that the device's agent told. */
  readonly told: Readonly<Record<string, string>>;
  readonly vbs: string | null;
  readonly licensed: boolean;
}

/** The rules of hotpatch in the order of the reference (autopatch.md §5.9, row 68). */
export const HOTPATCH_RULES: readonly Rule<HotpatchDevice>[] = [
  {
    code: "edition",
    text: "Hotpatches are for the Enterprise edition of Windows 11. Activate Enterprise on the device.",
    keeps: ({ edition }) => edition === "enterprise",
  },
  {
    code: "windowsVersion",
    text: `Hotpatches need Windows 11 24H2 (build ${FIRST_HOTPATCH_BUILD}) or later. Bring the device a feature update.`,
    keeps: ({ version }) => version >= FIRST_HOTPATCH_BUILD,
  },
  {
    code: "architecture",
    text: "Hotpatches are for x64 and Arm64 processors, and Intune names no such processor of the device.",
    keeps: ({ architecture }) => X64.has(architecture) || architecture === ARM64,
  },
  {
    code: "chpe",
    text: "On Arm64 hotpatches need CHPE disabled. Set HotPatchRestrictions to 1 on the device and restart it.",
    keeps: ({ architecture, chpeDisabled }) => architecture !== ARM64 || chpeDisabled,
  },
  {
    code: "vbsUnknown",
    text: "Whether virtualization-based security runs has not been read from Intune. It is read every day.",
    keeps: ({ vbs, version }) => vbs !== null || version < FIRST_HOTPATCH_BUILD,
  },
  {
    code: "vbsNotRunning",
    text: "Hotpatch - VBS not running. Turn on virtualization-based security and restart the device.",
    keeps: ({ vbs }) => vbs === null || vbs === VBS_RUNNING,
  },
  {
    code: "licence",
    text: "The tenant has no licence for hotpatches: Windows Enterprise E3 or E5, F3, A3 or A5, Business Premium or Windows 365 Enterprise.",
    keeps: ({ licensed }) => licensed,
  },
  {
    code: "baselineMissing",
    text: "The device lacks the current baseline. It gets the baseline first, with a restart, and hotpatches after it.",
    keeps: ({ standing }) => standing !== Standing.behind,
  },
  {
    code: "outsideCycle",
    text: "The device has an update that is neither the current baseline nor a hotpatch of it. It takes hotpatches again from the next baseline on.",
    keeps: ({ standing }) => standing !== Standing.left,
  },
  {
    code: "baselineUnknown",
    text: "The catalogue has no current baseline for the device's Windows version.",
    keeps: ({ standing, version }) => standing !== Standing.unknown || version < FIRST_HOTPATCH_BUILD,
  },
];

/** What the rules look at. */
export function hotpatchDevice({ managed, told, vbs, licensed }: HotpatchFacts, cycle: Cycle): HotpatchDevice {
  const build = parseBuild(managed?.osVersion ?? "");
  return {
    version: build?.major ?? 0,
    edition: (managed?.skuFamily ?? "").toLowerCase().replace(/[^a-z]/g, ""),
    architecture: (managed?.processorArchitecture ?? "unknown").toLowerCase(),
    chpeDisabled: told[CHPE_ATTRIBUTE] === "1",
    ...{ vbs, licensed },
    standing: build === undefined ? Standing.unknown : standingOf(build, cycle),
  };
}

/** Whether a device takes hotpatches now, with every rule that it breaks. */
export function hotpatchEligibility(device: HotpatchDevice): Eligibility {
  return eligibilityOf(device, HOTPATCH_RULES);
}
