import type { FoundSetting } from "../../../shared/readiness/update-settings.js";
import type { SignalEvent } from "../../../shared/signals/signal.js";
import { wall } from "../../../shared/wall.js";
import type { Clock, Timer } from "../time/clock.js";
import type { AgentState, Finding, ReadinessEvent } from "./agents.js";
import { TICK_MS } from "./calendar.js";
import type { DeviceState } from "./device-state.js";
import type { SimulatedDevice } from "./devices.js";
import { FleetJournal } from "./fleet-journal.js";
import { type FleetTenant, Population, type TickOutcome } from "./population.js";
import type { Cohort } from "./regression.js";
import type { Scenario } from "./scenario.js";
import { type DeviceTruth, truthOf, type WantedUpdate } from "./truth.js";

/** Real time between two attempts to send a tick. */
const SEND_AGAIN_MS = 1_000;

export interface FleetOptions {
  readonly clock: Clock;
  readonly tenant: FleetTenant;
  /** Sends the signals of one tick; when it rejects, it is called again with the same ones. */
  readonly send: (events: SignalEvent[]) => Promise<void>;
  /** Sends what agents have found about the readiness of their devices, likewise. Absent, nobody is told. */
  readonly sendReadiness?: (reports: readonly ReadinessEvent[]) => Promise<void>;
  readonly seed: number;
  /** Devices. */
  readonly size: number;
  readonly scenario: Scenario;
  /** File that keeps the fleet; absent keeps it in memory only. */
  readonly journal?: string;
}

/**
 * Devices living in the clock's time, in ticks of 15 minutes: they read what Windows Update and Intune tell them,
 * install by the model of gate.md §1a, and report. A tick is sent before it is kept, and the next begins after both, so
 * that a restart repeats at most one tick.
 */
export class Fleet {
  readonly #clock: Clock;
  readonly #send: FleetOptions["send"];
  readonly #sendReadiness: FleetOptions["sendReadiness"];
  readonly #population: Population;
  readonly #journal: FleetJournal | undefined;
  readonly #identity: { readonly seed: number; readonly size: number; readonly scenario: string };
  #timer: Timer | undefined;
  #running: Promise<void> | undefined;
  #started = false;
  #stopped = false;
  #activity = 0;

  /**
   * Adds the devices to the tenant, or goes on where the journal ends.
   * @throws AppError `conflict` when the journal belongs to another fleet.
   */
  static async create(options: FleetOptions): Promise<Fleet> {
    const { clock, journal: file, seed, size, scenario, tenant } = options;
    const identity = { seed, size, scenario: scenario.name };
    const populate = (startedAt: number) => new Population({ tenant, seed, size, scenario, startedAt });
    let kept: Population | undefined;
    const journal =
      file === undefined
        ? undefined
        : FleetJournal.open(file, identity, {
            identity: ({ startedAt }) => {
              kept = populate(startedAt);
            },
            tick: (tick) => kept?.restoreTick(tick),
            device: (index, state) => kept?.restore(index, state),
            agent: (index, state) => kept?.agents.restore(index, state),
            change: (at, devices) => kept?.change(devices, at),
          });
    const population = kept ?? populate(clock.now());
    if (kept === undefined) {
      tenant.addDevices(population.devices.map(({ record }) => record));
      journal?.begin({ ...identity, startedAt: population.startedAt });
    }
    population.resume(clock.now());
    return new Fleet(options, population, journal, identity);
  }

