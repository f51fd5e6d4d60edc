import { buildNumber } from "../tenant/windows-update/windows-versions.js";

/** The update revision of a build: 3593 of `10.0.22631.3593`. */
function revisionOf(build: string): number {
  return Number(build.slice(build.lastIndexOf(".") + 1));
}

/** The Windows version that a build belongs to: `10.0.22631` of `10.0.22631.3593`. */
export function versionOf(build: string): string {
  return build.slice(0, build.lastIndexOf("."));
}

/** Whether both belong to the same Windows version and `build` is newer than `than`. */
export function isNewer(build: string, than: string): boolean {
  return versionOf(build) === versionOf(than) && revisionOf(build) > revisionOf(than);
}

/** Whether a build belongs to a newer version of Windows than another one. */
export function isNewerVersion(build: string, than: string): boolean {
  return buildNumber(build) > buildNumber(than);
}
