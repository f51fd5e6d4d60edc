import type { DeviceRecord } from "../types.js";

/** A version of Windows that can be deployed as a feature update. */
export interface WindowsVersion {
  /** Name in the catalogue: `Windows 11, version 24H2`. */
  readonly name: string;
  readonly product: DeviceRecord["product"];
  /** `24H2` */
  readonly version: DeviceRecord["version"];
  /** The build it appeared with: `10.0.26100.1742`. */
  readonly firstBuild: string;
  /** `YYYY-MM-DD` */
  readonly released: string;
  /** End of service for Enterprise editions, ISO. */
  readonly endOfSupport: string;
}

const LIST = [
  ["Windows 11", "21H2", "22000.194", "2021-10-04", "2024-10-08"],
  ["Windows 10", "21H2", "19044.1288", "2021-11-16", "2024-06-11"],
  ["Windows 11", "22H2", "22621.521", "2022-09-20", "2025-10-14"],
  ["Windows 10", "22H2", "19045.2130", "2022-10-18", "2025-10-14"],
  ["Windows 11", "23H2", "22631.2428", "2023-10-31", "2026-11-10"],
  ["Windows 11", "24H2", "26100.1742", "2024-10-01", "2027-10-12"],
  ["Windows 11", "25H2", "26200.6584", "2025-09-30", "2028-10-10"],
] as const;

/** Windows versions that can be deployed, oldest first. */
export const WINDOWS_VERSIONS: readonly WindowsVersion[] = LIST.map(([product, version, build, released, end]) => ({
  name: `${product}, version ${version}`,
  product,
  version,
  firstBuild: `10.0.${build}`,
  released,
  endOfSupport: `${end}T00:00:00Z`,
}));

/** What devices are offered whose hardware does not allow Windows 11 (autopatch.md §6.4). */
export const LAST_WINDOWS_10 = "Windows 10, version 22H2";

/** The version with that name, as the catalogue spells it. */
export function windowsVersion(name: string): WindowsVersion | undefined {
  return WINDOWS_VERSIONS.find((each) => each.name === name);
}

/** The version that a build belongs to. */
export function windowsVersionOf(build: string): WindowsVersion | undefined {
  return WINDOWS_VERSIONS.find(({ firstBuild }) => buildNumber(firstBuild) === buildNumber(build));
}

/** 26100 of `10.0.26100.1742` and of `10.0.26100`: grows from version to version, from Windows 10 to 11 too. */
export function buildNumber(build: string): number {
  return Number(build.split(".")[2]);
}
