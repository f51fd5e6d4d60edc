import { type Holiday, lastOn, type ModelParameters, modelParameters } from "../../../shared/model/index.js";
import { hash32 } from "../../../shared/random.js";
import type { SignalEvent } from "../../../shared/signals/signal.js";
import type { DeviceRecord, DeviceUpdateView, InventoryPatch } from "../tenant/types.js";
import { Agents, introductionOf, type ReadinessEvent } from "./agents.js";
import { Behaviour } from "./behaviour.js";
import { DueCalendar, TICK_MS } from "./calendar.js";
import { type DeviceState, newState } from "./device-state.js";
import { createDevices, type SimulatedDevice, SYNC_TURNS, syncTurn } from "./devices.js";
import { articles, installedBuilds } from "./installed-builds.js";
import { type Cohort, cohortOf, regressionOf } from "./regression.js";
import type { Scenario } from "./scenario.js";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** What a fleet needs of a tenant. */
export interface FleetTenant {
  addDevices(devices: readonly DeviceRecord[]): void;
  reportInventory(deviceId: string, patch: InventoryPatch): void;
  view(deviceId: string): DeviceUpdateView;
  onChange(listener: (deviceIds: ReadonlySet<string> | "all") => void): void;
}

export interface PopulationOptions {
  readonly tenant: FleetTenant;
  readonly seed: number;
  /** Devices. */
  readonly size: number;
  readonly scenario: Scenario;
  /** When the fleet began, ms. */
  readonly startedAt: number;
}

/** What a tick has done. */
export interface TickOutcome {
  /** To be sent, in a fixed order. */
  readonly events: SignalEvent[];
  /** What agents have to tell about the readiness of their devices. */
  readonly reports: readonly ReadinessEvent[];
  /** Devices that may have changed, ascending. */
  readonly changed: readonly number[];
  /** Devices whose agents have run, or have something new to find, each once. */
  readonly checked: readonly number[];
}

/** All devices of a fleet with their states, and when each is next due. Knows no clock: it is told the ticks. */
export class Population {
  readonly devices: readonly SimulatedDevice[];
  readonly states: DeviceState[];
  readonly agents: Agents;
  readonly startedAt: number;
  /** The cohort that the scenario strikes, if it strikes one. */
  readonly cohort: Cohort | undefined;
  readonly #options: PopulationOptions;
  readonly #indexes: ReadonlyMap<string, number>;
  readonly #behaviour: Behaviour;
  readonly #calendar: DueCalendar;
  readonly #syncTurns: Uint8Array;
  #tick: number;

