import { AppError } from "../errors.js";
import type { Actor } from "./roles.js";

/** Whether the actor may see and edit something with these scope tags: one tag in common is enough (autopatch.md §4.8). */
export function inScope({ scopeTagIds }: Pick<Actor, "scopeTagIds">, tagIds: readonly string[]): boolean {
  return scopeTagIds === "all" || tagIds.some((tag) => scopeTagIds.includes(tag));
}

/** Throws `forbidden`, naming `field`, when a scoped actor gives something tags other than his own. */
export function refuseForeignTags(
  actor: Pick<Actor, "name" | "scopeTagIds">,
  tagIds: readonly string[],
  field: string,
): void {
  const { name, scopeTagIds } = actor;
  if (scopeTagIds === "all") return;
  const foreign = tagIds.filter((tag) => !scopeTagIds.includes(tag));
  if (foreign.length === 0) return;
  throw new AppError(
    "forbidden",
    `${name} works within the scope tags ${scopeTagIds.join(", ")} and may not give ${foreign.join(", ")}. Use your own tags, or ask an administrator for these.`,
    { field, details: { rule: "own scope tags only", limit: [...scopeTagIds] } },
  );
}
