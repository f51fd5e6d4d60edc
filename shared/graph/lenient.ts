import { z } from "zod";

/** A date-time; absent ones come as null or as the first day of the year 1 (graph.md §1.0). */
export const dateTime = z
  .string()
  .nullish()
  .transform((text) => (text === null || text === undefined || text.startsWith("0001-01-01") ? null : text));

/** A boolean that documentation samples sometimes show as text (graph.md §1.1). */
export const bool = z
  .union([z.boolean(), z.string().transform((text) => text.toLowerCase() === "true")])
  .nullish()
  .transform((value) => value ?? false);

export const text = z
  .string()
  .nullish()
  .transform((value) => value ?? null);

/** An id, lower-cased because services differ in its case; null for an absent one or the zero GUID (graph.md §0.3). */
export const guid = z
  .string()
  .nullish()
  .transform((value) => {
    const id = value?.toLowerCase() ?? "";
    return id === "" || id === "00000000-0000-0000-0000-000000000000" ? null : id;
  });

/** Ids of an expanded relation, lower-cased; none when Graph leaves it out. */
export const objectIds = z
  .array(z.object({ id: z.string() }))
  .nullish()
  .transform((objects) => (objects ?? []).map(({ id }) => id.toLowerCase()));

/** Lower-cases the first letter of every key, so that `osBuild.BuildNumber` and `osBuild.buildNumber` read the same. */
export function camelKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelKeys);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [lowerFirst(key), camelKeys(inner)]));
}

export function lowerFirst(word: string): string {
  return word.charAt(0).toLowerCase() + word.slice(1);
}

/** Graph's answer to a create: only the id is trusted, the rest may be hollow and is read again. */
export const created = z.object({ id: z.string().min(1) });

/** What every policy, profile and ring is told apart by. */
export const named = { id: z.string().min(1), displayName: text, description: text, createdDateTime: dateTime };