  constructor(options: PopulationOptions) {
    const { seed, size, scenario, tenant, startedAt } = options;
    const model = modelOf(scenario);
    this.#options = options;
    this.startedAt = startedAt;
    this.#tick = Math.floor(startedAt / TICK_MS);
    this.devices = createDevices({
      seed,
      size,
      model,
      builds: installedBuilds(startedAt),
      startedAt,
      syncHours: scenario.inventorySyncHours,
      ...holidayOf(scenario, startedAt),
    });
    this.#syncTurns = Uint8Array.from(this.devices, ({ index }) => syncTurn(seed, index));
    this.states = this.devices.map(({ record }) => newState(record.osVersion));
    this.#indexes = new Map(this.devices.map(({ deviceId, index }) => [deviceId, index]));
    const attributes = this.devices.map((device) => device.attributes);
    this.cohort = cohortOf(scenario, attributes, seed);
    this.#behaviour = new Behaviour({
      seed,
      scenario,
      model,
      regression: regressionOf(scenario, this.cohort),
      articles: articles(),
      view: (deviceId) => tenant.view(deviceId),
      reportInventory: (deviceId, patch) => tenant.reportInventory(deviceId, patch),
    });
    this.#calendar = new DueCalendar(size);
    const isGone = (index: number) => this.states[index]?.gone === true;
    this.agents = new Agents({ seed, devices: this.devices, isGone });
  }

  /** Numbers of the devices that belong to the fleet. */
  indexesOf(deviceIds: ReadonlySet<string>): number[] {
    return [...deviceIds].flatMap((id) => this.#indexes.get(id) ?? []);
  }

  /** Puts a kept state back. Call `resume` after the last. */
  restore(index: number, state: DeviceState): void {
    this.states[index] = state;
  }

  /** Goes on after a tick that has been done before. */
  restoreTick(tick: number): void {
    this.#tick = tick;
  }

  /** Queues every device; those that missed a change while the fleet was not there hear of it at `now` (ms). */
  resume(now: number): void {
    this.agents.resume(this.#tick);
    for (const device of this.devices) {
      const state = this.states[device.index];
      if (state === undefined) continue;
      if (state.read === undefined && this.#behaviour.isBehind(device, state)) this.#behaviour.hear(device, state, now);
      this.#queue(device.index, state);
    }
  }

  /** The policies of devices may have changed at `at` (ms). */
  change(devices: readonly number[] | "all", at: number): void {
    for (const index of devices === "all" ? this.devices.keys() : devices) {
      const device = this.devices[index];
      const state = this.states[index];
      if (device === undefined || state === undefined || state.read !== undefined) continue;
      this.#behaviour.hear(device, state, at);
      this.#queue(index, state);
    }
  }

  /** The next tick in which anything is due. */
  nextTick(): number | undefined {
    const ticks = [this.#calendar.next(), this.agents.nextTick(), this.#nextSync()?.tick];
    const next = Math.min(...ticks.map((tick) => tick ?? Infinity));
    return next === Infinity ? undefined : next;
  }

  /** Lives through the time up to a tick. */
  advance(tick: number): TickOutcome {
    const now = tick * TICK_MS;
    const changed = this.#calendar.take(tick);
    const events: SignalEvent[] = [];
    const isFirst = this.#tick === Math.floor(this.startedAt / TICK_MS);
    const introductions = isFirst ? this.devices.map((device) => introductionOf(device, now)) : [];
    const sync = this.#nextSync();
    if (sync?.tick === tick) this.#syncInventory(now, sync.turns);
    this.#tick = tick;
    for (const index of changed) {
      const device = this.devices[index];
      const state = this.states[index];
      if (device === undefined || state === undefined) continue;
      events.push(...this.#behaviour.advance(device, state, now));
      this.#queue(index, state);
    }
    const { reports, changed: run } = this.agents.take(tick);
    const gated = changed.filter((index) => this.#noteGatedBlocks(index, now));
    const checked = [...new Set([...run, ...gated])];
    return { events: this.#ordered(events, tick), reports: [...introductions, ...reports], changed, checked };
  }

  /** What Windows says keeps a device from its feature update is for its agent to find; whether it is news. */
  #noteGatedBlocks(index: number, now: number): boolean {
    return this.agents.noteGatedBlocks(index, this.states[index]?.gatedBlocks ?? [], now);
  }

  /** Takes out everything that devices have to tell and would tell later. */
  tellAll(): TickOutcome {
    const events: SignalEvent[] = [];
    const changed: number[] = [];
    for (const device of this.devices) {
      const state = this.states[device.index];
      if (state === undefined || state.outbox.length === 0) continue;
      events.push(...this.#behaviour.tellAll(device, state));
      changed.push(device.index);
      this.#queue(device.index, state);
    }
    return { events: this.#ordered(events, this.#tick), reports: [], changed, checked: [] };
  }

  #queue(index: number, state: DeviceState): void {
    this.#calendar.put(index, this.#behaviour.nextDue(state), this.#tick + 1);
  }

  /** By time and id, as a gateway would pass them on; or mixed, where the scenario says so. */
  #ordered(events: SignalEvent[], tick: number): SignalEvent[] {
    const { seed, scenario } = this.#options;
    if (!scenario.delivery.shuffle) {
      return events.sort((a, b) => compare(a.time, b.time) || compare(a.id, b.id));
    }
    const order = new Map(events.map((event) => [event, hash32(seed, tick, event.id)]));
    return events.sort((a, b) => (order.get(a) ?? 0) - (order.get(b) ?? 0) || compare(a.id, b.id));
  }

  /** The next tick in which devices synchronise, and whose turn it is. */
  #nextSync(): { readonly tick: number; readonly turns: ReadonlySet<number> } | undefined {
    const step = (this.#options.scenario.inventorySyncHours * HOUR) / TICK_MS / SYNC_TURNS;
    if (step === 0) return undefined;
    const first = Math.floor(this.startedAt / TICK_MS);
    const tickOf = (turn: number) => first + Math.ceil(step * turn);
    let turn = Math.floor((this.#tick - first) / step);
    while (tickOf(turn) <= this.#tick) turn++;
    const tick = tickOf(turn);
    const turns = new Set<number>();
    for (; tickOf(turn) === tick && turns.size < SYNC_TURNS; turn++) turns.add(turn % SYNC_TURNS);
    return { tick, turns };
  }

  /** Intune hears from every device whose turn it is, if it has been on. */
  #syncInventory(now: number, turns: ReadonlySet<number>): void {
    for (const { index, deviceId, pattern } of this.devices) {
      if (!turns.has(this.#syncTurns[index] ?? 0) || this.states[index]?.gone) continue;
      const lastSyncDateTime = new Date(lastOn(pattern, now)).toISOString();
      this.#options.tenant.reportInventory(deviceId, { lastSyncDateTime });
    }
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function modelOf({ model, silentShare }: Scenario): ModelParameters {
  return modelParameters({ ...model, ...(silentShare === undefined ? {} : { neverReportFailing: silentShare }) });
}

function holidayOf({ holiday }: Scenario, startedAt: number): { holiday?: Holiday } {
  if (holiday === undefined) return {};
  const from = startedAt + holiday.fromDay * DAY;
  return { holiday: { from, to: from + holiday.days * DAY, awayShare: holiday.awayShare } };
}
