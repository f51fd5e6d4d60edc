import { createHash } from "node:crypto";
import { wall } from "../../../shared/wall.js";
import type { DecisionView, ReleaseView } from "./release-view.js";
import { type Costs, type RingTruth, summarise } from "./summary.js";
import { beginningOf, defaultUpdate } from "./update.js";
import { World } from "./world.js";

const HOUR = 3_600_000;
/** A release that has not ended by then never will: the longest deferral, deadline, reporting period and pause fit. */
const LONGEST_RUN_DAYS = 120;

export interface SimulationOptions {
  readonly scenario: string;
  readonly parameters?: Readonly<Record<string, number>>;
  readonly devices: number;
  readonly seed: number;
  readonly gate: "off" | "advise" | "enforce";
  /** Catalogue name, `2024.06 B`; absent: the one that the scenario is about. */
  readonly update?: string | undefined;
  readonly onProgress?: (line: string) => void;
  /** Called in quiet, about once an hour of domain time; for runs that disturb the host. */
  readonly onHour?: (world: World) => Promise<void>;
}

export type Summary = ReturnType<typeof summarise>;

/** One release in virtual time on the full stack, until it ends or only a person can act (design.md §5). */
export async function runSimulation(options: SimulationOptions): Promise<Summary> {
  const begun = wall.monotonic();
  const updateName = options.update ?? defaultUpdate(options.scenario);
  const startedAt = beginningOf(updateName);
  let world: World | undefined;
  let nextLook = startedAt;
  let release: ReleaseView | undefined;
  const look = async (now: number): Promise<boolean> => {
    if (world === undefined || now < nextLook) return false;
    nextLook = now + HOUR;
    await options.onHour?.(world);
    const { value: releases } = await world.api.get<{ value: ReleaseView[] }>("/releases?expand=rings");
    release = releases.find(({ update }) => update.name === updateName);
    options.onProgress?.(`${new Date(now).toISOString().slice(0, 10)} ${release?.status ?? "waiting for the release"}`);
    if (now - startedAt > LONGEST_RUN_DAYS * 24 * HOUR) throw new Error("The release did not end within 120 days.");
    return release !== undefined && releases.every((each) => each.outcome !== null || each.needsPerson);
  };
  world = await World.start({
    settings: {
      seed: options.seed,
      devices: options.devices,
      scenario: options.scenario,
      update: updateName,
      gate: options.gate,
      startedAt,
      functionKey: keyOf(options.seed, "function"),
      masterKey: keyOf(options.seed, "master"),
    },
    ...(options.parameters === undefined ? {} : { scenarioParameters: options.parameters }),
    beforeJump: look,
  });
  try {
    await world.run();
    if (release === undefined) throw new Error(`No release of ${updateName} began.`);
    const decisions = await world.api.get<{ value: DecisionView[] }>(`/releases/${release.id}/decisions`);
    return summarise({
      ...options,
      release,
      decisions: decisions.value,
      truth: await truthOf(world, release),
      signals: world.signalsSent,
      rejected: await rejectedBy(world),
      costs: costsOf(world, begun),
    });
  } finally {
    await world.stop();
  }
}

async function rejectedBy(world: World): Promise<number> {
  const { rejectedSignals } = await world.api.get<{ rejectedSignals: Record<string, number> }>("/status");
  return Object.values(rejectedSignals).reduce((sum, count) => sum + count, 0);
}

interface DeviceView {
  readonly deviceId: string;
  readonly ring: string;
}

/** The truth about the devices that the release enrolled, with their rings. */
async function truthOf(world: World, release: ReleaseView): Promise<RingTruth[]> {
  const { value: rows } = await world.api.get<{ value: DeviceView[] }>(`/releases/${release.id}/devices`);
  const ringOf = new Map(rows.map(({ deviceId, ring }) => [deviceId, ring]));
  const places = new Map(release.rings.map(({ name, ring }) => [name, ring]));
  return world.fleet.truth(release.update.revisions.map(({ build }) => build)).flatMap((device) => {
    const ring = places.get(ringOf.get(device.deviceId) ?? "");
    return ring === undefined ? [] : { ...device, ring };
  });
}

interface HostStats {
  readonly requestsByPort?: Readonly<Record<string, number>>;
  readonly executions?: number;
  readonly maxHistoryEvents?: number;
  readonly rssMb?: number;
}

function costsOf(world: World, begun: number): Costs {
  const stats = (world.link?.stats ?? {}) as HostStats;
  const requests = (url: string) => stats.requestsByPort?.[new URL(url).port] ?? 0;
  const tableUrl = /TableEndpoint=([^;]+)/.exec(world.storage.connectionString)?.[1] ?? "http://127.0.0.1:0";
  return {
    storageTransactions: requests(tableUrl),
    graphCalls: requests(world.tenant.graphUrl),
    executions: stats.executions ?? 0,
    maxHistoryEvents: stats.maxHistoryEvents ?? 0,
    wallSeconds: Math.round((wall.monotonic() - begun) / 100) / 10,
    peakRssMb: Math.round(Math.max(process.resourceUsage().maxRSS / 1024, stats.rssMb ?? 0)),
  };
}

function keyOf(seed: number, purpose: string): string {
  return createHash("sha256").update(`simulation ${seed} ${purpose}`).digest("base64url");
}
