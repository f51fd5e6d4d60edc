import { displayName } from "../../../shared/calendar/names.js";
import { attributesOf } from "../../../shared/graph/inventory.js";
import { defaultGroup, FIRST_RING, LAST_RING } from "../../../shared/groups/defaults.js";
import { distribute } from "../../../shared/groups/distribution.js";
import type { GateMode } from "../../../shared/groups/group.js";
import type { StoredGroup } from "../../../shared/groups/store.js";
import { cohortAttributes } from "../../../shared/readiness/cohort-attributes.js";
import type { QualityUpdate } from "../../../shared/updates/quality-update.js";
import { toldAttributes } from "../fleet/agents.js";
import type { Population } from "../fleet/population.js";
import { POOL_SHARES, ringSizes } from "../fleet/ring-sizes.js";
import { updateNamed } from "../world/update.js";
import type { DevicesTenant } from "./devices-tenant.js";
import { managedDeviceOf } from "./managed-device.js";
import type { Enrolled } from "./release-run.js";

/** The quality update of the catalogue with a name such as `2024.06 B`, as the app reads it. */
export function qualityUpdate(name: string): QualityUpdate {
  const entry = updateNamed(name);
  const { id, date, kind, classification, cadence, isExpeditable, revisions } = entry;
  return {
    ...{ catalogEntryId: id, shortName: name, displayName: displayName(date, kind), releaseDate: date, isExpeditable },
    classification: classification === "security" ? "security" : "nonSecurity",
    cadence: cadence === "outOfBand" ? "outOfBand" : "monthly",
    revisions: revisions.map((revision) => ({ ...revision, isHotpatch: false })),
  };
}

/** The sample group, and its devices as the app would find and distribute them. */
export function sampleGroup(
  { devices, gate }: { readonly devices: number; readonly gate: GateMode },
  population: Population,
  tenant: DevicesTenant,
): { readonly group: StoredGroup; readonly enrolled: readonly Enrolled[] } {
  const defaults = defaultGroup("Workforce");
  const definition = { ...defaults, gate: { ...defaults.gate, mode: gate } };
  const sizes = ringSizes(devices);
  const [test = 0, last = 0] = [sizes[0], sizes.at(-1)];
  const ids = population.devices.map(({ deviceId }) => deviceId);
  const placed = distribute(ids.slice(test + last), POOL_SHARES, new Map());
  const ringOf = (deviceId: string, index: number) =>
    index < test ? FIRST_RING : index < test + last ? LAST_RING : (placed.get(deviceId) ?? "");
  const enrolled: Enrolled[] = population.devices.map((device, index) => {
    const { deviceId, objectId, record } = device;
    const known = attributesOf({ deviceId, objectId, name: record.name, managed: managedDeviceOf(record) });
    const attributes = { ...cohortAttributes({ ...toldAttributes(device), ...device.hardware }), ...known };
    return { deviceId, objectId, ring: ringOf(deviceId, index), attributes };
  });
  for (const ring of definition.rings) {
    const members = enrolled.filter((device) => device.ring === ring.name).map(({ deviceId }) => deviceId);
    tenant.assign(ring, members);
  }
  const bindings = Object.fromEntries(definition.rings.map((ring) => [ring.name, { entraGroupId: ring.name }]));
  return { group: { id: "workforce", definition, status: "active", bindings }, enrolled };
}
