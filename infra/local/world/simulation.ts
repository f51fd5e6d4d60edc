import { createHash } from "node:crypto";
import { SIGNALS_QUEUE } from "../../../shared/signals/signal.js";
import { wall } from "../../../shared/wall.js";
import type { DecisionView, HoldView, IncidentView, ReleaseView, RingView } from "./release-view.js";
import { type RunWorkload, runOf, type WorkloadRun } from "./runs/index.js";
import { type Costs, type RingTruth, summarise } from "./summary.js";
import { unanswered } from "./waiting.js";
import { watch } from "./watchdog.js";
import { World, type WorldOptions } from "./world.js";

const HOUR = 3_600_000;
/** A release that has not ended by then never will: the longest deferral, deadline, reporting period and pause fit. */
const LONGEST_RUN_DAYS = 120;

export interface SimulationOptions {
  /** Whose release it is. Default `quality`. */
  readonly workload?: RunWorkload;
  readonly scenario: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly devices: number;
  readonly seed: number;
  readonly gate: "off" | "advise" | "enforce";
  /** Name of the update, `2024.06 B`; absent: the one that the scenario or the workload is about. */
  readonly update?: string | undefined;
  readonly onProgress?: (line: string) => void;
  /** Where the world keeps its tables and certificates, and settings of the app; absent are its own. */
  readonly world?: Pick<WorldOptions, "storage" | "certificates" | "appSettings">;
  /** Ends the run early, which then fails with the signal's reason; nothing is left behind. */
  readonly signal?: AbortSignal;
  /** Told of the world before time begins to pass; for runs that disturb it. */
  readonly onStart?: (world: World) => void;
  /** Called in quiet when the release has ended, while the app still answers. */
  readonly onEnd?: (world: World, release: ReleaseView) => Promise<void>;
}

export type Summary = ReturnType<typeof summarise>;

/**
 * One release in virtual time on the full stack, until it ends or only a person can act (design.md §5). Fails when the
 * host ends without having been asked to, and when time stands still.
 */
export async function runSimulation(options: SimulationOptions): Promise<Summary> {
  const begun = wall.monotonic();
  const run = runOf(options);
  const { update, startedAt } = run;
  let ended: ((now: number) => Promise<boolean>) | undefined;
  let lose: (reason: Error) => void = () => undefined;
  const lost = new Promise<never>((_, reject) => {
    lose = reject;
  });
  lost.catch(() => undefined);
  const stopped = () => lose(new Error(`Stopped by ${options.signal?.reason}.`));
  options.signal?.addEventListener("abort", stopped);
  const world = await World.start({
    ...options.world,
    settings: {
      seed: options.seed,
      devices: options.devices,
      scenario: options.scenario,
      update,
      gate: options.gate,
      startedAt,
      functionKey: keyOf(options.seed, "function"),
      masterKey: keyOf(options.seed, "master"),
    },
    ...(options.parameters === undefined ? {} : { scenarioParameters: options.parameters }),
    ...(run.managed === undefined ? {} : { managed: run.managed }),
    beforeJump: async (now) => (await ended?.(now)) ?? false,
    onHostExit: (reason) => lose(new Error(`The run cannot go on: ${reason}`)),
  });
  const unwatch = watch({ now: () => world.now(), describe: () => describe(world) }, lose);
  try {
    if (options.signal?.aborted === true) stopped();
    run.prepare?.(world);
    options.onStart?.(world);
    if (run.begin !== undefined) {
      await Promise.race([world.run(startedAt), lost]);
      await run.begin(world);
    }
    ended = endOf(world, run, options.onProgress);
    await Promise.race([world.run(), lost]);
    // Reports still on their way would make the ledger differ from the truth; nothing else happens any more.
    ended = undefined;
    await world.fleet.checkInAll();
    await Promise.race([world.settle(), lost]);
    const release = run.find(await world.api.all<ReleaseView>("/releases?expand=rings"), world);
    if (release === undefined) throw new Error(`No release of ${update} began.`);
    await options.onEnd?.(world, release);
    const decisions = await world.api.all<DecisionView>(`/releases/${release.id}/decisions`);
    const holds = await world.api.get<{ value: HoldView[] }>(`/releases/${release.id}/holds`);
    const rejectedBecause = await rejectedBy(world);
    return summarise({
      ...options,
      workload: run.workload,
      release,
      holds: holds.value,
      decisions,
      truth: await truthOf(world, run, release),
      incidents: await world.api.all<IncidentView>("/incidents?state=all"),
      hotpatched: run.hotpatched?.(world),
      versions: await run.versions?.(world),
      signals: world.signalsSent,
      rejected: Object.values(rejectedBecause).reduce((sum, count) => sum + count, 0),
      rejectedBecause,
      costs: costsOf(world, begun),
    });
  } finally {
    unwatch();
    options.signal?.removeEventListener("abort", stopped);
    await world.stop();
  }
}

