import { z } from "zod";
import { DAY_MS } from "../calendar/days.js";
import { type Graph, INTUNE } from "./graph.js";
import { bool, dateTime, named } from "./lenient.js";
import { type NamedRing, objectDescription, objectName, tagOf } from "./names.js";
import { segment } from "./odata.js";
import { intuneArea } from "./policies/intune-area.js";
import { type DesiredPolicy, PolicyKind } from "./policies/types.js";
import { notYet } from "./settle.js";
import { RING_TYPE, ringProperties, type UpdateRingSettings } from "./update-ring-settings.js";

const CONFIGURATIONS = `${INTUNE}/deviceConfigurations`;
const PURPOSE = "update ring";

const ringSchema = z.looseObject({
  ...named,
  qualityUpdatesPaused: bool,
  featureUpdatesPaused: bool,
  featureUpdatesPauseExpiryDateTime: dateTime,
  qualityUpdatesWillBeRolledBack: bool,
  qualityUpdatesRollbackStartDateTime: dateTime,
  featureUpdatesWillBeRolledBack: bool,
});
/** An Intune update ring as it is in the tenant; further properties under their Graph names (graph.md §2.5). */
export type UpdateRing = z.infer<typeof ringSchema>;

/** The update ring of a deployment ring as it should be (autopatch.md §5.2–5.3). */
export function desiredUpdateRing(
  ring: NamedRing,
  settings: UpdateRingSettings,
  scopeTagIds: readonly string[] = ["0"],
): DesiredPolicy {
  return {
    kind: PolicyKind.updateRing,
    tag: tagOf(ring, PURPOSE),
    name: objectName(ring, PURPOSE),
    description: objectDescription(ring, PURPOSE, `Update settings of deployment ring ${ring.ringName}.`),
    values: ringProperties(settings),
    entraGroupId: ring.entraGroupId,
    scopeTagIds,
  };
}

/** Update rings are one of several kinds of device configurations. */
export const updateRingArea = intuneArea({
  kinds: [PolicyKind.updateRing],
  path: "deviceConfigurations",
  type: RING_TYPE,
  filter: `isof('${RING_TYPE.slice(1)}')`,
  assignmentType: "#microsoft.graph.deviceConfigurationAssignment",
});

export function readUpdateRing(graph: Graph, policyId: string): Promise<UpdateRing> {
  return graph.get(ringPath(policyId), { schema: ringSchema });
}

/** Pauses quality updates of the whole ring for 35 days, or ends the pause. */
export async function setQualityPause(graph: Graph, policyId: string, paused: boolean): Promise<void> {
  if ((await readUpdateRing(graph, policyId)).qualityUpdatesPaused === paused) return;
  await change(graph, policyId, { qualityUpdatesPaused: paused });
  const seen = await readUpdateRing(graph, policyId);
  if (seen.qualityUpdatesPaused !== paused) throw notYet(`The pause of update ring ${policyId}`);
}

/** Starts or ends the uninstallation of the latest update of a type on the ring's devices (graph.md §7 L4, autopatch.md §5.6). */
export async function setRollBack(
  graph: Graph,
  policyId: string,
  type: "quality" | "feature",
  rolledBack: boolean,
): Promise<void> {
  const property = `${type}UpdatesWillBeRolledBack` as const;
  if ((await readUpdateRing(graph, policyId))[property] === rolledBack) return;
  await change(graph, policyId, { [property]: rolledBack });
  const seen = await readUpdateRing(graph, policyId);
  if (seen[property] !== rolledBack) throw notYet(`The rollback of update ring ${policyId}`);
}

/** A feature pause that ends earlier than that is extended. */
const EXTEND_WITHIN_MS = 30 * DAY_MS;

/**
 * Pauses feature updates of the whole ring, or ends the pause. A pause ends by itself after 35 days, so that one that
 * lasts has to be asked for again from time to time: then it is extended (autopatch.md §6.5, graph.md §2.5).
 * @param now ms
 */
export async function setFeaturePause(graph: Graph, policyId: string, paused: boolean, now: number): Promise<void> {
  const before = await readUpdateRing(graph, policyId);
  if (before.featureUpdatesPaused !== paused) {
    await change(graph, policyId, { featureUpdatesPaused: paused });
    const seen = await readUpdateRing(graph, policyId);
    if (seen.featureUpdatesPaused !== paused) throw notYet(`The pause of feature updates of update ring ${policyId}`);
    return;
  }
  const ends = before.featureUpdatesPauseExpiryDateTime;
  if (!paused || ends === null || Date.parse(ends) - now > EXTEND_WITHIN_MS) return;
  await graph.post(`${ringPath(policyId)}/extendFeatureUpdatesPause`, {});
}

/** A PATCH has to name the type, and carries one intent only (graph.md §2.5). */
async function change(graph: Graph, policyId: string, properties: Readonly<Record<string, unknown>>): Promise<void> {
  await graph.patch(ringPath(policyId), { "@odata.type": RING_TYPE, ...properties });
}

function ringPath(policyId: string): string {
  return `${CONFIGURATIONS}/${segment(policyId)}`;
}
