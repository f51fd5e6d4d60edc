import type { AppVersion } from "../../../shared/app-versions/version.js";
import { readEdgeReleases } from "../../../shared/edge/list.js";
import { edgeUpdateOf, newestForRings } from "../../../shared/edge/update.js";
import { settingsOf } from "../../../shared/groups/ring.js";
import type { StoredGroup } from "../../../shared/groups/store.js";
import { type AppDevice, appDeviceOf } from "../../../shared/inventory/devices.js";
import type { DeviceInventory } from "../../../shared/inventory/inventory.js";
import { installedVersions } from "../../../shared/inventory/inventory.js";
import { readOfficeReleases } from "../../../shared/microsoft-365-apps/list.js";
import { officeUpdateOf } from "../../../shared/microsoft-365-apps/update.js";
import { newestOffice } from "../../../shared/microsoft-365-apps/versions.js";
import { edgePolicy } from "../../../shared/policies/kinds/edge.js";
import { microsoft365AppsPolicy } from "../../../shared/policies/kinds/microsoft365-apps.js";
import type { RingContext } from "../../../shared/policies/kinds/ring-context.js";
import type { Update } from "../../../shared/updates/update.js";
import type { ReadinessEvent } from "../fleet/agents.js";
import { FleetApps } from "../fleet/apps.js";
import type { SimulatedDevice } from "../fleet/devices.js";
import type { DevicesTenant } from "../in-process/devices-tenant.js";
import type { Enrolled } from "../in-process/release-run.js";
import { type AppPolicy, appPolicyOf } from "../tenant/feeds/app-policies.js";
import { EDGE_PRODUCTS, edgeReleases, officeReleases } from "../tenant/feeds/app-versions.js";
import { edgeList } from "../tenant/feeds/edge.js";
import { officeList } from "../tenant/feeds/office.js";
import { VirtualClock } from "../time/virtual-clock.js";
import type { Register } from "./register.js";

/** Versions of apps on a device, by workload. */
export type AppVersions = ReturnType<typeof installedVersions>;

/** What publishers list, as the app reads it. */
export interface PublishedLists {
  readonly office: readonly AppVersion[];
  readonly edge: readonly AppVersion[];
}

export interface AppsOptions {
  readonly seed: number;
  readonly devices: readonly SimulatedDevice[];
  readonly group: StoredGroup;
  readonly tenant: DevicesTenant;
  readonly enrolled: readonly Enrolled[];
  /** ms */
  readonly startedAt: number;
}

/**
 * Microsoft 365 Apps, Edge, Teams and antivirus of a group's devices: what their agents tell once a day, and what the
 * publishers' lists say, read by the product's own readers.
 */
export class Apps {
  readonly #group: StoredGroup;
  readonly #tenant: DevicesTenant;
  readonly #clock: VirtualClock;
  readonly #fleet: FleetApps;
  /** The newest inventory of each device. */
  readonly #told = new Map<string, DeviceInventory>();
  readonly #versions = new Map<string, AppVersions>();
  #lists: (PublishedLists & { readonly key: string }) | undefined;

  constructor({ seed, devices, group, tenant, enrolled, startedAt }: AppsOptions) {
    this.#group = group;
    this.#tenant = tenant;
    this.#clock = new VirtualClock(startedAt);
    const policies = appPolicies(group, enrolled);
    const send = async (reports: readonly ReadinessEvent[]) => this.#keep(reports);
    this.#fleet = new FleetApps({ clock: this.#clock, seed, devices, policies: () => policies, send });
    this.#fleet.start();
  }

  /** When agents next tell of apps, ms. */
  nextDue(): number {
    return this.#clock.nextDue() ?? Number.POSITIVE_INFINITY;
  }

  /** Lets agents tell what they have to tell by `now` (ms). */
  async advance(now: number): Promise<void> {
    this.#clock.advance(now);
    await this.#fleet.quiet();
  }

  /** Installed versions by deviceId. */
  versions(): ReadonlyMap<string, AppVersions> {
    return this.#versions;
  }

  /** The registered devices as the app workloads see them. @param now ms */
  devices(register: Register, now: number): AppDevice[] {
    return [...register.devices().values()].flatMap((record) => {
      const { deviceId } = record;
      const lastSyncAt = this.#tenant.record(deviceId).lastSyncDateTime;
      return appDeviceOf(record, { lastSyncAt, told: this.#told.get(deviceId), conflictingSettings: [] }, now) ?? [];
    });
  }

  /** The publishers' lists at `now` (ms); read again when something was published since. */
  lists(now: number): PublishedLists {
    const published = [officeReleases(now), ...EDGE_PRODUCTS.map((product) => edgeReleases(product, now))];
    const key = published.map(({ length }) => length).join(" ");
    if (this.#lists?.key !== key) {
      const world = { clock: { now: () => now } };
      this.#lists = { key, office: readOfficeReleases(officeList(world)), edge: readEdgeReleases(edgeList(world)) };
    }
    return this.#lists;
  }

  /** The updates of which releases follow the newest versions at `now` (ms), as workflows/activities/apps.ts has it. */
  newestUpdates(now: number): Update[] {
    const { office, edge } = this.lists(now);
    const newest = newestOffice(office, now);
    return [
      ...(newest === undefined ? [] : [officeUpdateOf(newest, office, this.#group)]),
      ...newestForRings(edge, this.#group, now).map((version) => edgeUpdateOf(version, this.#group)),
    ];
  }

  #keep(reports: readonly ReadinessEvent[]): void {
    for (const { data, time: at } of reports) {
      const { deviceId, inventory } = data;
      if (inventory === undefined) continue;
      this.#told.set(deviceId, { deviceId, at, inventory });
      this.#versions.set(deviceId, installedVersions(inventory));
    }
  }
}

/** What the policies of their rings say to devices about apps, by object id. */
function appPolicies({ id, definition }: StoredGroup, enrolled: readonly Enrolled[]): ReadonlyMap<string, AppPolicy> {
  const byRing = new Map(
    definition.rings.map((ring) => {
      const context: RingContext = {
        ring: { groupId: id, groupName: definition.name, ringName: ring.name, entraGroupId: ring.name },
        ...{ group: definition, settings: settingsOf(ring), inFeatureRelease: false, officePin: undefined },
      };
      const office = appPolicyOf(microsoft365AppsPolicy(context)?.values ?? {});
      const edge = appPolicyOf(edgePolicy(context)?.values ?? {});
      return [ring.name, { ...office, ...edge }];
    }),
  );
  return new Map(enrolled.map(({ objectId, ring }) => [objectId, byRing.get(ring) ?? {}]));
}
