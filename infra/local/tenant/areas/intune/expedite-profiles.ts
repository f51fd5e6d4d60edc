import { z } from "zod";
import type { CatalogueEntry } from "../../catalogue/entry.js";
import { entryJson } from "../../catalogue/json.js";
import { badRequest, Service } from "../../graph/errors.js";
import { needs } from "../../graph/permissions.js";
import {
  created,
  type GraphRequest,
  type GraphResponse,
  type Json,
  noContent,
  ok,
  type Route,
} from "../../graph/types.js";
import { readBody } from "../../odata/body.js";
import { answerItem, answerList } from "../../odata/listing.js";
import { dateText, type World } from "../../world.js";
import { defined, known, visible } from "../rows.js";
import { assignedTo, assignmentsJson, readTargets, type Target } from "./assignments.js";

const service = Service.intune;
const PATH = "/deviceManagement/windowsQualityUpdateProfiles";
const TYPE = "#microsoft.graph.windowsQualityUpdateProfile";
const ASSIGNMENT = "#microsoft.graph.windowsQualityUpdateProfileAssignment";

const settings = z.object({
  /** Date of the release, not an id. */
  qualityUpdateRelease: z.iso.datetime({ offset: true }),
  daysUntilForcedReboot: z.int().min(0).max(2),
});
const newProfile = z.object({
  displayName: z.string().min(1).max(200),
  description: z.string().max(1500).nullable().default(null),
  roleScopeTagIds: z.array(z.string()).default(["0"]),
  expeditedUpdateSettings: settings,
});
const profilePatch = z.object({
  displayName: z.string().min(1).max(200).optional(),
  description: z.string().max(1500).nullable().optional(),
  expeditedUpdateSettings: settings.optional(),
});

interface ProfileRow extends z.infer<typeof newProfile> {
  readonly id: string;
  readonly entryId: string;
  readonly createdAt: number;
  readonly modifiedAt: number;
  readonly targets: readonly Target[];
}

/** Expedite profiles of Intune: one release, installed at once (graph.md §2.1). */
export function expediteProfileRoutes(world: World): Route[] {
  const profiles = world.store.table<ProfileRow>("expediteProfiles");
  const apply = (row: ProfileRow) =>
    world.windowsUpdate.setExpedite({
      ...assignedTo(row.id, row.targets),
      entryId: row.entryId,
      daysUntilForcedReboot: row.expeditedUpdateSettings.daysUntilForcedReboot,
    });
  for (const row of profiles.all()) apply(row);
  const save = (row: ProfileRow) => {
    profiles.set(row);
    apply(row);
  };
  const now = () => world.clock.now();
  const assignments = (row: ProfileRow) => assignmentsJson(row.id, ASSIGNMENT, row.targets);
  const context = "deviceManagement/windowsQualityUpdateProfiles";
  const expand = { assignments: (row: ProfileRow) => ({ assignments: assignments(row) }) };
  const shape = { project: (row: ProfileRow) => profileJson(world, row), context, expand };
  const entity = (request: GraphRequest, row: ProfileRow) => ({
    "@odata.context": `${request.root}/$metadata#${context}/$entity`,
    ...profileJson(world, row),
  });
  const profileOf = (request: GraphRequest) => known(profiles, service, request.params.id);

  const create = (request: GraphRequest): GraphResponse => {
    const body = readBody(newProfile, request.body);
    const entryId = expeditable(world, body.expeditedUpdateSettings.qualityUpdateRelease).id;
    const row = {
      id: world.newId("expediteProfile"),
      ...body,
      entryId,
      createdAt: now(),
      modifiedAt: now(),
      targets: [],
    };
    save(row);
    return created(entity(request, row));
  };
  const patch = (request: GraphRequest): GraphResponse => {
    const row = { ...profileOf(request), ...defined(readBody(profilePatch, request.body)), modifiedAt: now() };
    const changed = { ...row, entryId: expeditable(world, row.expeditedUpdateSettings.qualityUpdateRelease).id };
    save(changed);
    return ok(entity(request, changed));
  };
  const remove = (request: GraphRequest): GraphResponse => {
    const { id } = profileOf(request);
    profiles.delete(id);
    world.windowsUpdate.deleteExpedite(id);
    return noContent();
  };
  const assign = (request: GraphRequest): GraphResponse => {
    save({ ...profileOf(request), targets: readTargets(world, request.body), modifiedAt: now() });
    return noContent();
  };

  const read = { service, needs: needs.readConfiguration, only: "beta", method: "GET" } as const;
  const write = { service, needs: needs.writeConfiguration, only: "beta" } as const;
  return [
    { ...read, path: PATH, handle: (request) => answerList(request, { ...shape, rows: profiles.visibleAll() }) },
    { ...write, method: "POST", path: PATH, handle: create },
    {
      ...read,
      path: `${PATH}/{id}`,
      handle: (request) => answerItem(request, visible(profiles, service, request.params.id), shape),
    },
    { ...write, method: "PATCH", path: `${PATH}/{id}`, handle: patch },
    { ...write, method: "DELETE", path: `${PATH}/{id}`, handle: remove },
    {
      ...read,
      path: `${PATH}/{id}/assignments`,
      handle: (request) =>
        answerList(request, {
          rows: assignments(profileOf(request)),
          project: (each) => each,
          context: `${context}/assignments`,
        }),
    },
    { ...write, method: "POST", path: `${PATH}/{id}/assign`, handle: assign },
  ];
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

function profileJson(world: World, row: ProfileRow): Json {
  const entry = world.catalogue.get(row.entryId);
  return {
    "@odata.type": TYPE,
    id: row.id,
    displayName: row.displayName,
    description: row.description,
    roleScopeTagIds: row.roleScopeTagIds,
    createdDateTime: dateText(row.createdAt),
    lastModifiedDateTime: dateText(row.modifiedAt),
    releaseDateDisplayName: entry === undefined ? null : entryJson(entry).shortName,
    deployableContentDisplayName: entry === undefined ? null : entryJson(entry).displayName,
    expeditedUpdateSettings: {
      "@odata.type": "microsoft.graph.expeditedWindowsQualityUpdateSettings",
      ...row.expeditedUpdateSettings,
    },
  };
}
