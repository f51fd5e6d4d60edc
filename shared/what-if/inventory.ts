import { AppError } from "../errors.js";
import { attributesOf } from "../graph/inventory.js";
import { type DeviceRecord, listDevices } from "../registration/store.js";
import { fleetOf, type WhatIfFleet } from "./fleet.js";
import { WHAT_IF_LIMITS } from "./settings.js";

/**
 * The devices of an Autopatch group as the tenant has them: registered ones, by ring, in the order of their ids.
 * @param rings names of the group's rings in their order
 * @throws AppError `rule_violated` when there are none, or too many
 */
export async function tenantFleet(groupId: string, rings: readonly string[]): Promise<WhatIfFleet> {
  const devices = (await listDevices({ groupId })).filter(({ status }) => status === "Registered");
  const fleet = fleetOf(
    rings.map((name) => ({
      name,
      devices: devices.filter(({ ring }) => ring === name).map(attributesOfRecord),
    })),
  );
  const { size } = fleet.index;
  if (size >= 1 && size <= WHAT_IF_LIMITS.devices) return fleet;
  const message =
    size === 0
      ? `Autopatch group ${groupId} has no registered devices in its rings. POST /api/v1/devices/discover looks for them.`
      : `Autopatch group ${groupId} has ${size} devices; a what-if takes up to ${WHAT_IF_LIMITS.devices}.`;
  throw new AppError("rule_violated", message, { field: "groupId", details: { devices: size } });
}

/** The same attributes that a release puts into the ledger. */
function attributesOfRecord({ deviceId, objectId, name, managed }: DeviceRecord): Record<string, string> {
  return attributesOf({
    ...{ deviceId, objectId, name },
    ...(managed === null ? {} : { managed: { ...managed, deviceId, name } }),
  });
}
