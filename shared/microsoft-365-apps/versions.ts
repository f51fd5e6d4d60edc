import { type AppVersion, compareVersions, publishedVersions } from "../app-versions/version.js";

/** Monthly Enterprise Channel, the one channel of all rings (autopatch.md §8.1). */
export const MONTHLY_ENTERPRISE = "monthlyEnterprise";
/** A monthly version is supported for two months: the newest one and the one before. */
const SUPPORTED = 2;

/**
 * The monthly versions at an instant, the newest first, each with the newest of its builds.
 * @param list as the publisher has it (list.ts); other channels are passed over
 * @param now ms
 */
export function monthlyVersions(list: readonly AppVersion[], now: number): AppVersion[] {
  const names = new Map<string, AppVersion>();
  for (const each of publishedVersions(list, MONTHLY_ENTERPRISE, now)) {
    if (!names.has(each.name)) names.set(each.name, each);
  }
  return [...names.values()];
}

/** The newest monthly version at an instant with its publication; undefined where none is published. */
export function newestOffice(list: readonly AppVersion[], now: number): AppVersion | undefined {
  return monthlyVersions(list, now)[0];
}

/** The monthly version before the newest one: what a rollback goes back to. */
export function previousOffice(list: readonly AppVersion[], now: number): AppVersion | undefined {
  return monthlyVersions(list, now)[1];
}

/** The monthly versions that are supported at an instant, the newest first. */
export function supportedOffice(list: readonly AppVersion[], now: number): AppVersion[] {
  return monthlyVersions(list, now).slice(0, SUPPORTED);
}

/**
 * Whether an installed version is one of these monthly versions. A version is told by the first three numbers; the
 * fourth counts its security builds.
 */
export function isOneOf(installed: string, versions: readonly Pick<AppVersion, "version">[]): boolean {
  return versions.some(({ version }) => lineOf(version) === lineOf(installed));
}

/** The monthly version that a build belongs to; undefined for builds of other channels. */
export function monthlyVersionOf(installed: string, list: readonly AppVersion[]): AppVersion | undefined {
  return list
    .filter((each) => each.channel === MONTHLY_ENTERPRISE && isOneOf(installed, [each]))
    .sort((a, b) => compareVersions(b.version, a.version))[0];
}

/** Older than every version. */
const NO_VERSION = "0.0.0.0";

/**
 * The version of Office on a device as the objective and releases count it (autopatch.md §8.1: of the Monthly Enterprise
 * Channel): what another channel has brought is none, however new.
 */
export function monthlyInstalled({ version, channel }: { readonly version: string; readonly channel: string }): string {
  return channel === MONTHLY_ENTERPRISE ? version : NO_VERSION;
}

function lineOf(version: string): string {
  return version.split(".").slice(0, 3).join(".");
}
