import { z } from "zod";
import type { CatalogueEntry } from "../../catalogue/entry.js";
import { entryJson } from "../../catalogue/json.js";
import { badRequest } from "../../graph/errors.js";
import type { Json, Route } from "../../graph/types.js";
import { readBody } from "../../odata/body.js";
import type { World } from "../../world.js";
import { defined } from "../rows.js";
import { assignedTo } from "./assignments.js";
import { PolicyArea } from "./policy-area.js";
import { newProfile, type ProfileRow, profileJson, profilePatch, profileSchema } from "./update-profile.js";

const settings = z.object({
  /** Date of the release, not an id. */
  qualityUpdateRelease: z.iso.datetime({ offset: true }),
  daysUntilForcedReboot: z.int().min(0).max(2),
});
const newExpedite = profileSchema.extend({ expeditedUpdateSettings: settings });
const expeditePatch = profilePatch.extend({ expeditedUpdateSettings: settings.optional() });

interface ExpediteRow extends ProfileRow {
  readonly expeditedUpdateSettings: z.infer<typeof settings>;
  readonly entryId: string;
}

/** Expedite profiles of Intune: one release, installed at once (graph.md §2.1). */
export function expediteProfileRoutes(world: World): Route[] {
  return new PolicyArea<ExpediteRow>(world, {
    collection: "windowsQualityUpdateProfiles",
    table: world.store.table<ExpediteRow>("expediteProfiles"),
    only: "beta",
    assignmentType: "#microsoft.graph.windowsQualityUpdateProfileAssignment",
    project: (row) => expediteJson(world, row),
    create: ({ body }) => {
      const given = readBody(newExpedite, body);
      const entryId = expeditable(world, given.expeditedUpdateSettings.qualityUpdateRelease).id;
      return { ...newProfile(world, "expediteProfile"), ...given, entryId };
    },
    change: (before, { body }) => {
      const row = { ...before, ...defined(readBody(expeditePatch, body)), modifiedAt: world.clock.now() };
      return { ...row, entryId: expeditable(world, row.expeditedUpdateSettings.qualityUpdateRelease).id };
    },
    apply: (row) =>
      world.windowsUpdate.setExpedite({
        ...assignedTo(row.id, row.targets),
        entryId: row.entryId,
        daysUntilForcedReboot: row.expeditedUpdateSettings.daysUntilForcedReboot,
      }),
    forget: (id) => world.windowsUpdate.deleteExpedite(id),
  }).routes();
}

/** The newest expeditable update published on that date. Throws 400 when there is none. */
function expeditable(world: World, release: string): CatalogueEntry {
  const date = release.slice(0, 10);
  const found = world.catalogue
    .published(world.clock.now())
    .findLast((entry) => entry.isExpeditable && entry.date === date);
  if (found === undefined) throw badRequest(`No update that can be expedited was released on ${date}.`);
  return found;
}

function expediteJson(world: World, row: ExpediteRow): Json {
  const entry = world.catalogue.get(row.entryId);
  return {
    "@odata.type": "#microsoft.graph.windowsQualityUpdateProfile",
    ...profileJson(row),
    releaseDateDisplayName: entry === undefined ? null : entryJson(entry).shortName,
    deployableContentDisplayName: entry === undefined ? null : entryJson(entry).displayName,
    expeditedUpdateSettings: {
      "@odata.type": "microsoft.graph.expeditedWindowsQualityUpdateSettings",
      ...row.expeditedUpdateSettings,
    },
  };
}