function describe({ broker, host, link, tenant }: World): string {
  const { active } = broker.counts(SIGNALS_QUEUE);
  return [
    `broker ${broker.isQuiet() ? "quiet" : "busy"} with ${active} signals`,
    `tenant ${tenant.isQuiet() ? "quiet" : "busy"}`,
    `host ${link?.connected === true ? "linked" : "not linked"} after ${host.starts} starts`,
  ].join(", ");
}

/** Whether its release, or all of them, have ended, looked up at most once in a domain hour and only when something was executed. */
function endOf(world: World, run: WorkloadRun, onProgress: SimulationOptions["onProgress"]) {
  const { startedAt, endsWithAll = false } = run;
  const isUnanswered = unanswered((id) => ringsOf(world, id));
  let nextLook = startedAt;
  let seen = "";
  return async (now: number): Promise<boolean> => {
    const executed = `${world.host.starts} ${hostStats(world).executions}`;
    if (now < nextLook || executed === seen) return false;
    if (now - startedAt > LONGEST_RUN_DAYS * 24 * HOUR) throw new Error("The release did not end within 120 days.");
    // On the full hour, not an hour later: a disturbed run must look at the same instants as an undisturbed one.
    nextLook = (Math.floor(now / HOUR) + 1) * HOUR;
    seen = executed;
    const releases = await world.api.all<ReleaseView>("/releases");
    const release = run.find(releases, world);
    onProgress?.(`${new Date(now).toISOString().slice(0, 10)} ${release?.status ?? "waiting for the release"}`);
    if (release === undefined) return false;
    const isOver = (endsWithAll ? releases : [release]).every((each) => each.outcome !== null || each.needsPerson);
    return isOver || isUnanswered(release, now);
  };
}

async function ringsOf({ api }: World, releaseId: string): Promise<readonly RingView[]> {
  return (await api.get<{ value: RingView[] }>(`/releases/${releaseId}/rings`)).value;
}

async function rejectedBy(world: World): Promise<Readonly<Record<string, number>>> {
  const { rejectedSignals } = await world.api.get<{ rejectedSignals: Record<string, number> }>("/status");
  return Object.fromEntries(Object.entries(rejectedSignals).filter(([, count]) => count > 0));
}

interface DeviceView {
  readonly deviceId: string;
  readonly ring: string;
}

/** The truth about the devices that the release enrolled, with their rings. */
async function truthOf(world: World, run: WorkloadRun, release: ReleaseView): Promise<RingTruth[]> {
  const rows = await world.api.all<DeviceView>(`/releases/${release.id}/devices`);
  const ringOf = new Map(rows.map(({ deviceId, ring }) => [deviceId, ring]));
  const places = new Map(release.rings.map(({ name, ring }) => [name, ring]));
  return run.truth(world, release).flatMap((device) => {
    const ring = places.get(ringOf.get(device.deviceId) ?? "");
    return ring === undefined ? [] : { ...device, ring };
  });
}

interface HostStats {
  readonly requestsByPort?: Readonly<Record<string, number>>;
  readonly executions?: number;
  readonly maxHistoryEvents?: number;
  readonly peakRssMb?: number;
}

function hostStats(world: World): HostStats {
  return (world.link?.stats ?? {}) as HostStats;
}

function costsOf(world: World, begun: number): Costs {
  const stats = hostStats(world);
  const requests = (url: string) => stats.requestsByPort?.[new URL(url).port] ?? 0;
  const tableUrl = /TableEndpoint=([^;]+)/.exec(world.storage.connectionString)?.[1] ?? "http://127.0.0.1:0";
  return {
    storageTransactions: requests(tableUrl),
    graphCalls: requests(world.tenant.graphUrl),
    executions: stats.executions ?? 0,
    maxHistoryEvents: stats.maxHistoryEvents ?? 0,
    wallSeconds: Math.round((wall.monotonic() - begun) / 100) / 10,
    peakRssMb: Math.round(Math.max(process.resourceUsage().maxRSS / 1024, stats.peakRssMb ?? 0)),
  };
}

function keyOf(seed: number, purpose: string): string {
  return createHash("sha256").update(`simulation ${seed} ${purpose}`).digest("base64url");
}
