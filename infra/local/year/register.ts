import type { DirectoryDevice } from "../../../shared/graph/directory-groups.js";
import type { StoredGroup } from "../../../shared/groups/store.js";
import { type Hardware, hardwareOf } from "../../../shared/readiness/hardware.js";
import type { AgentReport } from "../../../shared/readiness/judge.js";
import { readReport } from "../../../shared/readiness/report.js";
import type { DeviceRecord as RegisteredDevice } from "../../../shared/registration/device.js";
import { survey } from "../../../shared/registration/survey.js";
import type { ReadinessEvent } from "../fleet/agents.js";
import type { DevicesTenant } from "../in-process/devices-tenant.js";
import { managedDeviceOf } from "../in-process/managed-device.js";
import type { Enrolled } from "../in-process/release-run.js";
import type { DeviceRecord } from "../tenant/types.js";

/**
 * What discovery knows of the group's devices: the daily survey of the product (shared/registration/survey.ts) over the
 * tenant's records and the agents' reports. It judges prerequisites, such as the last check-in, and readiness.
 */
export class Register {
  readonly #group: StoredGroup;
  readonly #tenant: DevicesTenant;
  readonly #enrolled: ReadonlyMap<string, Enrolled>;
  /** The newest report with checks of each device. */
  readonly #reports = new Map<string, AgentReport>();
  readonly #hardware = new Map<string, Hardware>();
  #seen: { readonly at: number; readonly records: readonly DeviceRecord[] } = { at: 0, records: [] };
  #devices: ReadonlyMap<string, RegisteredDevice> = new Map();
  #isJudged = true;

  constructor(group: StoredGroup, tenant: DevicesTenant, enrolled: readonly Enrolled[]) {
    this.#group = withAssignedRings(group);
    this.#tenant = tenant;
    this.#enrolled = new Map(enrolled.map((device) => [device.deviceId, device]));
  }

  /** Takes what agents tell of their devices. @param now ms */
  hear(events: readonly ReadinessEvent[], now: number): void {
    for (const body of events) {
      const read = readReport({ body }, now);
      if (!("report" in read)) continue;
      const { deviceId, at, attributes, checks } = read.report;
      if (attributes !== undefined) this.#hardware.set(deviceId, hardwareOf(attributes));
      if (checks.length > 0 && at > (this.#reports.get(deviceId)?.at ?? "")) this.#reports.set(deviceId, read.report);
    }
  }

  /** What its agent told of the hardware of a device. */
  hardware(deviceId: string): Hardware {
    return this.#hardware.get(deviceId) ?? {};
  }

  /** The daily survey: what Intune says at `now` (ms) stands until the next one. */
  survey(now: number): void {
    this.#seen = { at: now, records: this.#tenant.records() };
    this.#isJudged = false;
  }

  /** The devices by deviceId, as the last survey found them; judged when somebody asks. */
  devices(): ReadonlyMap<string, RegisteredDevice> {
    if (!this.#isJudged) this.#devices = this.#judged();
    this.#isJudged = true;
    return this.#devices;
  }

  #judged(): ReadonlyMap<string, RegisteredDevice> {
    const { at: now, records } = this.#seen;
    const { id } = this.#group;
    const placeOf = ({ deviceId }: DeviceRecord) => ({
      groupId: id,
      ring: this.#enrolled.get(deviceId)?.ring ?? null,
    });
    const judged = survey(
      {
        devices: new Map(
          records.map((record) => [record.deviceId, { device: directoryDevice(record), places: [placeOf(record)] }]),
        ),
        unseen: () => false,
        managed: new Map(records.map((record) => [record.deviceId, managedDeviceOf(record)])),
        businessCloudPcs: new Set(),
        groups: [this.#group],
        reports: this.#reports,
        now,
      },
      [...this.#devices.values()],
    );
    return new Map([...judged].flatMap(([deviceId, record]) => (record === undefined ? [] : [[deviceId, record]])));
  }
}

/** The group with a directory group for every ring: the devices are in their rings already. */
function withAssignedRings({ definition, ...group }: StoredGroup): StoredGroup {
  const rings = definition.rings.map((ring) => ({ ...ring, distribution: { assignedGroupId: ring.name } }));
  return { ...group, definition: { ...definition, rings } };
}

/** A device as the app reads it from the directory. */
function directoryDevice(record: DeviceRecord): DirectoryDevice {
  const { deviceId, objectId, name, operatingSystem = "Windows", accountEnabled = true, managed = true } = record;
  return {
    ...{ deviceId, objectId, name, operatingSystem, accountEnabled, isManaged: managed },
    ...{ registeredAt: null, lastSignInAt: null },
  };
}
