import { config } from "../config.js";
import { AppError } from "../errors.js";
import type { Expedite } from "../expedites/expedite.js";
import {
  type ExpediteBody,
  refuseUnknownGroups,
  requestExpedite,
  serviceGroups,
  webhookBody,
} from "../expedites/request.js";
import { findExpedite } from "../expedites/store.js";
import { requireActiveTenant } from "../tenant/state.js";
import { wall } from "../wall.js";
import { RefusalKind, WEBHOOK_ACTOR } from "./refusals.js";
import { takeSignature } from "./replay.js";
import { digestOf, type SignedRequest, verifySignature } from "./signature.js";

/** Largest body that is read, bytes. */
export const MAX_WEBHOOK_BYTES = 64 * 1024;

export interface InboundRequest extends SignedRequest {
  /** Header `idempotency-key`: the same request, however often it is sent. */
  readonly idempotencyKey: string | null;
  /** Domain time, ms. */
  readonly at: number;
}

/** A request that is not taken: nothing was changed. */
export class Refused extends Error {
  constructor(
    readonly kind: RefusalKind,
    readonly error: AppError,
  ) {
    super(error.message, { cause: error });
  }
}

/**
 * Takes a signed request to expedite an update. The same idempotency key with the same body is the same expedite. Throws
 * `Refused`, or an AppError when storage stays away.
 */
export async function takeExpedite(request: InboundRequest): Promise<Expedite> {
  const genuine = await refusing(RefusalKind.signature, () => verifySignature(request, secrets(), wall.now()));
  await refusing(RefusalKind.replay, () => takeSignature(genuine));
  const key = await refusing(RefusalKind.idempotencyKey, () => idempotencyKey(request.idempotencyKey));
  const parsed = await refusing(RefusalKind.json, () => json(request.body));
  const body = await refusing(RefusalKind.fields, () => fields(parsed));
  await refusing(RefusalKind.tenant, requireActiveTenant);
  const [id, bodyHash] = [`webhook-${digestOf(key).slice(0, 32)}`, digestOf(request.body)];
  const known = await findExpedite(id);
  if (known === undefined) await refusing(RefusalKind.group, () => refuseUnknownGroups(body.groups));
  const { at } = request;
  const groupIds = await serviceGroups();
  const asked = { id, source: "webhook", actor: WEBHOOK_ACTOR, at, body, groupIds, bodyHash } as const;
  // A known one too: what the first request left undone is made up for.
  const { stored } = await requestExpedite(asked);
  await refusing(RefusalKind.otherBody, () => sameBody(stored, bodyHash));
  return stored;
}

/** Refuses a body that is longer than what is read of one. */
export function tooLarge(): Refused {
  const message = `The body is larger than ${MAX_WEBHOOK_BYTES} bytes. A request to expedite needs a few hundred.`;
  return new Refused(RefusalKind.size, new AppError("too_large", message));
}

/** Refuses everything while no secret is set. */
function secrets(): string[] {
  const { EXPEDITE_WEBHOOK_SECRET: current, EXPEDITE_WEBHOOK_SECRET_PREVIOUS: previous } = config();
  if (current === undefined) {
    const message = "The expedite webhook is closed. Set EXPEDITE_WEBHOOK_SECRET to open it.";
    throw new Refused(RefusalKind.closed, new AppError("unsupported", message));
  }
  return previous === undefined ? [current] : [current, previous];
}

function idempotencyKey(given: string | null): string {
  if (/^[\x21-\x7e]{8,128}$/.test(given ?? "")) return given ?? "";
  throw new AppError(
    "invalid_input",
    "idempotency-key: send 8 to 128 printable characters without blanks, the same whenever the request is repeated.",
    { field: "idempotency-key" },
  );
}

function json(body: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(body));
  } catch {
    throw new AppError("invalid_input", "The body is not JSON in UTF-8. Send one object.");
  }
}

function fields(value: unknown): ExpediteBody {
  const parsed = webhookBody.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const unknown = issue?.code === "unrecognized_keys" ? issue.keys[0] : undefined;
  const field = [...(issue?.path ?? []), ...(unknown === undefined ? [] : [unknown])].join(".");
  const problem = unknown === undefined ? issue?.message : "the request does not know the field";
  throw new AppError("invalid_input", `${field === "" ? "The body" : field}: ${problem}.`, { field });
}

function sameBody({ id, bodyHash }: Expedite, given: string): void {
  if (bodyHash === given) return;
  const message = `The idempotency-key was used for another body, which became expedite ${id}. Choose a new key for a new request.`;
  throw new AppError("conflict", message, { field: "idempotency-key" });
}

/** Terminal errors are refusals of that kind; others go their way, and the caller may repeat the request. */
async function refusing<T>(kind: RefusalKind, check: () => T | Promise<T>): Promise<T> {
  try {
    return await check();
  } catch (error) {
    if (error instanceof AppError && !error.retryable) throw new Refused(kind, error);
    throw error;
  }
}
