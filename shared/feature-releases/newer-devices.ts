import type { DeviceRecord } from "../registration/device.js";
import { parseBuild } from "../updates/build.js";
import type { KnownVersion } from "./catalogue.js";
import { refused } from "./release.js";

/** Most devices that a refusal names. */
const MOST_NAMED = 5;

/** Whether a device runs a newer Windows than a build, as far as Intune knows: nothing takes it back to that. */
export function isNewer({ managed }: Pick<DeviceRecord, "managed">, build: number): boolean {
  return (parseBuild(managed?.osVersion ?? "")?.major ?? 0) > build;
}

/**
 * Throws for a group most of whose devices run a newer Windows than the version already: it would bring hardly anybody
 * anywhere. Fewer of them may be there; they are offered nothing and measured nowhere.
 */
export function checkDevices(
  { version, build }: KnownVersion,
  groupIds: readonly string[],
  devices: readonly DeviceRecord[],
): void {
  for (const groupId of groupIds) {
    const own = devices.filter((device) => device.groupId === groupId);
    const newer = own.filter((device) => isNewer(device, build)).map(({ deviceId }) => deviceId);
    if (newer.length * 2 <= own.length) continue;
    const named = `${newer.slice(0, MOST_NAMED).join(", ")}${newer.length > MOST_NAMED ? " and others" : ""}`;
    const message = `${newer.length} of the ${own.length} devices of group ${groupId} run a newer Windows than ${version} (${named}), and nothing is taken back; choose a later version`;
    throw refused("downgrade", "version", message, { groupId, deviceIds: newer });
  }
}
