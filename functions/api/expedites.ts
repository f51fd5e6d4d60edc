import { z } from "zod";
import { inScope } from "../../shared/access/scope.js";
import { clock } from "../../shared/clock.js";
import { AppError } from "../../shared/errors.js";
import {
  candidateView,
  expediteCandidates,
  recentUpdates,
  resolveCandidate,
} from "../../shared/expedites/candidates.js";
import { cancelExpedite } from "../../shared/expedites/decide.js";
import { expediteDevices } from "../../shared/expedites/devices.js";
import { type Expedite, ExpediteStatus, isOver } from "../../shared/expedites/expedite.js";
import { countProgress, ExpediteState } from "../../shared/expedites/progress.js";
import { expediteBody, refuseUnknownGroups, requestExpedite } from "../../shared/expedites/request.js";
import { listExpedites, readExpedite } from "../../shared/expedites/store.js";
import {
  candidateSchema,
  expediteDetailSchema,
  expediteDeviceSchema,
  expediteSchema,
  expediteView,
} from "../../shared/expedites/view.js";
import type { CatalogueUpdate } from "../../shared/graph/catalogue.js";
import { graphClient } from "../../shared/graph/client.js";
import { GroupStatus, listGroups } from "../../shared/groups/store.js";
import { groupsPausing, policiesPausing } from "../../shared/quality-policies/paused.js";
import { rouseExpedite } from "../../workflows/activities/expedite.js";
import { refuseOtherVersion, versioned } from "./etag.js";
import { listOf, newestFirst, paged, pageOf } from "./paging.js";
import { type Call, json, param, route } from "./route.js";
import { refuseForeignGroups, whollyWithinScope } from "./scope.js";

export const expeditesCandidates = route({
  name: "expeditesCandidates",
  method: "GET",
  path: "expedites/candidates",
  role: "Reader",
  act: "list updates that may be expedited",
  answer: {
    about: "Updates that may be expedited, newest first",
    schema: listOf(candidateSchema.extend({ pausedIn: z.array(z.string()) })),
  },
  run: async () => {
    const candidates = expediteCandidates(await recentUpdates(graphClient(), clock.now()));
    const value = candidates.map(async (update) => {
      return { ...candidateView(update), pausedIn: (await policiesPausing(update)).map(({ name }) => name) };
    });
    return json({ value: await Promise.all(value) });
  },
});

const listQuery = z.strictObject({ status: z.enum(ExpediteStatus).optional() });

export const expeditesList = route({
  name: "expeditesList",
  method: "GET",
  path: "expedites",
  role: "Reader",
  act: "list expedites",
  query: listQuery,
  page: true,
  answer: { about: "Expedites, the newest request first.", schema: pageOf(expediteSchema) },
  run: async (call) => {
    const { status } = call.asked;
    const visible = await whollyWithinScope(call.actor, await listExpedites());
    const wanted = visible.filter((each) => status === undefined || each.status === status).map(expediteView);
    return json(paged(call, wanted, ({ requestedAt, id }) => `${newestFirst(requestedAt)} ${id}`));
  },
});

export const expeditesGet = route({
  name: "expeditesGet",
  method: "GET",
  path: "expedites/{expediteId}",
  role: "Reader",
  act: "read an expedite",
  answer: { about: "The expedite, with its devices by state", schema: expediteDetailSchema, etag: true },
  run: async (call) => {
    const expedite = await readExpedite(param(call, "expediteId"));
    const devices = countProgress(await expediteDevices(expedite));
    return versioned(json({ ...expediteView(expedite), devices }), versionOf(expedite));
  },
});

const deviceQuery = z.strictObject({ state: z.enum(ExpediteState).optional() });

