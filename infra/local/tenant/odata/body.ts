import { z } from "zod";
import { badRequest } from "../graph/errors.js";

/** Reads a request body by schema; unknown members are dropped without a word, as Graph does. Throws 400. */
export function readBody<T>(schema: z.core.$ZodType<T>, body: unknown, code = "BadRequest"): T {
  const parsed = z.safeParse(schema, body ?? {});
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const name = issue?.path.join(".") || "body";
  throw badRequest(`Parameter '${name}' in payload has a value that does not match schema: ${issue?.message}`, code);
}
