import { DAY_MS, HOUR_MS } from "../../../shared/calendar/days.js";
import { publishedAt } from "../../../shared/calendar/publication.js";
import { learnHistory } from "../../../shared/gate/history.js";
import type { GateMode } from "../../../shared/groups/group.js";
import { newRelease, newRings } from "../../../shared/releases/create.js";
import { holdsView } from "../../../shared/releases/hold-view.js";
import { releaseIdOf } from "../../../shared/releases/identity.js";
import { needsPerson } from "../../../shared/releases/release-state.js";
import { releaseView, ringView } from "../../../shared/releases/view.js";
import { wall } from "../../../shared/wall.js";
import { TICK_MS } from "../fleet/calendar.js";
import { loadScenario } from "../fleet/index.js";
import { Population } from "../fleet/population.js";
import { truthOf } from "../fleet/truth.js";
import type { ReleaseView } from "../world/release-view.js";
import { RunWorkload } from "../world/runs/run.js";
import { summarise } from "../world/summary.js";
import { beginningOf, defaultUpdate, SET_UP_MS } from "../world/update.js";
import { DevicesTenant } from "./devices-tenant.js";
import { REPLICATION_MS } from "./offered-waves.js";
import { type Enrolled, ReleaseRun } from "./release-run.js";
import { qualityUpdate, sampleGroup } from "./sample-group.js";

export interface InProcessOptions {
  readonly scenario: string;
  readonly parameters?: Readonly<Record<string, unknown>>;
  readonly devices: number;
  readonly seed: number;
  readonly gate: GateMode;
  /** Catalogue name; absent: the one that the scenario is about. */
  readonly update?: string | undefined;
}

/** Time of day of the daily survey (functions/registration.ts). */
const SURVEY_MS = 4 * HOUR_MS + 20 * 60_000;
const LONGEST_RUN_DAYS = 120;
/**
 * One release in this process: the fleet of the full stack, the state machines, gate, controller and ledger of the
 * product, neither storage nor network nor orchestrations. It decides as the full stack does, hours apart at most, and
 * takes seconds. Answers with the object that `simulate --json` prints.
 * @throws Error for scenarios that are about what is left out: faults of Graph, and updates that supersede each other
 */
export async function runInProcess(options: InProcessOptions) {
  const begun = wall.monotonic();
  const scenario = loadScenario(options.scenario, options.parameters ?? {});
  if (scenario.outOfBand !== undefined || scenario.faults !== undefined)
    throw new Error(`Scenario '${scenario.name}' is about the tenant or a second release; leave --in-process out.`);
  const name = options.update ?? defaultUpdate(options.scenario);
  const update = qualityUpdate(name);
  const startedAt = publishedAt(update);
  const tenant = new DevicesTenant();
  const population = new Population({
    tenant,
    seed: options.seed,
    size: options.devices,
    scenario,
    startedAt: beginningOf(name) - SET_UP_MS,
  });
  tenant.addDevices(population.devices.map(({ record }) => record));
  const { group, enrolled } = sampleGroup(options, population, tenant);
  // The same id as on the full stack: the order of offers depends on it.
  const id = releaseIdOf(group.id, update);
  const release = newRelease({ id, group, update, others: [], history: learnHistory([]), now: startedAt });
  const run = new ReleaseRun(release, newRings(release, group), tenant);
  await run.enrol(enrolled);

  let now = beginningOf(name) - SET_UP_MS;
  tenant.onChange((deviceIds) => population.change(population.indexesOf(deviceIds), now));
  // The ring groups of the set-up replicate too, before devices hear of their policies.
  population.resume(now + REPLICATION_MS);
  let [signals, rejected] = [0, 0];
  let surveyAt = beginningOf(name) + SURVEY_MS;
  while (run.release.state.phase !== "ended" && !isStuck(run)) {
    const tick = (population.nextTick() ?? Number.POSITIVE_INFINITY) * TICK_MS;
    now = Math.min(tick, run.nextDue() ?? Number.POSITIVE_INFINITY);
    for (; surveyAt <= now; surveyAt += DAY_MS) run.survey(surveyAt);
    if (now - startedAt > LONGEST_RUN_DAYS * DAY_MS) throw new Error("The release did not end within 120 days.");
    // Devices first: what they do in a tick they did before its end.
    if (tick <= now) {
      const { events } = population.advance(tick / TICK_MS);
      signals += events.length;
      if (events.length > 0) rejected += await run.hear(events, now);
    }
    if (now >= startedAt) await run.lookAt(now);
  }
  const { events } = population.tellAll();
  rejected += await run.hear(events, now);
  signals += events.length;
  return summarise({
    ...options,
    workload: RunWorkload.quality,
    release: await viewOf(run, now),
    holds: holdsView(run.release).value,
    decisions: run.decisions.map((decision) => ({ ...decision, at: new Date(decision.at).toISOString() })),
    truth: truth(run, population, enrolled),
    signals,
    rejected,
    costs: {
      ...{ storageTransactions: 0, graphCalls: 0, executions: 0, maxHistoryEvents: 0 },
      wallSeconds: Math.round((wall.monotonic() - begun) / 100) / 10,
      peakRssMb: Math.round(process.resourceUsage().maxRSS / 1024),
    },
  });
}

/** Only a person can move the release. */
function isStuck({ release }: ReleaseRun): boolean {
  return needsPerson(release.state);
}

async function viewOf(run: ReleaseRun, now: number): Promise<ReleaseView> {
  const summary = await run.summary();
  const rings = run.rings.map((ring) => ringView(ring, summary.rings[ring.ring], now));
  return { ...releaseView(run.release, summary), rings };
}

function truth(run: ReleaseRun, { devices, states }: Population, enrolled: readonly Enrolled[]) {
  const builds = run.release.update.revisions.map(({ build }) => build);
  const places = new Map(run.rings.map(({ ring, state }) => [ring, state.plan.index]));
  return devices.flatMap((device) => {
    const state = states[device.index];
    const ring = places.get(enrolled[device.index]?.ring ?? "");
    return state === undefined || ring === undefined ? [] : [{ ...truthOf(device, state, builds), ring }];
  });
}
