import { z } from "zod";
import { AppError } from "../errors.js";
import type { DeviceRecord } from "../registration/device.js";

/** Most devices that one call may name. */
const MOST_DEVICES = 1000;

export const optOutForm = z.strictObject({
  deviceIds: z.array(z.string().min(1)).min(1).max(MOST_DEVICES).optional(),
  ring: z
    .strictObject({ groupId: z.string(), ring: z.string() })
    .optional()
    .describe("All devices that are in the ring now; those that come later are not opted out."),
  justification: z.string().trim().min(1).max(500).describe("Why the known issue does not matter here."),
});
export type OptOutForm = z.infer<typeof optOutForm>;

/** A device with its Autopatch group. */
export type PlacedDevice = DeviceRecord & { readonly groupId: string };

/**
 * The devices that somebody wants to opt out of safeguard holds.
 * @param visible devices that he may see
 * @throws AppError `rule_violated` naming the rule: neither devices nor a ring, or both; a device that is not there or is
 * in no Autopatch group; a ring without devices
 */
export function chosenDevices({ deviceIds, ring }: OptOutForm, visible: readonly DeviceRecord[]): PlacedDevice[] {
  if ((deviceIds === undefined) === (ring === undefined))
    throw refused("devicesOrRing", "deviceIds", "name either devices or one ring");
  if (ring !== undefined) {
    const own = visible.flatMap((record) => placed(record) ?? []);
    const found = own.filter((record) => record.groupId === ring.groupId && record.ring === ring.ring);
    if (found.length > 0) return found;
    const message = `ring ${ring.ring} of group ${ring.groupId} has no devices that you may see; GET /api/v1/devices?group=&ring= lists them`;
    throw refused("ringWithoutDevices", "ring", message);
  }
  const byId = new Map(visible.map((record) => [record.deviceId, record]));
  return [...new Set((deviceIds ?? []).map((id) => id.toLowerCase()))].map((id) => {
    const record = byId.get(id);
    const found = record && placed(record);
    if (found !== undefined) return found;
    const message = `there is no device ${id} in the Autopatch groups that you may see; GET /api/v1/devices lists them`;
    throw refused("unknownDevice", "deviceIds", message);
  });
}

function placed(record: DeviceRecord): PlacedDevice | undefined {
  const { groupId } = record;
  return groupId === null ? undefined : { ...record, groupId };
}

function refused(rule: string, field: string, message: string): AppError {
  return new AppError("rule_violated", `${field}: ${message}. Nothing was changed.`, { field, details: { rule } });
}
