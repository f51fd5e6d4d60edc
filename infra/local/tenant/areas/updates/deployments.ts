import { badRequest, Service } from "../../graph/errors.js";
import { needs } from "../../graph/permissions.js";
import { accepted, created, type GraphRequest, type GraphResponse, type Route } from "../../graph/types.js";
import { readBody } from "../../odata/body.js";
import { answerItem, answerList } from "../../odata/listing.js";
import type { World } from "../../world.js";
import { defined, known, visible } from "../rows.js";
import { type AudienceRow, newAudience } from "./audiences.js";
import { findContent } from "./content.js";
import { offer, withdraw } from "./deployment-offers.js";
import {
  type DeploymentRow,
  type DeploymentSettings,
  deploymentJson,
  deploymentPatch,
  deploymentSchema,
  withPause,
} from "./deployment-rows.js";

const service = Service.updates;
const PATH = "/admin/windows/updates/deployments";

/** Deployments of one update to an audience (graph.md §1.5). */
export function deploymentRoutes(world: World): Route[] {
  const deployments = world.store.table<DeploymentRow>("deployments");
  for (const row of deployments.all()) offer(world, row);
  const base = { service, needs: needs.windowsUpdates, only: "beta" } as const;
  const context = "admin/windows/updates/deployments";
  const project = (row: DeploymentRow) => deploymentJson(world, row);
  const expand = {
    audience: ({ audienceId }: DeploymentRow) => ({ audience: { id: audienceId, applicableContent: [] } }),
  };
  const shape = { project, context, expand };

  const create = (request: GraphRequest): GraphResponse => {
    const { content, audience, settings } = readBody(deploymentSchema, request.body);
    checkContent(world, content.catalogEntry.id, settings ?? {});
    const audienceId = audience?.id ?? newAudience(world).id;
    const target = world.store.table<AudienceRow>("audiences").get(audienceId);
    if (target === undefined) throw badRequest(`Audience '${audienceId}' does not exist.`);
    return created(project(newDeployment(world, content.catalogEntry.id, target.id, settings ?? {})));
  };
  const patch = (request: GraphRequest): GraphResponse => {
    const row = known(deployments, service, request.params.id);
    const { state, settings } = readBody(deploymentPatch, request.body);
    if (row.requestedValue === "archived") throw badRequest("An archived deployment cannot be changed.");
    const merged = { ...row.settings, ...defined(settings ?? {}) };
    checkContent(world, row.catalogEntryId, merged);
    const requestedValue = state?.requestedValue ?? row.requestedValue;
    const changed = { ...row, settings: merged, requestedValue, modifiedAt: world.clock.now() };
    saveDeployment(world, changed);
    return accepted(project(changed));
  };
  const remove = (request: GraphRequest): GraphResponse => {
    const { id } = known(deployments, service, request.params.id);
    deployments.delete(id);
    withdraw(world, id);
    return accepted();
  };
  return [
    {
      ...base,
      method: "GET",
      path: PATH,
      handle: (request) => answerList(request, { ...shape, rows: deployments.visibleAll() }),
    },
    { ...base, method: "POST", path: PATH, handle: create },
    {
      ...base,
      method: "GET",
      path: `${PATH}/{id}`,
      handle: (request) => answerItem(request, visible(deployments, service, request.params.id), shape),
    },
    { ...base, method: "PATCH", path: `${PATH}/{id}`, handle: patch },
    { ...base, method: "DELETE", path: `${PATH}/{id}`, answersAccepted: true, handle: remove },
  ];
}

/** Makes a deployment and puts it in force. */
export function newDeployment(
  world: World,
  catalogEntryId: string,
  audienceId: string,
  settings: DeploymentSettings,
  approvalId?: string,
): DeploymentRow {
  const now = world.clock.now();
  const row: DeploymentRow = {
    id: world.newId("deployment"),
    catalogEntryId,
    audienceId,
    settings,
    requestedValue: "none",
    ...(approvalId === undefined ? {} : { approvalId }),
    createdAt: now,
    modifiedAt: now,
  };
  saveDeployment(world, row);
  return row;
}

/** Keeps a deployment that has changed, and has devices offered what it brings now. */
export function saveDeployment(world: World, changed: DeploymentRow): void {
  const deployments = world.store.table<DeploymentRow>("deployments");
  const row = withPause(world, changed, deployments.get(changed.id));
  deployments.set(row);
  offer(world, row);
}

function checkContent(world: World, id: string, settings: DeploymentSettings): void {
  const content = findContent(world, id);
  if (content === undefined) throw badRequest(`Catalog entry '${id}' does not exist.`);
  if (settings.expedite?.isExpedited === true && !content.isExpeditable) {
    throw badRequest("The catalog entry cannot be expedited.");
  }
}
