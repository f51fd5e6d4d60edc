import {
  Fleet,
  type FleetTenant,
  parseScenario,
  type ReadinessEvent,
  type Scenario,
} from "../../../../../infra/local/fleet/index.js";
import type {
  DeviceRecord,
  DeviceUpdateView,
  InventoryPatch,
  UpdateRingView,
} from "../../../../../infra/local/tenant/types.js";
import { VirtualClock } from "../../../../../infra/local/time/virtual-clock.js";
import type { SignalEvent } from "../../../../../shared/signals/signal.js";

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;
/** Patch Tuesday of June 2024, 10:00 Pacific. */
export const PUBLISHED = Date.parse("2024-06-11T17:00:00Z");
export const BUILDS = ["10.0.22631.3737", "10.0.19045.4529"];
export const NEWER_BUILDS = ["10.0.22631.3880", "10.0.19045.4651"];

const KBS: Readonly<Record<string, { kb: string; build: string }>> = {
  "Windows 11": { kb: "KB5039212", build: "10.0.22631.3737" },
  "Windows 10": { kb: "KB5039211", build: "10.0.19045.4529" },
};
const NEWER: Readonly<Record<string, { kb: string; build: string }>> = {
  "Windows 11": { kb: "KB5040442", build: "10.0.22631.3880" },
  "Windows 10": { kb: "KB5040427", build: "10.0.19045.4651" },
};

export const RING: UpdateRingView = {
  id: "ring",
  qualityDeferralDays: 0,
  deadlineDays: 2,
  graceDays: 2,
  qualityPaused: false,
  rollBackQuality: false,
  automaticUpdateMode: "windowsDefault",
  featureDeadlineDays: 5,
  featurePaused: false,
  rollBackFeature: false,
  featureUninstallDays: 30,
};

/** A tenant in which every device is told the same. */
class FakeTenant implements FleetTenant {
  readonly devices = new Map<string, DeviceRecord>();
  readonly inventory: { deviceId: string; patch: InventoryPatch; at: number }[] = [];
  ring: UpdateRingView | undefined = RING;
  #offer: { since: number; updates: typeof KBS } | undefined;
  detectionFrequencyHours: number | undefined = 8;
  /** What a device is told beside quality updates. */
  also: (device: DeviceRecord) => Partial<DeviceUpdateView> = () => ({});
  #expedite: number | undefined;
  readonly #listeners: ((ids: ReadonlySet<string> | "all") => void)[] = [];

  constructor(readonly clock: VirtualClock) {}

  addDevices(devices: readonly DeviceRecord[]): void {
    for (const device of devices) this.devices.set(device.deviceId, device);
  }

  reportInventory(deviceId: string, patch: InventoryPatch): void {
    this.inventory.push({ deviceId, patch, at: this.clock.now() });
    const known = this.devices.get(deviceId);
    if (known !== undefined) this.devices.set(deviceId, { ...known, ...patch });
  }

  view(deviceId: string): DeviceUpdateView {
    const device = this.devices.get(deviceId);
    const product = device?.product ?? "";
    const update = this.#offer?.updates[product];
    const target = KBS[product];
    return {
      ...(update === undefined || this.#offer === undefined
        ? {}
        : { offer: { catalogEntryId: update.kb, ...update, since: this.#offer.since } }),
      ...(this.ring === undefined ? {} : { ring: this.ring }),
      ...(this.detectionFrequencyHours === undefined ? {} : { detectionFrequencyHours: this.detectionFrequencyHours }),
      ...(this.#expedite === undefined || target === undefined
        ? {}
        : { expedite: { build: target.build, daysUntilForcedReboot: this.#expedite } }),
      ...(device === undefined ? {} : this.also(device)),
    };
  }

  onChange(listener: (ids: ReadonlySet<string> | "all") => void): void {
    this.#listeners.push(listener);
  }

  approve(): void {
    this.#offer = { since: this.clock.now(), updates: KBS };
    this.changed();
  }

  approveNewer(): void {
    this.#offer = { since: this.clock.now(), updates: NEWER };
    this.changed();
  }

  suspend(): void {
    this.#offer = undefined;
    this.changed();
  }

  expedite(days: number): void {
    this.#expedite = days;
    this.changed();
  }

  setRing(changes: Partial<UpdateRingView>): void {
    this.ring = { ...(this.ring ?? RING), ...changes };
    this.changed();
  }

  changed(ids: ReadonlySet<string> | "all" = "all"): void {
    for (const listener of this.#listeners) listener(ids);
  }
}

export interface Sent extends SignalEvent {
  /** When it was handed over, ms. */
  readonly sentAt: number;
  readonly deviceId: string;
  /** The type without its prefix. */
  readonly kind: string;
  /** ms */
  readonly at: number;
}

export interface Bench {
  readonly clock: VirtualClock;
  readonly tenant: FakeTenant;
  readonly fleet: Fleet;
  readonly sent: Sent[];
  /** What agents reported, in order. */
  readonly reports: ReadinessEvent[];
  /** What agents told of their devices when they were installed. */
  readonly introductions: ReadinessEvent[];
  /** Lives on, tick by tick, to an instant (ms). */
  run(to: number): Promise<void>;
}

export interface BenchOptions {
  readonly size?: number;
  readonly seed?: number;
  readonly scenario?: Record<string, unknown>;
  readonly journal?: string;
  /** Continue with the tenant and clock of another. */
  readonly from?: Bench;
  readonly send?: (events: SignalEvent[]) => Promise<void>;
  readonly sendReadiness?: () => Promise<void>;
}

function scenarioOf(content: Record<string, unknown> = {}): Scenario {
  return parseScenario({ name: "test", about: "Under test.", ...content });
}

/** A fleet in a fake tenant, a day before Patch Tuesday. */
export async function bench(options: BenchOptions = {}): Promise<Bench> {
  const clock = options.from?.clock ?? new VirtualClock(PUBLISHED - DAY);
  const tenant = options.from?.tenant ?? new FakeTenant(clock);
  const sent = options.from?.sent ?? [];
  const reports = options.from?.reports ?? [];
  const introductions = options.from?.introductions ?? [];
  const fleet = await Fleet.create({
    clock,
    tenant,
    seed: options.seed ?? 1,
    size: options.size ?? 400,
    scenario: scenarioOf(options.scenario),
    send: async (events) => {
      await options.send?.(events);
      for (const event of events) {
        const kind = event.type.replace("ringmaster.update.", "");
        sent.push({ ...event, sentAt: clock.now(), deviceId: event.data.deviceId, kind, at: Date.parse(event.time) });
      }
    },
    sendReadiness: async (events) => {
      await options.sendReadiness?.();
      for (const event of events) (event.data.checks.length > 0 ? reports : introductions).push(event);
    },
    ...(options.journal === undefined ? {} : { journal: options.journal }),
  });
  fleet.start();
  const run = async (to: number) => {
    for (let due = clock.nextDue(); due !== undefined && due <= to; due = clock.nextDue()) {
      clock.advance(due);
      await fleet.quiet();
    }
    clock.advance(to);
    await fleet.quiet();
  };
  return { clock, tenant, fleet, sent, reports, introductions, run };
}

/** The signals of a kind. */
export function ofKind(sent: readonly Sent[], kind: string): Sent[] {
  return sent.filter((signal) => signal.kind === kind);
}
