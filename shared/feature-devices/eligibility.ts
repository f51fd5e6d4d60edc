import type { Hardware } from "../readiness/hardware.js";
import type { DeviceRecord } from "../registration/device.js";
import { CHECK_IN_DAYS, hasCheckedIn, isSupportedEdition } from "../registration/prerequisites.js";
import { parseBuild } from "../updates/build.js";
import { type Eligibility, eligibilityOf, type Reason, type Rule } from "../workloads/eligibility.js";
import { FIRST_WINDOWS_11_BUILD, isWindows11, LAST_WINDOWS_10 } from "./windows.js";

const [MEMORY_GB, DISK_GB] = [4, 64] as const;

/** What decides whether a device takes a feature update. */
export interface FeatureCandidate {
  readonly record: Pick<DeviceRecord, "managed" | "reason">;
  readonly hardware: Hardware;
  /** `Windows 11, version 24H2` */
  readonly target: string;
  /** ms */
  readonly now: number;
}

/** A rule that can also be undecided, because nobody has told what it asks for. */
interface HardwareRule extends Rule<Hardware> {
  readonly fact: keyof Hardware;
  /** For people: what is not known. */
  readonly unknown: string;
}

/** What Windows 11 asks of hardware; devices that have it have proved that they may. */
const HARDWARE_RULES: readonly HardwareRule[] = [
  {
    ...{ code: "tpm", fact: "tpm", unknown: "Which TPM it has is not known." },
    text: "Windows 11 needs a TPM 2.0. Turn it on in the firmware, or replace the device.",
    keeps: ({ tpm }) => tpm === undefined || tpm === "2.0",
  },
  {
    ...{ code: "secureBoot", fact: "secureBoot", unknown: "Whether Secure Boot is on is not known." },
    text: "Windows 11 needs Secure Boot. Turn it on in the firmware.",
    keeps: ({ secureBoot }) => secureBoot !== "off",
  },
  {
    ...{ code: "processor", fact: "processorSupported", unknown: "Whether its processor is on the list is not known." },
    text: "The processor is not on Microsoft's list for Windows 11. Replace the device.",
    keeps: ({ processorSupported }) => processorSupported !== "no",
  },
  {
    ...{ code: "memory", fact: "memoryGb", unknown: "How much memory it has is not known." },
    text: `Windows 11 needs ${MEMORY_GB} GB of memory. Add memory, or replace the device.`,
    keeps: ({ memoryGb }) => memoryGb === undefined || memoryGb >= MEMORY_GB,
  },
  {
    ...{ code: "disk", fact: "diskGb", unknown: "How large its disk is is not known." },
    text: `Windows 11 needs a disk of ${DISK_GB} GB. Replace the disk or the device.`,
    keeps: ({ diskGb }) => diskGb === undefined || diskGb >= DISK_GB,
  },
];

/** Codes of what Windows 11 asks of hardware. */
export const HARDWARE_CODES: ReadonlySet<string> = new Set(HARDWARE_RULES.map(({ code }) => code));

/** Rules of every feature update (autopatch.md §4.4, row 23; graph.md §1.0). */
const RULES: readonly Rule<FeatureCandidate>[] = [
  {
    code: "managed",
    text: "Intune does not manage the device, so that no policy reaches it. Enrol it in Intune.",
    keeps: ({ record }) => record.managed !== null,
  },
  {
    code: "checkIn",
    text: `The device has not checked in with Intune for more than ${CHECK_IN_DAYS} days. Switch it on and synchronise it.`,
    keeps: ({ record, now }) => hasCheckedIn(record, now),
  },
  {
    code: "edition",
    text: "Feature updates are for Pro, Enterprise, Education, Pro Education, Pro for Workstations and IoT Enterprise. Activate one of these editions.",
    keeps: ({ record: { managed } }) => managed?.skuFamily == null || isSupportedEdition(managed.skuFamily),
  },
  {
    code: "architecture",
    text: "Feature updates need 64-bit Windows. Replace the device or its Windows.",
    keeps: ({ record: { managed } }) => !/^(x86|arm)$/i.test(managed?.processorArchitecture ?? ""),
  },
];

export interface FeatureEligibility extends Eligibility {
  /** What nobody has told yet and would have to be known; it speaks neither for nor against the device. */
  readonly unknown: readonly Reason[];
  /** Whether Windows 11 is the target and the hardware does not have what it needs. */
  readonly isShortOfHardware: boolean;
}

/** Whether a device takes a feature update: every rule that it breaks, and what is not known (autopatch.md §12). */
export function featureEligibility(candidate: FeatureCandidate): FeatureEligibility {
  const { record, hardware, target } = candidate;
  const build = parseBuild(record.managed?.osVersion ?? "")?.major;
  const isAsked = isWindows11(target) && (build === undefined || build < FIRST_WINDOWS_11_BUILD);
  const asked = isAsked ? HARDWARE_RULES : [];
  const ofHardware = eligibilityOf(hardware, asked);
  const { label, reasons } = eligibilityOf(candidate, [
    ...RULES,
    ...asked.map(({ keeps, ...reason }) => ({ ...reason, keeps: () => keeps(hardware) })),
  ]);
  const version = { code: "version", text: "Its Windows version is not known. Synchronise the device with Intune." };
  const untold = asked.filter(({ fact }) => hardware[fact] === undefined);
  return {
    ...{ label, reasons, isShortOfHardware: ofHardware.reasons.length > 0 },
    unknown: [
      ...(build === undefined ? [version] : []),
      ...untold.map(({ code, unknown }) => ({ code, text: `${unknown} Its agent tells it with its next report.` })),
    ],
  };
}

/** What a device is brought to when its policy names a version. */
export interface Reachable {
  /** Null: it stays on the version that it has. */
  readonly version: string | null;
  /** Whether that is Windows 10, version 22H2 in place of a Windows 11 that its hardware does not take. */
  readonly isFallback: boolean;
}

/**
 * The version that a policy brings a device to: that which it names, or for a device that Windows 11 does not take the
 * last version of Windows 10 where the policy says so and the device has an older one (graph.md §1.6, §2.3).
 * @param offersWindows10 `installLatestWindows10OnWindows11IneligibleDevice` of the policy
 */
export function reachable(
  target: string,
  { isShortOfHardware }: Pick<FeatureEligibility, "isShortOfHardware">,
  build: number | null,
  offersWindows10: boolean,
): Reachable {
  if (!isShortOfHardware) return { version: target, isFallback: false };
  const isBehind = build !== null && build < LAST_WINDOWS_10.build;
  const isFallback = offersWindows10 && isBehind;
  return { version: isFallback ? LAST_WINDOWS_10.version : null, isFallback };
}
