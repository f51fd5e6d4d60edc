import type { Actor } from "../../shared/access/roles.js";
import { inScope } from "../../shared/access/scope.js";
import { AppError } from "../../shared/errors.js";
import { listGroups } from "../../shared/groups/store.js";
import { deviceReadiness, readinessOverview } from "../../shared/readiness/view.js";
import { deviceReadinessSchema, readinessSchema } from "../../shared/readiness/view-schema.js";
import { type DeviceRecord, listDevices, readDevice } from "../../shared/registration/store.js";
import { json, param, route } from "./route.js";

export const readinessGet = route({
  name: "readinessGet",
  method: "GET",
  path: "readiness",
  role: "Reader",
  act: "read the readiness of devices",
  answer: { about: "Counts of every check, and the devices with findings.", schema: readinessSchema },
  run: async ({ actor }) => json(readinessOverview(await visibleTo(actor, await listDevices()))),
});

export const deviceReadinessGet = route({
  name: "deviceReadinessGet",
  method: "GET",
  path: "devices/{deviceId}/readiness",
  role: "Reader",
  act: "read the readiness of a device",
  answer: { about: "Every check of the device.", schema: deviceReadinessSchema, etag: true },
  run: async (call) => {
    const [device] = await visibleTo(call.actor, [await readDevice(param(call, "deviceId"))]);
    if (device !== undefined) return json(deviceReadiness(device));
    throw new AppError("not_found", "There is no such device within your scope tags.", { field: "deviceId" });
  },
});

/** Who has scope tags sees the devices of the groups that carry one of them. */
async function visibleTo({ scopeTagIds }: Actor, devices: readonly DeviceRecord[]): Promise<readonly DeviceRecord[]> {
  if (scopeTagIds === "all") return devices;
  const groups = (await listGroups()).filter((group) => inScope({ scopeTagIds }, group.definition.scopeTagIds));
  const visible = new Set(groups.map(({ id }) => id));
  return devices.filter(({ groupId }) => groupId !== null && visible.has(groupId));
}
