import { addDays } from "../calendar/days.js";
import type { DeviceRecord, EntraFacts, ManagedFacts } from "./device.js";
import { isEmulator, missingIdentity, serialOf } from "./identity.js";
import { servicingProblem } from "./windows-versions.js";

/** The prerequisite checks in their order, by the names that a reason carries (autopatch.md §3.2). */
export const PrerequisiteCheck = {
  managed: "Intune-managed",
  checkIn: "Last Intune check-in",
  windows: "Windows and corporate-owned",
  edition: "Windows edition",
  version: "Windows version and architecture",
  management: "Management type",
  identity: "Identity data",
  overlap: "Autopatch group conflict",
  excluded: "Excluded",
} as const;
export type PrerequisiteCheck = (typeof PrerequisiteCheck)[keyof typeof PrerequisiteCheck];

/** Longest silence of a device towards Intune, whole days: the 29th ends it (row 23). */
export const CHECK_IN_DAYS = 28;

/** The register may know the last check-in so many days late while nothing else of a device changes (device.ts). */
const REGISTER_LAG_DAYS = 7;

/**
 * Whether a registered device that Intune manages has checked in lately enough, as far as the register knows.
 * @param now ms
 */
export function hasCheckedIn({ managed, reason }: Pick<DeviceRecord, "managed" | "reason">, now: number): boolean {
  if (managed === null) return true;
  if (reason?.check === PrerequisiteCheck.checkIn) return false;
  const { lastSyncAt } = managed;
  return lastSyncAt !== null && now < addDays(Date.parse(lastSyncAt), CHECK_IN_DAYS + 1 + REGISTER_LAG_DAYS);
}

export interface Candidate {
  readonly entra: EntraFacts;
  readonly managed: ManagedFacts | null;
  /** Autopatch groups that claim the device; more than one is a conflict. */
  readonly groups: readonly string[];
  /** Whether one of them manages Microsoft 365 Apps, which then have to be Intune's. */
  readonly microsoft365Apps: boolean;
  /** Whether Windows 365 says that it is a Cloud PC of a Business plan. */
  readonly isBusinessCloudPc: boolean;
}

export interface Surroundings {
  /** Domain time, ms. */
  readonly now: number;
  /** How many of the tenant's devices have each serial number. */
  readonly serials: ReadonlyMap<string, number>;
}

/** Why a device cannot be registered and what to do. */
export interface Reason {
  readonly check: PrerequisiteCheck;
  readonly message: string;
}

/** A check answers what is wrong, undefined when it passes. */
type Check = (candidate: Candidate, surroundings: Surroundings) => string | undefined;
/** A check of what Intune knows; the first check has made sure that Intune knows the device. */
type ManagedCheck = (managed: ManagedFacts, surroundings: Surroundings) => string | undefined;

const isManaged: Check = ({ entra, managed }) => {
  // The bulk list holds Windows devices only; of others Entra says whether they are managed.
  if (managed !== null || (entra.isManaged === true && !isWindows(entra))) return undefined;
  return "Intune does not manage the device. Enrol it in Intune.";
};

const checkedIn: ManagedCheck = ({ lastSyncAt }, { now }) => {
  const silent = lastSyncAt === null || now >= addDays(Date.parse(lastSyncAt), CHECK_IN_DAYS + 1);
  if (!silent) return undefined;
  return `The device last checked in with Intune ${lastSyncAt ?? "never"}; at most ${CHECK_IN_DAYS} days may pass. Switch it on and synchronise it.`;
};

const corporateWindows: Check = ({ entra, managed }) => {
  if (!isWindows(entra)) return `The device runs ${entra.operatingSystem ?? "no known system"}, not Windows.`;
  if (managed?.ownerType === "company") return undefined;
  return `The device is ${managed?.ownerType ?? "of unknown ownership"}, not corporate-owned. Change its ownership in Intune.`;
};

/** Editions as Intune's skuFamily spells them, without blanks; the Pro family is serviced for a shorter time. */
const PRO_EDITIONS: ReadonlySet<string> = new Set([
  "pro",
  "professional",
  "proeducation",
  "professionaleducation",
  "proforworkstations",
  "proworkstation",
  "professionalworkstation",
]);
const ENTERPRISE_EDITIONS: ReadonlySet<string> = new Set(["enterprise", "education", "iotenterprise"]);

/** Whether an edition is one of the Pro family. @param skuFamily as Intune spells it */
export function isProEdition(skuFamily: string | null): boolean {
  return PRO_EDITIONS.has(editionOf(skuFamily));
}

/** Whether the service takes devices of an edition (autopatch.md §4.4). @param skuFamily as Intune spells it */
export function isSupportedEdition(skuFamily: string | null): boolean {
  return isProEdition(skuFamily) || ENTERPRISE_EDITIONS.has(editionOf(skuFamily));
}

