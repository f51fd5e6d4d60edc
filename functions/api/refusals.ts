import { z } from "zod";
import type { Actor } from "../../shared/access/roles.js";
import { RefusalLog } from "../../shared/audit/refusals.js";
import { AppError } from "../../shared/errors.js";
import { STATUS } from "./problem.js";

const refusals = new RefusalLog({ most: 300, mostOfOne: 60 });

/** Whether calls of a method change nothing, whatever they ask for. */
export function onlyReads(method: string): boolean {
  return method === "GET" || method === "HEAD" || method === "OPTIONS";
}

/** Who sent no valid sign-in. */
const UNKNOWN = { id: "unauthenticated", name: "Somebody without a valid sign-in" };

/**
 * Notes in the audit log that somebody was refused: a change for whatever reason (4xx), and reading for want of a valid
 * sign-in or a role. Throttling and what the app itself failed at leave no entry. Never throws.
 * @param actor undefined where the caller could not be told
 */
export async function noteRefusal(
  operation: { readonly name: string; readonly method: string },
  { actor, path, error }: { readonly actor: Actor | undefined; readonly path: string; readonly error: unknown },
  log: (error: unknown) => void,
): Promise<void> {
  if (!(error instanceof AppError)) return;
  const status = STATUS[error.code];
  if (status >= 500 || status === 429) return;
  if (onlyReads(operation.method) && status !== 401 && status !== 403) return;
  const refused = {
    actor: actor ?? personIn(error) ?? UNKNOWN,
    action: "api.refuse",
    target: `operation/${operation.name}`,
    evidence: { operation: operation.name, path: path.slice(0, 300), status, code: error.code },
  };
  await refusals.note(refused).catch(log);
}

const personSchema = z.object({ person: z.object({ id: z.string(), name: z.string() }) });

/** Who is known, but has no role and so is no actor (caller.ts). */
function personIn({ details }: AppError): z.infer<typeof personSchema>["person"] | undefined {
  return personSchema.safeParse(details).data?.person;
}
