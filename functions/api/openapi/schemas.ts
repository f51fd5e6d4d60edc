import { z } from "zod";
import type { Json } from "./json.js";

/**
 * JSON schemas of zod schemas. Those with an id (`meta({ id })`) are written once, as components; what a caller may send
 * and what the API sends differ, where there are defaults, so only what is sent has components.
 */
export class Schemas {
  readonly #components = new Map<string, Json>();

  /** @param io whether a caller writes it (`input`) or the API does */
  of(schema: z.core.$ZodType, io: "input" | "output"): Json {
    const made = z.toJSONSchema(schema, { io, unrepresentable: "any", reused: "inline", target: "draft-2020-12" });
    const { $defs = {}, ...own } = made;
    if (io === "input") return clean(inlined(own, $defs)) as Json;
    for (const [id, definition] of Object.entries($defs)) this.#components.set(id, clean(definition) as Json);
    const { id } = z.globalRegistry.get(schema) ?? {};
    if (id === undefined || "$ref" in own) return clean(own) as Json;
    this.#components.set(id, clean(own) as Json);
    return { $ref: `#/components/schemas/${id}` };
  }

  /** All components by id. */
  components(): Json {
    return Object.fromEntries([...this.#components].sort(([a], [b]) => (a < b ? -1 : 1)));
  }
}

/** References into `$defs` point to the components; `$schema` and `id` are the document's own business. */
function clean(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(clean);
  if (typeof value !== "object" || value === null) return value;
  const { $schema: _schema, ...rest } = value as Record<string, unknown>;
  const entries = Object.entries(rest).filter(([name, item]) => !(name === "id" && typeof item === "string"));
  return Object.fromEntries(
    entries.map(([name, item]) =>
      name === "$ref" && typeof item === "string"
        ? [name, item.replace("#/$defs/", "#/components/schemas/")]
        : [name, clean(item)],
    ),
  );
}

/** The schema without references: those that it has are put in their places. */
function inlined(value: unknown, definitions: Readonly<Record<string, unknown>>): unknown {
  if (Array.isArray(value)) return value.map((item) => inlined(item, definitions));
  if (typeof value !== "object" || value === null) return value;
  const { $ref, ...rest } = value as Record<string, unknown>;
  const known = typeof $ref === "string" ? definitions[$ref.replace("#/$defs/", "")] : undefined;
  const own = Object.fromEntries(Object.entries(rest).map(([name, item]) => [name, inlined(item, definitions)]));
  return known === undefined ? own : { ...(inlined(known, definitions) as Json), ...own };
}
