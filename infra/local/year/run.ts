import { DAY_MS, HOUR_MS } from "../../../shared/calendar/days.js";
import type { GateMode } from "../../../shared/groups/group.js";
import type { StoredGroup } from "../../../shared/groups/store.js";
import { wall } from "../../../shared/wall.js";
import { UsageError } from "../args.js";
import { TICK_MS } from "../fleet/calendar.js";
import { loadScenario } from "../fleet/index.js";
import { Population } from "../fleet/population.js";
import { DevicesTenant } from "../in-process/devices-tenant.js";
import { REPLICATION_MS } from "../in-process/offered-waves.js";
import { sampleGroup } from "../in-process/sample-group.js";
import { SET_UP_MS } from "../world/update.js";
import { type Answering, Answers } from "./answers.js";
import { AppFigures } from "./app-figures.js";
import { Apps } from "./apps.js";
import { knownOf } from "./known.js";
import { Objectives } from "./objectives.js";
import { drivers, featureUpdate, type Publication, qualityUpdates } from "./publications.js";
import { Register } from "./register.js";
import { Releases } from "./releases.js";
import { type YearReport, yearReport } from "./report.js";
import { isHarmless } from "./truth.js";

export interface YearOptions {
  /** First month, `2024-01`. */
  readonly from: string;
  readonly devices: number;
  readonly seed: number;
  readonly gate: GateMode;
  readonly scenario: string;
  /** Who answers what the service asks. */
  readonly answering: Answering;
  /** Feature update of the year, as the catalogue names it, and its first date. */
  readonly feature: { readonly version: string; readonly firstDate: string };
  /** Patch Tuesdays of the year. Default 12. */
  readonly months?: number;
  readonly onProgress?: (line: string) => void;
}

/** After the last Patch Tuesday the year goes on until its release is over. */
const LAST_DAYS = 30;
const MINUTE_MS = 60_000;

/** What the service does once a day, as its timers in `functions/` have it: survey, releases of apps, objectives. */
const SURVEY_MS = 4 * HOUR_MS + 20 * MINUTE_MS;
const APPS_MS = 5 * HOUR_MS + 10 * MINUTE_MS;
const OBJECTIVES_MS = 5 * HOUR_MS + 40 * MINUTE_MS;

/**
 * A year of one group in this process: twelve Patch Tuesdays, a feature update, forty drivers, monthly versions of Office
 * and weekly ones of Edge, with the state machines, gate, ledger, register, objectives and device model of the product;
 * neither storage nor network nor orchestrations.
 * @throws UsageError for scenarios that are about what is left out: faults of Graph, and out-of-band updates
 */
export async function runYear(options: YearOptions): Promise<YearReport> {
  const begun = wall.monotonic();
  const { from, devices, seed, onProgress = () => undefined } = options;
  const scenario = loadScenario(options.scenario);
  if (scenario.outOfBand !== undefined || scenario.faults !== undefined)
    throw new UsageError(`Scenario '${scenario.name}' is about the tenant or a second release; a year has neither.`);
  const quality = qualityUpdates(from, options.months);
  const startedAt = Date.parse(`${from}-01T00:00:00Z`);
  const endsAt = (quality.at(-1)?.at ?? startedAt) + LAST_DAYS * DAY_MS;
  const tenant = new DevicesTenant();
  const population = new Population({ tenant, seed, size: devices, scenario, startedAt });
  const records = population.devices.map(({ record }) => record);
  tenant.addDevices(records);
  const sample = sampleGroup(options, population, tenant);
  const [group, enrolled] = [withApps(sample.group), sample.enrolled];
  const firstAt = Date.parse(`${options.feature.firstDate}T00:00:00Z`);
  const ahead: Publication[] = [
    ...quality,
    featureUpdate(options.feature.version, firstAt, group),
    ...drivers(records, [startedAt + SET_UP_MS, endsAt - LAST_DAYS * DAY_MS], group),
  ].toSorted((a, b) => a.at - b.at);

  const register = new Register(group, tenant, enrolled);
  const apps = new Apps({ seed, devices: population.devices, group, tenant, enrolled, startedAt });
  const releases = new Releases({ group, tenant, enrolled, apps });
  const objectives = new Objectives((update, now) => knownOf(register, apps, update, now));
  const appFigures = new AppFigures(group.definition);
  const answers = new Answers(options.answering, ({ release }) => isHarmless(release.update, population));
  let now = startedAt;
  tenant.onChange((deviceIds) => population.change(population.indexesOf(deviceIds), now));
  population.resume(now + REPLICATION_MS);
  const daily = [
    {
      at: startedAt + SURVEY_MS,
      run: (at: number) => {
        releases.survey(at);
        register.survey(at);
        onProgress(new Date(at).toISOString().slice(0, 10));
      },
    },
    {
      at: startedAt + APPS_MS,
      run: async (at: number) => {
        await releases.startApps(at);
        await releases.followInventories(at);
      },
    },
    {
      at: startedAt + OBJECTIVES_MS,
      run: async (at: number) => {
        await objectives.lookAt(releases.all, at);
        appFigures.lookAt(apps, register, at);
      },
    },
  ];
  for (;;) {
    const tick = (population.nextTick() ?? Number.POSITIVE_INFINITY) * TICK_MS;
    const nextStart = ahead[0]?.at ?? Number.POSITIVE_INFINITY;
    const due = [tick, nextStart, releases.nextDue(), apps.nextDue(), answers.nextDue(), ...daily.map(({ at }) => at)];
    now = Math.min(...due);
    if (now > endsAt) break;
    // Devices first: what they do in a tick they did before its end.
    if (tick <= now) {
      const { events, reports } = population.advance(tick / TICK_MS);
      register.hear(reports, now);
      await releases.hear(events, now);
    }
    if (apps.nextDue() <= now) await apps.advance(now);
    for (let next = ahead[0]; next !== undefined && next.at <= now; next = ahead[0]) {
      ahead.shift();
      await releases.start(next.update, now);
    }
    for (const each of daily) {
      if (each.at > now) continue;
      await each.run(now);
      each.at += DAY_MS;
    }
    await releases.lookAt(now);
    answers.hear(releases.running);
    await answers.answer(now);
  }
  return yearReport({
    ...{ options, tenant, records, endsAt },
    releases: releases.all,
    figures: objectives.figures,
    incidents: objectives.incidents,
    asked: answers.asked,
    apps: appFigures.year(apps, register, endsAt),
    wallSeconds: Math.round((wall.monotonic() - begun) / 100) / 10,
  });
}

/** The group with Microsoft 365 Apps and Edge allowed. */
function withApps({ definition, ...group }: StoredGroup): StoredGroup {
  const updateTypes = { ...definition.updateTypes, microsoft365Apps: true, edge: true };
  return { ...group, definition: { ...definition, updateTypes } };
}
