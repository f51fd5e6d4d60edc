import { z } from "zod";
import type { Actor } from "../../shared/access/roles.js";
import { audit } from "../../shared/audit/audit.js";
import { clock } from "../../shared/clock.js";
import { AppError } from "../../shared/errors.js";
import { wall } from "../../shared/wall.js";
import { STATUS } from "./problem.js";
import { TokenBuckets } from "./token-buckets.js";

/** Refusals that are noted of one caller, and of all: a flood of them must not fill the log. */
const ofOne = new TokenBuckets({ perMinute: 1, burst: 60 });
const ofAll = new TokenBuckets({ perMinute: 5, burst: 300 });
/** Those since the last entry that were not noted; the next one says how many. */
let leftOut = 0;

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
  const who = actor ?? personIn(error) ?? UNKNOWN;
  const now = wall.monotonic();
  if (ofOne.take(who.id, now) > 0 || ofAll.take("", now) > 0) {
    leftOut++;
    return;
  }
  const at = clock.now();
  const refused = { operation: operation.name, path: path.slice(0, 300), status, code: error.code };
  const evidence = leftOut === 0 ? refused : { ...refused, leftOut };
  leftOut = 0;
  const key = crypto.randomUUID();
  await audit({ at, actor: who, action: "api.refuse", target: `operation/${operation.name}`, evidence, key }).catch(
    log,
  );
}

const personSchema = z.object({ person: z.object({ id: z.string(), name: z.string() }) });

/** Who is known, but has no role and so is no actor (caller.ts). */
function personIn({ details }: AppError): z.infer<typeof personSchema>["person"] | undefined {
  return personSchema.safeParse(details).data?.person;
}
