import { z } from "zod";
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
import type { World } from "../../world.js";
import { defined, known, visible } from "../rows.js";
import { assignmentsJson, readTargets } from "./assignments.js";
import { assignedRing, changed, current, PAUSE_MS, type UpdateRingRow, updateRingJson } from "./update-ring.js";
import { UPDATE_RING_DEFAULTS, UPDATE_RING_TYPE, updateRingSchema } from "./update-ring-schema.js";

const service = Service.intune;
const PATH = "/deviceManagement/deviceConfigurations";
const CAST = "microsoft.graph.windowsUpdateForBusinessConfiguration";
const ASSIGNMENT = "#microsoft.graph.deviceConfigurationAssignment";
const typed = z.object({ "@odata.type": z.literal(UPDATE_RING_TYPE) });

/** Update rings: the only kind of device configuration there is here (graph.md §2.5). */
export function deviceConfigurationRoutes(world: World): Route[] {
  const rings = world.store.table<UpdateRingRow>("updateRings");
  for (const row of rings.all()) world.windowsUpdate.setRing(assignedRing(row));
  const now = () => world.clock.now();
  const save = (row: UpdateRingRow) => {
    rings.set(row);
    world.windowsUpdate.setRing(assignedRing(row));
  };
  const ringOf = (request: GraphRequest) => known(rings, service, request.params.id);
  const assignments = (row: UpdateRingRow) => assignmentsJson(row.id, ASSIGNMENT, row.targets);
  const shape = {
    project: (row: UpdateRingRow) => updateRingJson(row, now()),
    context: "deviceManagement/deviceConfigurations",
    expand: { assignments: (row: UpdateRingRow) => ({ assignments: assignments(row) }) },
  };
  const collection = (request: GraphRequest, value: readonly Json[]) =>
    ok({ "@odata.context": `${request.root}/$metadata#${shape.context}('${request.params.id}')/assignments`, value });

  const create = (request: GraphRequest): GraphResponse => {
    readBody(typed, request.body);
    const settings = {
      ...UPDATE_RING_DEFAULTS,
      ...readBody(updateRingSchema.partial().required({ displayName: true }), request.body),
    };
    const row = changed(emptyRow(world.newId("updateRing"), settings.displayName, now()), defined(settings), now());
    save(row);
    return created({
      "@odata.context": `${request.root}/$metadata#${shape.context}/$entity`,
      ...updateRingJson(row, now()),
    });
  };
  const patch = (request: GraphRequest): GraphResponse => {
    readBody(typed, request.body);
    const changes = defined(readBody(updateRingSchema.partial(), request.body));
    const row = changed(current(ringOf(request), now()), changes, now());
    save(row);
    return ok({
      "@odata.context": `${request.root}/$metadata#${shape.context}/$entity`,
      ...updateRingJson(row, now()),
    });
  };
  const assign = (request: GraphRequest): GraphResponse => {
    const row = { ...ringOf(request), targets: readTargets(world, request.body) };
    save(row);
    return collection(request, assignments(row));
  };
  const remove = (request: GraphRequest): GraphResponse => {
    const { id } = ringOf(request);
    rings.delete(id);
    world.windowsUpdate.deleteRing(id);
    return noContent();
  };
  const extend =
    (kind: "quality" | "feature") =>
    (request: GraphRequest): GraphResponse => {
      const row = current(ringOf(request), now());
      if (!row.settings[`${kind}UpdatesPaused`])
        throw badRequest("The pause cannot be extended: updates are not paused.");
      save({ ...row, [`${kind}PauseEndsAt`]: now() + PAUSE_MS, version: row.version + 1, modifiedAt: now() });
      return noContent();
    };

  const read = { service, needs: needs.readConfiguration, method: "GET" } as const;
  const write = { service, needs: needs.writeConfiguration } as const;
  const actions = [`${PATH}/{id}`, `${PATH}/{id}/${CAST}`].flatMap((path): Route[] => [
    { ...write, method: "POST", path: `${path}/extendQualityUpdatesPause`, handle: extend("quality") },
    { ...write, method: "POST", path: `${path}/extendFeatureUpdatesPause`, handle: extend("feature") },
  ]);
  return [
    { ...read, path: PATH, handle: (request) => answerList(request, { ...shape, rows: rings.visibleAll() }) },
    { ...write, method: "POST", path: PATH, handle: create },
    {
      ...read,
      path: `${PATH}/{id}`,
      handle: (request) => answerItem(request, visible(rings, service, request.params.id), shape),
    },
    { ...write, method: "PATCH", path: `${PATH}/{id}`, handle: patch },
    { ...write, method: "DELETE", path: `${PATH}/{id}`, handle: remove },
    {
      ...read,
      path: `${PATH}/{id}/assignments`,
      handle: (request) => collection(request, assignments(ringOf(request))),
    },
    { ...write, method: "POST", path: `${PATH}/{id}/assign`, handle: assign },
    ...actions,
  ];
}

function emptyRow(id: string, displayName: string, now: number): UpdateRingRow {
  return {
    id,
    settings: { ...UPDATE_RING_DEFAULTS, displayName },
    version: 0,
    createdAt: now,
    modifiedAt: now,
    qualityPausedAt: null,
    featurePausedAt: null,
    qualityPauseEndsAt: null,
    featurePauseEndsAt: null,
    qualityRollbackAt: null,
    featureRollbackAt: null,
    targets: [],
  };
}
