import type { LoggedCommand } from "../releases/commands.js";
import type { Release } from "../releases/store.js";
import { type Expedite, ExpediteStatus } from "./expedite.js";

/** Key of the order that expedites a release: the same whenever it is given again. */
export const orderKey = (expediteId: string): string => `expedite ${expediteId}`;

/** Whether a release that was told to be expedited has nothing more to do with it. */
function isThrough({ state, expedite, handled }: Release, expediteId: string): boolean {
  if (state.phase === "ended") return true;
  if (!handled.includes(orderKey(expediteId))) return false;
  // Refused, ended, or in the hands of another expedite.
  return expedite?.id !== expediteId || expedite.endedAt !== null;
}

/** What a look at its releases makes of a running expedite; undefined: nothing. @param at ms */
export function afterLook(
  { id }: Pick<Expedite, "id">,
  releases: readonly Release[],
  at: number,
): Partial<Expedite> | undefined {
  if (!releases.every((release) => isThrough(release, id))) return undefined;
  return { status: ExpediteStatus.completed, problem: null, endedAt: at };
}

/**
 * The orders that take a cancelled expedite back from the releases that were told of it. Given at one instant with the
 * order itself they are obeyed after it, by their keys.
 * @param at ms
 */
export function ordersToEnd({ id, cancelled }: Expedite, releaseIds: readonly string[], at: number) {
  if (cancelled === null) return [];
  const { by, justification } = cancelled;
  const why = justification === null ? {} : { justification };
  const command = { kind: "endExpedite", at, by: by.name, expediteId: id, ...why } as const;
  const logged: LoggedCommand = { key: `${orderKey(id)} end`, actor: by, command };
  return releaseIds.map((releaseId) => ({ releaseId, logged }));
}
