import { z } from "zod";
import { GraphFault, Service } from "../../graph/errors.js";
import { needs } from "../../graph/permissions.js";
import {
  accepted,
  created,
  type GraphRequest,
  type GraphResponse,
  type Json,
  noContent,
  type Route,
} from "../../graph/types.js";
import { readBody } from "../../odata/body.js";
import { answerItem, answerList } from "../../odata/listing.js";
import type { World } from "../../world.js";
import { known, visible } from "../rows.js";
import { assetJson, registered } from "./assets.js";
import { expanded, tellAudience, tellAudiences } from "./audience-devices.js";
import type { DeploymentRow } from "./deployment-rows.js";

const service = Service.updates;
const UPDATES = "/admin/windows/updates";
const PATH = `${UPDATES}/deploymentAudiences`;

export interface AudienceRow {
  readonly id: string;
  readonly members: readonly string[];
  readonly exclusions: readonly string[];
}

const ids = z.array(z.string()).default([]);
const assets = z
  .array(z.object({ id: z.string() }))
  .default([])
  .transform((all) => all.map(({ id }) => id));
const lists = (each: z.ZodType<string[]>) =>
  z.object({ addMembers: each, removeMembers: each, addExclusions: each, removeExclusions: each });
const byAsset = lists(assets);
const byId = lists(ids).extend({ memberEntityType: z.string() });

/** Audiences: sets of devices with exclusions (graph.md §1.4). */
export function audienceRoutes(world: World): Route[] {
  const audiences = world.store.table<AudienceRow>("audiences");
  tellAudiences(world);
  const base = { service, needs: needs.windowsUpdates, only: "beta" } as const;
  const context = "admin/windows/updates/deploymentAudiences";
  const shape = { project: ({ id }: AudienceRow): Json => ({ id, applicableContent: [] }), context };
  const audienceId = (request: GraphRequest): string | undefined => {
    if (request.path.toLowerCase().startsWith(PATH.toLowerCase())) return request.params.id;
    return known(world.store.table<DeploymentRow>("deployments"), service, request.params.id).audienceId;
  };

  const create = (request: GraphRequest): GraphResponse => {
    const row = newAudience(world);
    return created({ "@odata.context": `${request.root}/$metadata#${context}/$entity`, ...shape.project(row) });
  };
  const update =
    (schema: typeof byAsset | typeof byId) =>
    (request: GraphRequest): GraphResponse => {
      const row = known(audiences, service, audienceId(request));
      const change = readBody(schema, request.body);
      const next = {
        id: row.id,
        members: merged(row.members, change.addMembers, change.removeMembers),
        exclusions: merged(row.exclusions, change.addExclusions, change.removeExclusions),
      };
      for (const id of [...change.addMembers, ...change.addExclusions]) registered(world, id);
      audiences.set(next);
      tellAudience(world, next);
      return accepted();
    };
  const list =
    (which: "members" | "exclusions") =>
    (request: GraphRequest): GraphResponse => {
      const rows = expanded(world, visible(audiences, service, audienceId(request))[which]);
      return answerList(request, { rows, project: (row) => assetJson(world, row), context: `${context}/${which}` });
    };
  const remove = (request: GraphRequest): GraphResponse => {
    const row = known(audiences, service, request.params.id);
    const used = world.store
      .table<DeploymentRow>("deployments")
      .all()
      .some(({ audienceId }) => audienceId === row.id);
    if (used)
      throw new GraphFault(
        409,
        "Conflict",
        "The audience is being used by deployments. Delete deployments before proceeding.",
      );
    audiences.delete(row.id);
    tellAudience(world, { id: row.id, members: [], exclusions: [] });
    return noContent();
  };

  const nested = [`${PATH}/{id}`, `${UPDATES}/deployments/{id}/audience`].flatMap((path): Route[] => [
    { ...base, method: "POST", path: `${path}/updateAudience`, answersAccepted: true, handle: update(byAsset) },
    { ...base, method: "POST", path: `${path}/updateAudienceById`, answersAccepted: true, handle: update(byId) },
    { ...base, method: "GET", path: `${path}/members`, handle: list("members") },
    { ...base, method: "GET", path: `${path}/exclusions`, handle: list("exclusions") },
  ]);
  return [
    {
      ...base,
      method: "GET",
      path: PATH,
      handle: (request) => answerList(request, { ...shape, rows: audiences.visibleAll() }),
    },
    { ...base, method: "POST", path: PATH, handle: create },
    {
      ...base,
      method: "GET",
      path: `${PATH}/{id}`,
      handle: (request) => answerItem(request, visible(audiences, service, request.params.id), shape),
    },
    { ...base, method: "DELETE", path: `${PATH}/{id}`, handle: remove },
    ...nested,
  ];
}

/** An empty audience. */
export function newAudience(world: World): AudienceRow {
  const row = { id: world.newId("audience"), members: [], exclusions: [] };
  world.store.table<AudienceRow>("audiences").set(row);
  return row;
}

function merged(before: readonly string[], added: readonly string[], removed: readonly string[]): string[] {
  const set = new Set([...before, ...added.map((id) => id.toLowerCase())]);
  for (const id of removed) set.delete(id.toLowerCase());
  return [...set];
}
