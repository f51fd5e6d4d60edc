import { DAY_MS } from "../calendar/days.js";
import type { FeatureVersion } from "../graph/feature-versions.js";
import { isProEdition } from "../registration/prerequisites.js";
import { type ServicedVersion, WINDOWS_VERSIONS } from "../registration/windows-versions.js";

/** First build of Windows 11: builds grow from version to version, over from Windows 10 too. */
export const FIRST_WINDOWS_11_BUILD = 22_000;

/** The last version of Windows 10, for devices that Windows 11 does not take (autopatch.md §5.12). */
export const LAST_WINDOWS_10 = { version: "Windows 10, version 22H2", build: 19_045 } as const;

/**
 * Versions that share their files: between them a feature update is an enablement package, which Windows does not
 * uninstall as a feature update (autopatch.md §5.6).
 */
const SHARED_FILES: readonly (readonly number[])[] = [
  [19_041, 19_042, 19_043, 19_044, 19_045],
  [22_621, 22_631],
  [26_100, 26_200],
];

/** `Windows 11, version 24H2` of the build 26100, as the feature catalogue names it; null for an unknown build. */
export function versionOfBuild(build: number, catalogue: readonly FeatureVersion[]): string | null {
  const found = WINDOWS_VERSIONS.find((each) => each.build === build);
  if (found !== undefined) return catalogueName(found);
  return catalogue.find((each) => each.build === build)?.version ?? null;
}

/**
 * The build of a version by its name: as the catalogue has it, or by the table where that says none; undefined where
 * neither does.
 */
export function buildOfVersion(version: string, catalogue: readonly FeatureVersion[]): number | undefined {
  const listed = catalogue.find((each) => each.version === version)?.build;
  return listed ?? WINDOWS_VERSIONS.find((each) => catalogueName(each) === version)?.build;
}

export function isWindows11(version: string): boolean {
  return /^Windows 11\b/i.test(version);
}

/** Whether the feature update from one build to another is an enablement package. */
export function isEnablementPackage(from: number, to: number): boolean {
  return SHARED_FILES.some((family) => family.includes(from) && family.includes(to));
}

/**
 * When Windows stops getting security updates on a device, ms; null where nobody says. For the Pro family by Microsoft's
 * table; for the others by Intune's catalogue, whose date is that of Enterprise, and by the table where it has none.
 */
export function endOfSupport(
  build: number,
  skuFamily: string | null,
  catalogue: readonly FeatureVersion[],
): number | null {
  const known = WINDOWS_VERSIONS.find((each) => each.build === build);
  if (known === undefined) return catalogue.find((each) => each.build === build)?.endOfSupport ?? null;
  if (isProEdition(skuFamily)) return endOfDay(known.pro);
  const listed = catalogue.find(({ version }) => version === catalogueName(known));
  return listed?.endOfSupport ?? endOfDay(known.enterprise);
}

function catalogueName({ name }: ServicedVersion): string {
  return name.replace(/^(Windows \d+) /, "$1, version ");
}

/** The table names the last day. */
function endOfDay(date: string): number {
  return Date.parse(`${date}T00:00:00Z`) + DAY_MS;
}
