import { measuredRows } from "../feature-releases/measured.js";
import type { RingRef } from "../feature-releases/phases.js";
import type { FeatureRelease } from "../feature-releases/release.js";
import type { RingInstalls } from "../feature-releases/uninstall.js";
import { listGroups } from "../groups/store.js";
import type { DeviceRow } from "../ledger/index.js";
import { outcome } from "../ledger/row.js";
import { listDevices } from "../registration/store.js";
import { SignalKind } from "../signals/signal.js";
import { parseBuild } from "../updates/build.js";
import { isEnablementPackage } from "./windows.js";

/** Windows' own setting where a group has none of its own any more (autopatch.md §5.6). */
const DEFAULT_WINDOW_DAYS = 30;

/**
 * Who has installed the version of a release, ring by ring: when, and whether as an enablement package. The ledger knows
 * that of devices that reported it, together with the build that they had when the release began.
 */
export async function installsIn({ id, build }: FeatureRelease): Promise<(ring: RingRef) => RingInstalls> {
  const [groups, devices, rows] = [await listGroups(), await listDevices(), await measuredRows(new Set([id]))];
  return ({ groupId, ring }) => {
    const own = devices.filter((device) => device.groupId === groupId && device.ring === ring);
    const installs = own.flatMap(({ deviceId }) => installOf(rows(id, deviceId), build));
    const common = groups.find((group) => group.id === groupId)?.definition.common;
    return { groupId, ring, windowDays: common?.uninstallWindowDays ?? DEFAULT_WINDOW_DAYS, installs };
  };
}

function installOf(row: DeviceRow | undefined, target: number): RingInstalls["installs"] {
  const { final } = outcome(row?.log ?? []);
  if (final?.kind !== SignalKind.installed) return [];
  const from = parseBuild(row?.attributes.osBuild ?? "")?.major;
  const isPackage = from !== undefined && isEnablementPackage(from, target);
  return [{ at: final.at, isEnablementPackage: isPackage }];
}
