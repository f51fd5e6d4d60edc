import type { Update } from "../../../shared/updates/update.js";
import type { DevicesTenant } from "./devices-tenant.js";

/** From a wave's marks in the ledger to its offer: so long does its directory group replicate (GROUP_REPLICATION_SECONDS). */
export const REPLICATION_MS = 30_000;

export interface Wave {
  readonly ring: string;
  readonly deviceIds: readonly string[];
  /** A ring that opens whole is offered the update through its own group, which has long replicated. */
  readonly isWhole: boolean;
}

/** Hold groups that a ring leaves out of its offer, and those that it left out until now. */
export interface Exclusion {
  readonly groups: readonly string[];
  readonly before: readonly string[];
}

/**
 * The directory groups of one release: waves, which reach their devices once they have replicated, and hold groups,
 * whose devices the rings leave out.
 */
export class OfferedWaves {
  readonly #tenant: DevicesTenant;
  readonly #update: Update;
  readonly #excludedBy: (ring: string) => readonly string[];
  /** Devices by hold group. */
  readonly #held = new Map<string, ReadonlySet<string>>();
  /** Waves whose directory groups have not replicated yet. */
  #replicating: (Wave & { readonly at: number })[] = [];

  /** @param excludedBy hold groups that a ring leaves out at present */
  constructor(tenant: DevicesTenant, update: Update, excludedBy: (ring: string) => readonly string[]) {
    this.#tenant = tenant;
    this.#update = update;
    this.#excludedBy = excludedBy;
  }

  /** When the next wave has replicated (ms); infinite when all have. */
  nextDue(): number {
    return Math.min(...this.#replicating.map(({ at }) => at));
  }

  /** Opens a wave at `now` (ms). */
  open(wave: Wave, now: number): void {
    this.#replicating.push({ ...wave, at: wave.isWhole ? now : now + REPLICATION_MS });
    this.replicate(now);
  }

  /** Offers the update to devices whose groups have replicated, but for those that their ring leaves out by now. */
  replicate(now: number): void {
    const due = this.#replicating.filter(({ at }) => at <= now);
    if (due.length === 0) return;
    this.#replicating = this.#replicating.filter(({ at }) => at > now);
    for (const { ring, deviceIds } of due) {
      const isOut = this.#isIn(this.#excludedBy(ring));
      const reached = deviceIds.filter((deviceId) => !isOut(deviceId));
      this.#tenant.offer(reached, this.#update, now);
    }
  }

  /** Makes a hold group, or gives it other devices. */
  hold(groupId: string, devices: readonly { readonly deviceId: string }[]): void {
    this.#held.set(groupId, new Set(devices.map(({ deviceId }) => deviceId)));
  }

  /** Leaves hold groups out of what devices of opened waves are offered, and lets others in again. */
  exclude(deviceIds: readonly string[], { groups, before }: Exclusion, now: number): void {
    const [isOut, wasOut] = [this.#isIn(groups), this.#isIn(before)];
    this.#tenant.withdraw(deviceIds.filter(isOut), this.#update);
    const readmitted = deviceIds.filter((deviceId) => wasOut(deviceId) && !isOut(deviceId));
    this.#tenant.offer(readmitted, this.#update, now);
  }

  /** Whether a device is in one of these hold groups. */
  #isIn(groupIds: readonly string[]): (deviceId: string) => boolean {
    return (deviceId) => groupIds.some((id) => this.#held.get(id)?.has(deviceId) === true);
  }
}
