import { SERVICE } from "../access/roles.js";
import { audit } from "../audit/audit.js";
import { DAY_MS, dateParts } from "../calendar/days.js";
import { shortName } from "../calendar/names.js";
import { pacificTime } from "../calendar/pacific.js";
import { fourthTuesday, nextPatchTuesday, patchTuesday, secondTuesday } from "../calendar/patch-tuesday.js";
import { GroupStatus, listGroups } from "../groups/store.js";
import { ledger } from "../ledger/index.js";
import { planRings } from "../releases/plan.js";
import { listQualityReleases } from "../releases/store.js";
import { percentOf } from "../slo/percent.js";
import { isServed, tenantState } from "../tenant/state.js";
import type { PlannedEvidence, SummaryEvidence } from "./news.js";
import { finishOccasion, occasionOf } from "./occasions.js";
import { datesOf, MOST_NAMED } from "./schedule-text.js";

/** The plan is due 7 days before the second Tuesday (autopatch.md §11); two more for days on which nothing runs. */
const PLANNED_DAYS_BEFORE = 9;
/** A summary that could not be made on the fourth Tuesday is made up to so many days later. */
const SUMMARY_DAYS = 5;

/** The daily look: announces the month's update in time, and sums it up on the fourth Tuesday. May run again. */
export async function lookAtCalendar(now: number): Promise<string[]> {
  if (!isServed(await tenantState())) return [];
  const told: string[] = [];
  const next = nextPatchTuesday(now);
  if (next - now <= (PLANNED_DAYS_BEFORE + 1) * DAY_MS) {
    const update = monthlyUpdate(pacificTime(next).date);
    const evidence = () => plannedEvidence(update, next);
    if (await tellOnce("release.planned", update, evidence, now)) told.push(`planned ${update.shortName}`);
  }
  const { year, month } = dateParts(pacificTime(now).date);
  const summaryDay = fourthTuesday(year, month);
  const days = (Date.parse(pacificTime(now).date) - Date.parse(summaryDay)) / DAY_MS;
  if (days >= 0 && days <= SUMMARY_DAYS) {
    const update = monthlyUpdate(secondTuesday(year, month));
    const evidence = () => summaryEvidence(update, patchTuesday(year, month));
    if (await tellOnce("release.summary", update, evidence, now)) told.push(`summary ${update.shortName}`);
  }
  return told;
}

type Update = PlannedEvidence["update"];

/** The month's security update, as the catalogue will call it. */
function monthlyUpdate(releaseDate: string): Update {
  const name = shortName(releaseDate, "B");
  return { shortName: name, releaseDate, cadence: "monthly", classification: "security" };
}

/** Tells it in the audit log, from which messages and webhooks follow. An occasion without evidence is not told yet. */
async function tellOnce(
  action: "release.planned" | "release.summary",
  update: Update,
  evidenceOf: () => Promise<PlannedEvidence | SummaryEvidence | undefined>,
  now: number,
): Promise<boolean> {
  const name = `${action} ${update.shortName}`;
  const occasion = await occasionOf(name, now);
  if (occasion.done) return false;
  const evidence = await evidenceOf();
  if (evidence === undefined) return false;
  const target = `update/${update.shortName}`;
  await audit({ at: occasion.at, actor: SERVICE, action, target, key: update.shortName, evidence });
  await finishOccasion(name, occasion);
  return true;
}

async function plannedEvidence(update: Update, publishedAt: number): Promise<PlannedEvidence> {
  const groups = (await listGroups()).filter(({ status }) => status === GroupStatus.active);
  const named = groups.slice(0, MOST_NAMED).map(({ definition }) => {
    const plans = planRings({ kind: "B", publishedAt, rings: definition.rings });
    return datesOf(definition.name, plans);
  });
  return { update, groups: groups.length, named };
}

/** Devices that have the update, of those in rings; undefined where no group had it. */
async function summaryEvidence(update: Update, publishedAt: number): Promise<SummaryEvidence | undefined> {
  const releases = (await listQualityReleases()).filter(
    (release) => release.publishedAt === publishedAt && release.update.shortName === update.shortName,
  );
  const books = await ledger();
  const shares = [];
  for (const { id, groupName } of releases) {
    const rings = Object.values((await books.summary(id)).rings);
    shares.push({ group: groupName, ...shareOf(rings.map(({ size, upToDate }) => ({ devices: size, upToDate }))) });
  }
  if (shares.length === 0) return undefined;
  return { update, ...shareOf(shares), groups: shares.length, named: shares.slice(0, MOST_NAMED) };
}

function shareOf(parts: readonly { devices: number; upToDate: number }[]) {
  const devices = parts.reduce((sum, part) => sum + part.devices, 0);
  const upToDate = parts.reduce((sum, part) => sum + part.upToDate, 0);
  return { devices, upToDate, percent: percentOf(upToDate, devices) };
}