const supportedEdition: Check = ({ managed, isBusinessCloudPc }) => {
  if (managed === null) return undefined;
  const { skuFamily, model } = managed;
  // Intune calls the model of a Cloud PC as its plan is called.
  if (isBusinessCloudPc || /^cloud pc business\b/i.test(model ?? "")) {
    return "Windows 365 Business is not supported; Windows 365 Enterprise is.";
  }
  if (isSupportedEdition(skuFamily)) return undefined;
  return `The edition ${skuFamily ?? "is unknown and"} is not supported. Pro, Enterprise, Education, Pro Education, Pro for Workstations and IoT Enterprise are.`;
};

const servicedVersion: ManagedCheck = ({ osVersion, processorArchitecture, skuFamily }, { now }) => {
  const build = Number(/^10\.0\.(\d+)/.exec(osVersion ?? "")?.[1] ?? Number.NaN);
  if (Number.isNaN(build)) return `The Windows version ${osVersion ?? ""} is not known. Synchronise the device.`;
  if (processorArchitecture === "x86" || processorArchitecture === "arm") {
    return `Windows is 32-bit (${processorArchitecture}); 64-bit is needed.`;
  }
  const problem = servicingProblem(build, isProEdition(skuFamily), now);
  return problem === undefined ? undefined : `${problem}. Bring the device to a serviced version.`;
};

const WORKLOADS = {
  windowsUpdateForBusiness: "Windows Update policies",
  deviceConfiguration: "Device configuration",
  officeApps: "Office Click-to-Run apps",
} as const;

const intuneWorkloads: Check = ({ managed, microsoft365Apps }) => {
  const { managementAgent, coManagement } = managed ?? {};
  if (!/^configurationManagerClient/i.test(managementAgent ?? "")) return undefined;
  if (!/mdm/i.test(managementAgent ?? "")) {
    return "Configuration Manager alone manages the device. Enable co-management.";
  }
  const needed = ["windowsUpdateForBusiness", "deviceConfiguration", ...(microsoft365Apps ? ["officeApps"] : [])];
  const elsewhere = Object.entries(WORKLOADS).flatMap(([key, name]) =>
    needed.includes(key) && coManagement?.[key as keyof typeof WORKLOADS] !== true ? [name] : [],
  );
  if (elsewhere.length === 0) return undefined;
  return `Configuration Manager has the workloads ${elsewhere.join(", ")} of the co-managed device. Move them to Intune or Pilot Intune.`;
};

const hasIdentity: ManagedCheck = (managed, { serials }) => {
  const missing = missingIdentity(managed);
  if (missing.length > 0) return `The device has no ${missing.join(", no ")}. Correct its firmware data.`;
  if (isEmulator(managed))
    return `${managed.manufacturer} ${managed.model} is emulated hardware, which is not supported.`;
  if ((serials.get(serialOf(managed) ?? "") ?? 0) < 2) return undefined;
  return `Serial number ${managed.serialNumber} belongs to several devices. Delete the stale ones from Intune.`;
};

const inOneGroup: Check = ({ groups }) =>
  groups.length < 2
    ? undefined
    : `The device is in the Autopatch groups ${groups.join(", ")}. Remove it from the directory groups of all but one.`;

const CHECKS: readonly (readonly [PrerequisiteCheck, Check])[] = [
  [PrerequisiteCheck.managed, isManaged],
  [PrerequisiteCheck.checkIn, ofManaged(checkedIn)],
  [PrerequisiteCheck.windows, corporateWindows],
  [PrerequisiteCheck.edition, supportedEdition],
  [PrerequisiteCheck.version, ofManaged(servicedVersion)],
  [PrerequisiteCheck.management, intuneWorkloads],
  [PrerequisiteCheck.identity, ofManaged(hasIdentity)],
  [PrerequisiteCheck.overlap, inOneGroup],
];

/**
 * The first prerequisite check that a device fails, undefined when it passes all (autopatch.md §3.2, row 28). The ninth
 * check, that no admin has excluded the device, is discovery's own: it does not look at an excluded device at all.
 */
export function failedPrerequisite(candidate: Candidate, surroundings: Surroundings): Reason | undefined {
  for (const [check, run] of CHECKS) {
    const message = run(candidate, surroundings);
    if (message !== undefined) return { check, message };
  }
  return undefined;
}

function ofManaged(check: ManagedCheck): Check {
  return ({ managed }, surroundings) => (managed === null ? undefined : check(managed, surroundings));
}

function isWindows({ operatingSystem }: EntraFacts): boolean {
  return /^windows/i.test(operatingSystem ?? "");
}

function editionOf(skuFamily: string | null): string {
  return (skuFamily ?? "").replaceAll(/[\s-]/g, "").toLowerCase();
}