  private constructor(
    options: FleetOptions,
    population: Population,
    journal: FleetJournal | undefined,
    identity: { readonly seed: number; readonly size: number; readonly scenario: string },
  ) {
    this.#clock = options.clock;
    this.#send = options.send;
    this.#sendReadiness = options.sendReadiness;
    this.#population = population;
    this.#journal = journal;
    this.#identity = identity;
    options.tenant.onChange((deviceIds) => this.#hear(deviceIds));
  }

  /** Devices in a fixed order, by which the seeding step fills the rings. */
  devices(): readonly SimulatedDevice[] {
    return this.#population.devices;
  }

  /** The cohort that the scenario strikes, if it strikes one. */
  get cohort(): Cohort | undefined {
    return this.#population.cohort;
  }

  /** Begins to move with the clock. */
  start(): void {
    this.#started = true;
    this.#arm();
  }

  /** Ends after the tick under way. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#timer?.cancel();
    await this.quiet();
    this.#journal?.close();
  }

  /** Grows with everything the fleet does. */
  activity(): number {
    return this.#activity;
  }

  /** Resolves when the tick under way has been sent and kept. */
  async quiet(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  /**
   * Has every device check in now and report what happened so far, so that what was reported can be compared with the
   * truth. What devices never report stays unreported.
   */
  async checkInAll(): Promise<void> {
    await this.quiet();
    const tick = Math.floor(this.#clock.now() / TICK_MS);
    const outcome = this.#population.tellAll();
    this.#activity++;
    if (outcome.events.length > 0) await this.#deliver(tick, outcome);
    this.#activity++;
  }

  /** From its next daily run on, a device's agent finds that a check fails; null: that all pass again. */
  setFinding(deviceId: string, finding: Finding | null): void {
    this.#find(deviceId, (state) => {
      const failures = finding === null ? {} : { ...state.failures, [finding.check]: finding.reason };
      return { ...state, failures };
    });
  }

  /** From its next daily run on, a device's agent finds these policies of the Update CSP, and no others. */
  setUpdatePolicies(deviceId: string, updatePolicies: readonly FoundSetting[]): void {
    this.#find(deviceId, (state) => ({ ...state, updatePolicies }));
  }

  /** From its next daily run on, a device's agent finds these values below the watched registry keys. */
  setRegistry(deviceId: string, registry: readonly FoundSetting[]): void {
    this.#find(deviceId, (state) => ({ ...state, registry }));
  }

  /** What really happened with an update per device, in the order of `devices()`. */
  truth(update: WantedUpdate): DeviceTruth[] {
    const { devices, states } = this.#population;
    return devices.map((device) => truthOf(device, states[device.index] as DeviceState, update));
  }

  #find(deviceId: string, change: (state: AgentState) => AgentState): void {
    const [index] = this.#population.indexesOf(new Set([deviceId]));
    if (index === undefined) throw new Error(`The fleet has no device ${deviceId}: only its own devices run agents.`);
    const state = this.#population.agents.change(index, change, this.#clock.now());
    this.#journal?.agent(index, state);
    this.#activity++;
    this.#arm();
  }

  #hear(deviceIds: ReadonlySet<string> | "all"): void {
    if (this.#stopped) return;
    const devices = deviceIds === "all" ? deviceIds : this.#population.indexesOf(deviceIds);
    if (devices.length === 0) return;
    const now = this.#clock.now();
    this.#journal?.change(now, devices);
    this.#population.change(devices, now);
    this.#activity++;
    this.#arm();
  }

  /** Wakes at the next tick in which something is due, unless one is under way. */
  #arm(): void {
    if (!this.#started || this.#stopped || this.#running !== undefined) return;
    const tick = this.#population.nextTick();
    const due = tick === undefined ? undefined : tick * TICK_MS;
    if (this.#timer !== undefined && this.#timer.due === due) return;
    this.#timer?.cancel();
    this.#timer = tick === undefined ? undefined : this.#clock.at(tick * TICK_MS, () => this.#run(tick));
  }

  #run(tick: number): void {
    this.#timer = undefined;
    this.#activity++;
    const outcome = this.#population.advance(tick);
    if (outcome.events.length + outcome.reports.length === 0) {
      this.#keep(tick, outcome);
      this.#arm();
      return;
    }
    this.#running = this.#deliver(tick, outcome).finally(() => {
      this.#running = undefined;
      this.#activity++;
      this.#arm();
    });
  }

  async #deliver(tick: number, outcome: TickOutcome): Promise<void> {
    while (!(await this.#sent(outcome))) {
      if (this.#stopped) return;
      await wall.sleep(SEND_AGAIN_MS);
    }
    this.#keep(tick, outcome);
  }

  async #sent({ events, reports }: TickOutcome): Promise<boolean> {
    try {
      if (events.length > 0) await this.#send(events);
      if (reports.length > 0) await this.#sendReadiness?.(reports);
      return true;
    } catch {
      return false;
    }
  }

  #keep(tick: number, { changed, checked }: TickOutcome): void {
    const { states, agents, startedAt } = this.#population;
    const devices = changed.map((index) => [index, states[index] as DeviceState] as const);
    this.#journal?.tick(
      tick,
      { devices, agents: checked.map((index) => [index, agents.state(index)] as const) },
      () => ({ identity: { ...this.#identity, startedAt }, states, agents: agents.states() }),
    );
  }
}
