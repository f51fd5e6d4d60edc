import { AppError } from "../errors.js";
import type { Actor } from "./roles.js";

/** Whether the actor may see and edit something with these scope tags: one tag in common is enough (autopatch.md §4.8). */
export function inScope({ scopeTagIds }: Pick<Actor, "scopeTagIds">, tagIds: readonly string[]): boolean {
  return scopeTagIds === "all" || tagIds.some((tag) => scopeTagIds.includes(tag));
}

/**
 * Throws `forbidden`, naming `field`, when a scoped actor gives or takes tags other than his own.
 * @param before the tags that were there: they may stay
 */
export function refuseForeignTags(
  actor: Pick<Actor, "name" | "scopeTagIds">,
  tagIds: readonly string[],
  field: string,
  before: readonly string[] = [],
): void {
  const { name, scopeTagIds } = actor;
  if (scopeTagIds === "all") return;
  const changed = [...tagIds.filter((tag) => !before.includes(tag)), ...before.filter((tag) => !tagIds.includes(tag))];
  const foreign = changed.filter((tag) => !scopeTagIds.includes(tag));
  if (foreign.length === 0) return;
  throw new AppError(
    "forbidden",
    `${name} works within the scope tags ${scopeTagIds.join(", ")} and may not give or take ${foreign.join(", ")}. Use your own tags, or ask an administrator for these.`,
    { field, details: { rule: "own scope tags only", limit: [...scopeTagIds] } },
  );
}
