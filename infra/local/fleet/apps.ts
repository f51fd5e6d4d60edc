import { isAtLeast } from "../../../shared/app-versions/version.js";
import { DAY_MS, HOUR_MS, iso } from "../../../shared/calendar/days.js";
import type { Inventory } from "../../../shared/inventory/inventory.js";
import { lastOn } from "../../../shared/model/index.js";
import { READINESS_TYPE } from "../../../shared/readiness/report.js";
import { wall } from "../../../shared/wall.js";
import type { AppPolicy } from "../tenant/feeds/app-policies.js";
import { Journal } from "../tenant/state/journal.js";
import type { Clock, Timer } from "../time/clock.js";
import type { Participant } from "../time/timeline.js";
import type { ReadinessEvent } from "./agents.js";
import { appsOf, type FollowedApp, takenAt } from "./apps-model.js";
import type { SimulatedDevice } from "./devices.js";
import type { DeviceTruth } from "./truth.js";

/** Time of the day (UTC) by which agents have told of their apps: between two ticks of the fleet. */
const TIME_OF_DAY_MS = 4 * HOUR_MS + 7 * 60_000;
/** Real time between two attempts to send. */
const SEND_AGAIN_MS = 1_000;

export interface FleetAppsOptions {
  readonly clock: Clock;
  readonly seed: number;
  readonly devices: readonly SimulatedDevice[];
  /** Policies about apps by object id, as they are now. */
  readonly policies: () => ReadonlyMap<string, AppPolicy>;
  /** Sends reports to the agents' queue; when it rejects, it is called again with the same ones. */
  readonly send: (reports: readonly ReadinessEvent[]) => Promise<void>;
  /** File that keeps what devices have; absent keeps it in memory only. */
  readonly journal?: string;
}

/**
 * The apps on the devices of a fleet. Once a day the agent of each device that was on tells of its apps when something has
 * changed; of devices whose apps the service does not manage nothing is told, so that they cost nothing.
 */
export class FleetApps implements Participant {
  readonly #options: FleetAppsOptions;
  /** What each device told last, by its number. */
  readonly #told = new Map<number, Inventory>();
  readonly #journal: Journal | undefined;
  #timer: Timer | undefined;
  #running: Promise<void> | undefined;
  #stopped = false;
  #activity = 0;

  constructor(options: FleetAppsOptions) {
    this.#options = options;
    const { journal } = options;
    this.#journal =
      journal === undefined ? undefined : Journal.open(journal, ([index, told]) => this.#keep(index, told));
  }

  /** Begins to live with the clock. */
  start(): void {
    this.#arm();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.#running;
    this.#journal?.close();
  }

  activity(): number {
    return this.#activity;
  }

  /** Its timers are those of the world's clock, which names the next one. */
  async quiet(): Promise<undefined> {
    while (this.#running !== undefined) await this.#running;
  }

  /** The world moves the clock that they share. */
  advance(): void {}

  /** What every device really has of a version of an app, or of a newer one, in the order of the fleet. */
  truth(app: FollowedApp, version: string): DeviceTruth[] {
    const { clock, seed, devices, policies } = this.#options;
    const all = policies();
    return devices.map(({ index, objectId, deviceId, pattern }) => {
      const policy = all.get(objectId);
      const told = this.#told.get(index);
      const nothing = { deviceId, state: "none", neverReports: false, harmed: false, reportPending: false } as const;
      if (policy === undefined) return nothing;
      const input = { seed, index, policy, office: told?.office?.version, now: lastOn(pattern, clock.now()) };
      const installed = appsOf(input)[app]?.version;
      if (installed === undefined || !isAtLeast(installed, version)) return nothing;
      const installedAt = takenAt(input, app, version);
      return {
        ...{ ...nothing, state: "installed", build: installed, reportPending: told?.[app]?.version !== installed },
        ...(installedAt !== undefined && { installedAt }),
      };
    });
  }

  #arm(): void {
    if (this.#stopped) return;
    const days = Math.floor((this.#options.clock.now() - TIME_OF_DAY_MS) / DAY_MS) + 1;
    const due = days * DAY_MS + TIME_OF_DAY_MS;
    this.#timer = this.#options.clock.at(due, () => this.#run());
  }

  #run(): void {
    this.#activity++;
    const news = this.#look(this.#options.clock.now());
    if (news.length === 0) {
      this.#arm();
      return;
    }
    this.#running = this.#deliver(news).finally(() => {
      this.#running = undefined;
      this.#activity++;
      this.#arm();
    });
  }

  /** What has changed on the devices that were on since yesterday. */
  #look(now: number): News[] {
    const { seed, devices, policies } = this.#options;
    const all = policies();
    return devices.flatMap(({ index, objectId, deviceId, pattern }) => {
      const policy = all.get(objectId);
      const at = lastOn(pattern, now);
      if (policy === undefined || now - at >= DAY_MS) return [];
      const before = this.#told.get(index);
      const inventory = appsOf({ seed, index, policy, office: before?.office?.version, now: at });
      return isSame(before, inventory) ? [] : { index, inventory, report: reportOf(deviceId, inventory, at) };
    });
  }

  async #deliver(news: readonly News[]): Promise<void> {
    while (!(await this.#sent(news))) {
      if (this.#stopped) return;
      await wall.sleep(SEND_AGAIN_MS);
    }
    for (const { index, inventory } of news) this.#keep(index, inventory);
    this.#journal?.append(news.map(({ index, inventory }) => [index, inventory]));
  }

  async #sent(news: readonly News[]): Promise<boolean> {
    try {
      await this.#options.send(news.map(({ report }) => report));
      return true;
    } catch {
      return false;
    }
  }

  #keep(index: unknown, inventory: unknown): void {
    this.#told.set(index as number, inventory as Inventory);
  }
}

interface News {
  readonly index: number;
  readonly inventory: Inventory;
  readonly report: ReadinessEvent;
}

/** A scan that found nothing new is no news. */
function isSame(before: Inventory | undefined, after: Inventory): boolean {
  const content = ({ antivirus, ...apps }: Inventory) => JSON.stringify([apps, antivirus?.signatureVersion]);
  return before !== undefined && content(before) === content(after);
}

function reportOf(deviceId: string, inventory: Inventory, at: number): ReadinessEvent {
  return {
    ...{ specversion: "1.0", id: `${deviceId}:inventory:${at}`, source: `/devices/${deviceId}` },
    ...{ type: READINESS_TYPE, time: iso(at), datacontenttype: "application/json" },
    data: { deviceId, checks: [], inventory },
  };
}