export const expeditesDevices = route({
  name: "expeditesDevices",
  method: "GET",
  path: "expedites/{expediteId}/devices",
  role: "Reader",
  act: "list the devices of an expedite",
  query: deviceQuery,
  page: true,
  answer: { about: "Devices with their states.", schema: pageOf(expediteDeviceSchema) },
  run: async (call) => {
    const { state } = call.asked;
    const devices = await expediteDevices(await readExpedite(param(call, "expediteId")));
    const wanted = devices.filter((device) => state === undefined || device.state === state);
    return json(paged(call, wanted, ({ deviceId }) => deviceId));
  },
});

export const expeditesPost = route({
  name: "expeditesPost",
  method: "POST",
  path: "expedites",
  role: "Operator",
  act: "expedite an update",
  body: expediteBody,
  answer: { status: 202, about: "The expedite, to be approved as EXPEDITE_APPROVAL says", schema: expediteSchema },
  run: async (call) => {
    const { actor, body } = call;
    const groups = body.groups ?? (await groupsOf(call));
    await refuseForeignGroups(actor, groups);
    await refuseUnknownGroups(groups);
    // Says at once what may be expedited; the expedite looks it up again.
    const update = resolveCandidate(await recentUpdates(graphClient(), clock.now()), body);
    if (body.despitePause !== true) await refusePaused(update, groups);
    const { stored } = await requestExpedite({
      ...{
        id: `api-${call.newId()}`,
        source: "api",
        actor,
        at: clock.now(),
        body: { ...body, groups },
        groupIds: groups,
      },
    });
    return accepted(call, stored);
  },
});

export const expeditesCancel = route({
  name: "expeditesCancel",
  method: "POST",
  path: "expedites/{expediteId}/cancel",
  role: "Operator",
  act: "cancel an expedite",
  body: z.strictObject({ justification: z.string().trim().min(1).max(1000).optional() }),
  ifMatch: true,
  answer: { status: 202, about: "The expedite, which is being taken back", schema: expediteSchema },
  run: async (call) => {
    const { id, name } = call.actor;
    const expedite = await readExpedite(param(call, "expediteId"));
    refuseOtherVersion(call, versionOf(expedite));
    if (isOver(expedite)) {
      throw new AppError("conflict", `Expedite ${expedite.id} is ${expedite.status}; there is nothing to cancel.`);
    }
    const decision = { by: { id, name }, at: clock.now(), justification: call.body.justification ?? null };
    return accepted(call, await cancelExpedite(expedite.id, decision));
  },
});

/** Its devices move by themselves. */
function versionOf({ status, approved, cancelled }: Expedite): unknown {
  return { status, approved, cancelled };
}

/** The record is written: a wake that is lost is made up for within the hour. */
async function accepted(call: Call<unknown>, expedite: Expedite) {
  await rouseExpedite(call.client, expedite.id).catch((error: unknown) => call.context.warn(error));
  const answer = json(expediteView(expedite), 202);
  return { ...answer, headers: { ...answer.headers, location: `/api/v1/expedites/${expedite.id}` } };
}

/** Throws `rule_violated` where quality update policies have paused the update in every group that is asked for. */
async function refusePaused(update: CatalogueUpdate, groups: readonly string[]): Promise<void> {
  const paused = await groupsPausing(graphClient(), update, clock.now());
  if (groups.length === 0 || !groups.every((id) => paused.has(id))) return;
  const policies = [...new Set(groups.flatMap((id) => paused.get(id) ?? []))];
  const message = `groups: ${update.shortName} is paused in ${policies.map((name) => `"${name}"`).join(", ")}, so it is expedited in none of the groups. Nothing was changed. Resume it there, or send despitePause.`;
  throw new AppError("rule_violated", message, { field: "groups", details: { rule: "pausedInPolicy", policies } });
}

/** Every active group that the caller may see. */
async function groupsOf({ actor }: Call<unknown>): Promise<string[]> {
  const groups = await listGroups();
  const visible = groups.filter(({ definition }) => inScope(actor, definition.scopeTagIds));
  return visible.filter(({ status }) => status === GroupStatus.active).map(({ id }) => id);
}
