import { z } from "zod";
import type { Json } from "../../graph/types.js";
import { dateText, type World } from "../../world.js";
import type { PolicyRow } from "./policy-area.js";

/** What the update policies of Intune have in common; limits of graph.md §2.2. */
export const profileSchema = z.object({
  displayName: z.string().min(1).max(200),
  description: z.string().max(1500).nullable().default(null),
  roleScopeTagIds: z.array(z.string()).default(["0"]),
});
export const profilePatch = z.object({
  displayName: z.string().min(1).max(200).optional(),
  description: z.string().max(1500).nullable().optional(),
  roleScopeTagIds: z.array(z.string()).optional(),
});

/** An update policy of Intune. Instants are ms of domain time. */
export interface ProfileRow extends PolicyRow, z.infer<typeof profileSchema> {
  readonly createdAt: number;
  readonly modifiedAt: number;
}

/** What a new row has beside its settings. */
export function newProfile(world: World, purpose: string): Omit<ProfileRow, keyof z.infer<typeof profileSchema>> {
  const now = world.clock.now();
  return { id: world.newId(purpose), createdAt: now, modifiedAt: now, targets: [] };
}

export function profileJson(row: ProfileRow): Json {
  return {
    id: row.id,
    displayName: row.displayName,
    description: row.description,
    roleScopeTagIds: row.roleScopeTagIds,
    createdDateTime: dateText(row.createdAt),
    lastModifiedDateTime: dateText(row.modifiedAt),
  };
}
