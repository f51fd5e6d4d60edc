import { z } from "zod";
import { AppError } from "../errors.js";
import { type CallName, callText } from "./failure.js";

/** One page of a collection; its items are read one by one. */
export const pageSchema = z.object({
  value: z.array(z.unknown()),
  "@odata.nextLink": z.string().min(1).optional(),
});

/** What Graph answered to the call, as the schema says. Throws `unsupported`, naming the field, when it is of another form. */
export function understood<T>(schema: z.core.$ZodType<T>, value: unknown, call: CallName): T {
  const parsed = z.safeParse(schema, value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue?.path.join(".") ?? "";
  const message = `Microsoft Graph's answer to ${callText(call)} has an unexpected form at "${field}": ${issue?.message}. The API has changed; update Ringmaster.`;
  throw new AppError("unsupported", message, { field });
}
