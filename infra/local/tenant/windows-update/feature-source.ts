import { DAY_MS } from "../../../../shared/calendar/days.js";
import { UpdateKind } from "../../../../shared/calendar/names.js";
import type { Catalogue } from "../catalogue/catalogue.js";
import type { DeviceRecord } from "../types.js";
import type { Assigned } from "./assignments.js";
import { canRunWindows11 } from "./hardware.js";
import { isOffered, type Rolled } from "./rollout.js";
import { buildNumber, LAST_WINDOWS_10, type WindowsVersion, windowsVersion } from "./windows-versions.js";

/** A feature update brings a quality update of this age, so that none reaches devices before its own release does. */
const INCLUDED_UPDATE_AGE_MS = 28 * DAY_MS;

/** What brings devices to a version of Windows: a feature update profile, or a deployment. */
export interface FeatureSource extends Assigned, Rolled {
  readonly target: WindowsVersion;
  /** Windows 10 devices whose hardware does not allow the target are brought to the last Windows 10. */
  readonly fallsBack: boolean;
}

export interface FeatureCandidate {
  readonly version: WindowsVersion;
  readonly isFallback: boolean;
}

/** The newest version that any of the sources offers now to a device, if it is newer than what the device has. */
export function newestVersion(
  sources: readonly FeatureSource[],
  device: DeviceRecord,
  now: number,
): FeatureCandidate | undefined {
  let newest: FeatureCandidate | undefined;
  for (const source of sources) {
    if (!isOffered(source, device, now)) continue;
    const found = fitting(source, device);
    const above = newest?.version.firstBuild ?? device.osVersion;
    if (found !== undefined && buildNumber(found.version.firstBuild) > buildNumber(above)) newest = found;
  }
  return newest;
}

/** The build that a device has after it was brought to a version at `now` (ms). */
export function buildAfter(
  { product, version, firstBuild }: WindowsVersion,
  catalogue: Catalogue,
  now: number,
): string {
  const included = catalogue
    .published(now - INCLUDED_UPDATE_AGE_MS)
    .filter(({ kind }) => kind === UpdateKind.B)
    .flatMap(({ revisions }) => revisions)
    .findLast((each) => each.product === product && each.version === version && each.hotpatchOf === undefined);
  return included?.build ?? firstBuild;
}

function fitting({ target, fallsBack }: FeatureSource, device: DeviceRecord): FeatureCandidate | undefined {
  const isFit = target.product === "Windows 10" || device.product === "Windows 11" || canRunWindows11(device);
  if (isFit) return { version: target, isFallback: false };
  const fallback = fallsBack ? windowsVersion(LAST_WINDOWS_10) : undefined;
  return fallback && { version: fallback, isFallback: true };
}
