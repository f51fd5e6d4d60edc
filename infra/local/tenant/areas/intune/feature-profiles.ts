import { z } from "zod";
import { badRequest } from "../../graph/errors.js";
import type { Json, Route } from "../../graph/types.js";
import { readBody } from "../../odata/body.js";
import type { Queue, Rollout } from "../../windows-update/rollout.js";
import { windowsVersion } from "../../windows-update/windows-versions.js";
import type { World } from "../../world.js";
import { defined } from "../rows.js";
import { assignedTo } from "./assignments.js";
import { PolicyArea } from "./policy-area.js";
import { newProfile, type ProfileRow, profileJson, profilePatch, profileSchema } from "./update-profile.js";

const date = z.iso.datetime({ offset: true }).nullable().default(null);

/** Nothing = at once, a start = on one date, all three = gradually (graph.md §2.3). */
const rollout = z
  .object({
    offerStartDateTimeInUTC: date,
    offerEndDateTimeInUTC: date,
    offerIntervalInDays: z.int().min(1).max(30).nullable().default(null),
  })
  .refine(isRollout, { error: "give no dates, a start alone, or start, end after it, and interval" });
const newFeature = profileSchema.extend({
  featureUpdateVersion: z.string(),
  installFeatureUpdatesOptional: z.boolean().default(false),
  installLatestWindows10OnWindows11IneligibleDevice: z.boolean().default(false),
  rolloutSettings: rollout.nullable().default(null),
});
const featurePatch = profilePatch.extend({
  featureUpdateVersion: z.string().optional(),
  installFeatureUpdatesOptional: z.boolean().optional(),
  installLatestWindows10OnWindows11IneligibleDevice: z.boolean().optional(),
  rolloutSettings: rollout.nullable().optional(),
});

type FeatureRow = ProfileRow & z.infer<typeof newFeature>;

/** Feature update profiles: the Windows version that devices are held at or brought to (graph.md §2.3). */
export function featureProfileRoutes(world: World): Route[] {
  return new PolicyArea<FeatureRow>(world, {
    collection: "windowsFeatureUpdateProfiles",
    table: world.store.table<FeatureRow>("featureProfiles"),
    only: "beta",
    assignmentType: "#microsoft.graph.windowsFeatureUpdateProfileAssignment",
    project: featureJson,
    create: ({ body }) => checked({ ...newProfile(world, "featureProfile"), ...readBody(newFeature, body) }),
    change: (row, { body }) =>
      checked({ ...row, ...defined(readBody(featurePatch, body)), modifiedAt: world.clock.now() }),
    apply: (row) => offer(world, row),
    forget: (id) => world.windowsUpdate.deleteFeature(id),
  }).routes();
}

/** Has devices offered the version, unless their users may choose: nobody is there to do so. */
function offer({ windowsUpdate }: World, row: FeatureRow): void {
  const target = windowsVersion(row.featureUpdateVersion);
  if (target === undefined || row.installFeatureUpdatesOptional) {
    windowsUpdate.deleteFeature(row.id);
    return;
  }
  const fallsBack = row.installLatestWindows10OnWindows11IneligibleDevice;
  const assigned = assignedTo(row.id, row.targets);
  windowsUpdate.setFeature({ ...assigned, target, fallsBack, rollout: rolloutOf(row, windowsUpdate.lotsOf(assigned)) });
}

function rolloutOf({ rolloutSettings }: FeatureRow, lots: Queue): Rollout {
  const {
    offerStartDateTimeInUTC: start,
    offerEndDateTimeInUTC: end,
    offerIntervalInDays: interval,
  } = rolloutSettings ?? {};
  if (start == null) return {};
  if (end == null || interval == null) return { start: Date.parse(start) };
  return { start: Date.parse(start), gradual: { end: Date.parse(end), intervalDays: interval, lots } };
}

function checked(row: FeatureRow): FeatureRow {
  if (windowsVersion(row.featureUpdateVersion) !== undefined) return row;
  throw badRequest(`featureUpdateVersion '${row.featureUpdateVersion}' is no version of the catalogue.`);
}

function featureJson(row: FeatureRow): Json {
  return {
    "@odata.type": "#microsoft.graph.windowsFeatureUpdateProfile",
    ...profileJson(row),
    featureUpdateVersion: row.featureUpdateVersion,
    installFeatureUpdatesOptional: row.installFeatureUpdatesOptional,
    installLatestWindows10OnWindows11IneligibleDevice: row.installLatestWindows10OnWindows11IneligibleDevice,
    rolloutSettings: row.rolloutSettings,
    deployableContentDisplayName: row.featureUpdateVersion,
    endOfSupportDate: windowsVersion(row.featureUpdateVersion)?.endOfSupport ?? null,
  };
}

function isRollout(given: {
  readonly offerStartDateTimeInUTC: string | null;
  readonly offerEndDateTimeInUTC: string | null;
  readonly offerIntervalInDays: number | null;
}): boolean {
  const { offerStartDateTimeInUTC: start, offerEndDateTimeInUTC: end, offerIntervalInDays: interval } = given;
  if (end === null && interval === null) return true;
  return start !== null && end !== null && interval !== null && Date.parse(end) > Date.parse(start);
}
