import type { DeviceRecord } from "../registration/device.js";

/** Oldest build of Windows 10 that is ready: version 1809 (autopatch.md §3.7). */
const OLDEST_BUILD = 17_763;
const ARCHITECTURES_64_BIT: ReadonlySet<string> = new Set(["x64", "amd64", "arm64"]);

/** Editions of autopatch.md §4.4 as Intune's `skuFamily` spells them, blanks and case left out. */
const EDITIONS: ReadonlySet<string> = new Set([
  "pro",
  "professional",
  "education",
  "enterprise",
  "proeducation",
  "professionaleducation",
  "proforworkstations",
  "proworkstation",
  "professionalworkstation",
  "iotenterprise",
]);

type Managed = NonNullable<DeviceRecord["managed"]>;

/** Why the device's Windows is not supported; undefined when it is, or when Intune does not know. */
export function platformProblem({ osVersion, processorArchitecture, skuFamily }: Managed): string | undefined {
  const build = Number(/^10\.0\.(\d+)/.exec(osVersion ?? "")?.[1] ?? Number.NaN);
  if (build < OLDEST_BUILD) {
    return `Windows is ${osVersion}; at least 10.0.${OLDEST_BUILD} (version 1809) is needed. Upgrade the device.`;
  }
  const architecture = (processorArchitecture ?? "unknown").toLowerCase();
  if (architecture !== "unknown" && !ARCHITECTURES_64_BIT.has(architecture)) {
    return `The processor architecture is ${processorArchitecture}; only 64-bit Windows is supported. Replace the device or its Windows.`;
  }
  const edition = (skuFamily ?? "").toLowerCase().replace(/[^a-z]/g, "");
  if (edition !== "" && !EDITIONS.has(edition)) {
    return `The edition ${skuFamily} is not supported. Upgrade to Pro, Enterprise, Education, Pro Education, Pro for Workstations or IoT Enterprise.`;
  }
  return undefined;
}
