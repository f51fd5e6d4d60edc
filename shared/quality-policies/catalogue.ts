import { addDays, utcDate } from "../calendar/days.js";
import { publishedAt } from "../calendar/publication.js";
import { AppError } from "../errors.js";
import { listQualityUpdates } from "../graph/catalogue.js";
import type { Graph } from "../graph/graph.js";
import type { QualityUpdate } from "../updates/quality-update.js";

/** Updates that are older are no releases of a policy any more: every newer one contains them. */
const LOOK_BACK_DAYS = 180;

/** Quality updates that policies decide about: what was published in the last 180 days, newest first. @param now ms */
export async function publishedUpdates(graph: Graph, now: number): Promise<QualityUpdate[]> {
  const updates = await listQualityUpdates(graph, { since: utcDate(addDays(now, -LOOK_BACK_DAYS)) });
  return updates
    .filter((update) => publishedAt(update) <= now && update.revisions.length > 0)
    .sort((a, b) => publishedAt(b) - publishedAt(a) || (a.catalogEntryId < b.catalogEntryId ? -1 : 1));
}

/**
 * The update of a decision.
 * @param named its id in the catalogue, or its short name: `2026.05 B`
 * @throws AppError `rule_violated` for one that the catalogue does not have
 */
export function updateNamed(updates: readonly QualityUpdate[], named: string): QualityUpdate {
  const found = updates.find(({ catalogEntryId, shortName }) => catalogEntryId === named || shortName === named);
  if (found !== undefined) return found;
  const message = `update: the catalogue has no quality update ${named} of the last ${LOOK_BACK_DAYS} days. Nothing was changed. GET /api/v1/quality-policies/releases lists those it has.`;
  const details = { rule: "publishedUpdate", limit: LOOK_BACK_DAYS };
  throw new AppError("rule_violated", message, { field: "update", details });
}
