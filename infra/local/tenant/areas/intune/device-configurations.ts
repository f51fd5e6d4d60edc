import { z } from "zod";
import { badRequest } from "../../graph/errors.js";
import { type GraphRequest, type GraphResponse, noContent, type Route } from "../../graph/types.js";
import { readBody } from "../../odata/body.js";
import type { World } from "../../world.js";
import { defined } from "../rows.js";
import { PolicyArea } from "./policy-area.js";
import { assignedRing, changed, current, PAUSE_MS, type UpdateRingRow, updateRingJson } from "./update-ring.js";
import { UPDATE_RING_DEFAULTS, UPDATE_RING_TYPE, updateRingSchema } from "./update-ring-schema.js";

const CAST = "microsoft.graph.windowsUpdateForBusinessConfiguration";
const typed = z.object({ "@odata.type": z.literal(UPDATE_RING_TYPE) });
const newRing = updateRingSchema.partial().required({ displayName: true });
const ringPatch = updateRingSchema.partial();

/** Update rings: the only kind of device configuration there is here (graph.md §2.5). */
export function deviceConfigurationRoutes(world: World): Route[] {
  const now = () => world.clock.now();
  const area = new PolicyArea<UpdateRingRow>(world, {
    collection: "deviceConfigurations",
    table: world.store.table<UpdateRingRow>("updateRings"),
    assignmentType: "#microsoft.graph.deviceConfigurationAssignment",
    assignAnswers: "assignments",
    project: (row) => updateRingJson(row, now()),
    create: ({ body }) => {
      readBody(typed, body);
      const settings = { ...UPDATE_RING_DEFAULTS, ...readBody(newRing, body) };
      return changed(emptyRow(world.newId("updateRing"), settings.displayName, now()), defined(settings), now());
    },
    change: (row, { body }) => {
      readBody(typed, body);
      return changed(current(row, now()), defined(readBody(ringPatch, body)), now());
    },
    apply: (row) => world.windowsUpdate.setRing(assignedRing(row)),
    forget: (id) => world.windowsUpdate.deleteRing(id),
  });
  const extend =
    (kind: "quality" | "feature") =>
    (request: GraphRequest): GraphResponse => {
      const row = current(area.of(request), now());
      if (!row.settings[`${kind}UpdatesPaused`])
        throw badRequest("The pause cannot be extended: updates are not paused.");
      area.save({ ...row, [`${kind}PauseEndsAt`]: now() + PAUSE_MS, version: row.version + 1, modifiedAt: now() });
      return noContent();
    };
  const actions = [`${area.path}/{id}`, `${area.path}/{id}/${CAST}`].flatMap((path) => [
    area.write("POST", `${path}/extendQualityUpdatesPause`, extend("quality")),
    area.write("POST", `${path}/extendFeatureUpdatesPause`, extend("feature")),
  ]);
  return [...area.routes(), ...actions];
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
