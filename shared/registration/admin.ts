import { AppError } from "../errors.js";
import { readGroup } from "../groups/store.js";
import { type DeviceRecord, DeviceState, DeviceStatus, RingAssignedBy } from "./device.js";
import { PrerequisiteCheck } from "./prerequisites.js";
import { changeDevices, listDevices, writeDevices } from "./store.js";
import { movedTo, NOWHERE } from "./survey.js";

/** What Windows Autopatch says when devices cannot be moved together (autopatch.md §3.5). */
const SAME_GROUP_ERROR = "An error occurred. Please select devices within the same Autopatch group";

/** What an admin did to devices, and which Autopatch groups' rings have to follow. */
export interface AdminAct {
  readonly devices: readonly DeviceRecord[];
  readonly groupIds: readonly string[];
}

/**
 * Moves devices to a ring of their Autopatch group: Pending until the directory shows it (autopatch.md §3.5, rows 31–33).
 * All of them, or none. Throws `not_found`, `rule_violated` for devices that are not registered or of several groups, and
 * `invalid_input` for a ring that the group does not have.
 */
export async function assignRing(deviceIds: readonly string[], ring: string): Promise<AdminAct> {
  const devices = await readDevices(deviceIds);
  const [groupId] = devices.map((record) => record.groupId);
  const movable = (record: DeviceRecord) => record.status === DeviceStatus.registered && record.groupId === groupId;
  const stuck = devices.find((record) => !movable(record));
  if (stuck !== undefined || groupId === undefined || groupId === null) refuseMove(stuck);
  const rings = (await readGroup(groupId)).body.definition.rings.map(({ name }) => name);
  if (!rings.includes(ring)) {
    const message = `ring: Autopatch group ${groupId} has no ring ${ring}. It has ${rings.join(", ")}.`;
    throw new AppError("invalid_input", message, { field: "ring", details: { rule: "ringOfGroup", limit: rings } });
  }
  const moved = await changeDevices(deviceIds, (record) =>
    movable(record) ? { ...movedTo(record, ring), ringAssignedBy: RingAssignedBy.pending } : record,
  );
  return { devices: moved, groupIds: [groupId] };
}

/** Takes devices out of the service's hands: no discovery picks them up until they are restored (row 34). */
export async function excludeDevices(deviceIds: readonly string[]): Promise<AdminAct> {
  const before = await readDevices(deviceIds);
  const devices = await changeDevices(deviceIds, (record) => ({
    ...record,
    ...NOWHERE,
    leaving: [],
    status: DeviceStatus.notRegistered,
    state: DeviceState.excluded,
    reason: {
      check: PrerequisiteCheck.excluded,
      message: "An admin excluded the device. Restore it to register it again.",
    },
    registeredAt: null,
  }));
  return { devices, groupIds: groupsOf(before) };
}

/**
 * Lets discovery look at excluded devices again (row 34). Throws `rule_violated` when one is not excluded.
 * @returns the Autopatch groups where they were found last
 */
export async function restoreDevices(deviceIds: readonly string[]): Promise<AdminAct> {
  const before = await readDevices(deviceIds);
  const other = before.find(({ state }) => state !== DeviceState.excluded);
  if (other !== undefined) {
    const message = `deviceIds: ${other.deviceId} is ${other.state}, not Excluded. Restore excluded devices only.`;
    throw new AppError("rule_violated", message, { field: "deviceIds", details: { rule: "excluded" } });
  }
  const devices = await changeDevices(deviceIds, (record) =>
    record.state !== DeviceState.excluded
      ? record
      : {
          ...record,
          state: DeviceState.prerequisitesFailed,
          reason: { check: "Restored", message: "The device waits for the discovery that checks it again." },
        },
  );
  return { devices, groupIds: [...new Set(devices.flatMap(({ found }) => found.map(({ groupId }) => groupId)))] };
}

/**
 * Removes devices from the register and from their rings, an exclusion or an admin's choice of ring included. As long as
 * they are in a source group, the next discovery finds them as new ones.
 */
export async function deregisterDevices(deviceIds: readonly string[]): Promise<AdminAct> {
  const before = await readDevices(deviceIds);
  await writeDevices(deviceIds, () => undefined);
  return { devices: before, groupIds: groupsOf(before) };
}

/** All of them; throws `not_found` naming those that the register does not have. */
async function readDevices(deviceIds: readonly string[]): Promise<DeviceRecord[]> {
  const wanted = new Set(deviceIds.map((id) => id.toLowerCase()));
  const found = (await listDevices()).filter(({ deviceId }) => wanted.delete(deviceId));
  const [missing] = wanted;
  if (missing === undefined) return found;
  const message = `There is no device ${missing} in the register. GET /api/v1/devices lists them.`;
  throw new AppError("not_found", message, { field: "deviceIds", details: { missing: [...wanted] } });
}

function refuseMove(stuck: DeviceRecord | undefined): never {
  const rule = stuck?.status === DeviceStatus.registered ? "sameGroup" : "registered";
  const why =
    stuck === undefined || rule === "sameGroup"
      ? ""
      : ` (${stuck.deviceId} is ${stuck.status}: ${stuck.state}; only registered devices can be moved)`;
  throw new AppError("rule_violated", `${SAME_GROUP_ERROR}${why}.`, { field: "deviceIds", details: { rule } });
}

function groupsOf(devices: readonly DeviceRecord[]): string[] {
  return [...new Set(devices.flatMap(({ groupId }) => groupId ?? []))];
}
