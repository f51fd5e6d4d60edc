import { z } from "zod";
import { clock } from "../../clock.js";
import { AppError } from "../../errors.js";
import { STORAGE_BACKOFF, withBackoff } from "../../store/backoff.js";
import { type Documents, documents } from "../../store/documents.js";
import { table } from "../../store/tables.js";
import { newSecret, seal, unseal } from "./secrets.js";

/** Most webhooks of a tenant: every event is written once for each that takes it. */
const MOST_WEBHOOKS = 25;
/** How long the former secret stays valid after a rotation, ms of domain time. */
const OVERLAP_MS = 24 * 3_600_000;

const filter = z
  .string()
  .max(100)
  .regex(
    /^(?:\*|(?:ringmaster\.)?[A-Za-z]+(?:\.[A-Za-z]+)*(?:\.\*)?)$/,
    "write a type such as release.paused, release.* or *",
  );

/** A webhook as an administrator writes it. */
export const webhookForm = z.strictObject({
  url: z.string().min(1).max(2048),
  /** Types of events that are sent; `release.*` takes all of a kind. */
  events: z.array(filter).min(1).max(50),
  enabled: z.boolean().default(true),
  description: z.string().trim().max(200).default(""),
});
export type WebhookForm = z.infer<typeof webhookForm>;

const webhookSchema = webhookForm.extend({
  id: z.string(),
  /** ms, as are the other instants; events of before are not sent. */
  createdAt: z.number(),
  createdBy: z.object({ id: z.string(), name: z.string() }),
  /** Sealed (secrets.ts); the newest first. A former one is valid until its end. */
  secrets: z.array(z.object({ sealed: z.string(), until: z.number().nullable() })),
  /** Why the service switched it off; null while it did not. */
  disabledBecause: z.string().nullable(),
});
export type Webhook = z.infer<typeof webhookSchema>;

const PARTITION = "webhook";

export async function listWebhooks(): Promise<Webhook[]> {
  const found: Webhook[] = [];
  for await (const { body } of (await store()).all(PARTITION)) found.push(body);
  return found.sort((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));
}

export async function findWebhook(id: string): Promise<Webhook | undefined> {
  return (await (await store()).get(PARTITION, id))?.body;
}

/** Throws `not_found`. */
export async function readWebhook(id: string): Promise<Webhook> {
  const found = await findWebhook(id);
  if (found !== undefined) return found;
  throw new AppError("not_found", `There is no webhook ${id}. GET /api/v1/webhooks lists them.`, {
    field: "webhookId",
  });
}

/**
 * A new webhook and its secret, which is told this once; the same id twice is one webhook, with one secret. Throws
 * `rule_violated` when there are too many.
 */
export async function addWebhook(
  id: string,
  form: WebhookForm,
  createdBy: Webhook["createdBy"],
): Promise<{ webhook: Webhook; secret: string }> {
  const webhooks = await listWebhooks();
  const made = webhooks.find((webhook) => webhook.id === id);
  const [present] = made?.secrets ?? [];
  if (made !== undefined && present !== undefined) return { webhook: made, secret: unseal(present.sealed, id) };
  if (webhooks.length >= MOST_WEBHOOKS) {
    throw new AppError("rule_violated", `A tenant has at most ${MOST_WEBHOOKS} webhooks. Delete one first.`, {
      details: { rule: "webhooks", limit: MOST_WEBHOOKS },
    });
  }
  const secret = newSecret();
  const secrets = [{ sealed: seal(secret, id), until: null }];
  const { id: by, name } = createdBy;
  const webhook: Webhook = {
    ...{ ...form, id, createdAt: clock.now(), createdBy: { id: by, name }, secrets, disabledBecause: null },
  };
  await (await store()).insert(PARTITION, id, webhook);
  return { webhook, secret };
}

/** Changes a webhook; a change meanwhile by somebody else is met by changing the newer one. Throws `not_found`. */
export function changeWebhook(id: string, change: (webhook: Webhook) => Webhook): Promise<Webhook> {
  const retry = (error: AppError) => error.retryable || error.code === "conflict";
  return withBackoff({ ...STORAGE_BACKOFF, tries: 10, retry, seed: id }, async () => {
    const webhooks = await store();
    const before = await webhooks.get(PARTITION, id);
    if (before === undefined) return readWebhook(id);
    const after = change(before.body);
    if (after !== before.body) await webhooks.put(PARTITION, id, after, before.etag);
    return after;
  });
}

/**
 * A new secret beside the present one, which stays valid for a day; an older one ends. Throws `not_found`.
 * @param check sees the webhook as it is, and throws where it may not be changed
 */
export async function rotateSecret(
  id: string,
  now: number,
  check: (before: Webhook) => void = () => undefined,
): Promise<{ webhook: Webhook; secret: string }> {
  const secret = newSecret();
  const sealed = seal(secret, id);
  const webhook = await changeWebhook(id, (before) => {
    check(before);
    const former = before.secrets.slice(0, 1).map((present) => ({ ...present, until: now + OVERLAP_MS }));
    return { ...before, secrets: [{ sealed, until: null }, ...former] };
  });
  return { webhook, secret };
}

/** The secrets that sign now, the newest first. */
export function validSecrets({ id, secrets }: Webhook, now: number): string[] {
  return secrets.filter(({ until }) => until === null || until > now).map(({ sealed }) => unseal(sealed, id));
}

/** Throws `not_found`; `check` as when its secret is rotated. */
export async function removeWebhook(id: string, check: (before: Webhook) => void): Promise<void> {
  const retry = (error: AppError) => error.code === "conflict";
  await withBackoff({ ...STORAGE_BACKOFF, tries: 10, retry, seed: id }, async () => {
    const webhooks = await store();
    const before = await webhooks.get(PARTITION, id);
    check(before?.body ?? (await readWebhook(id)));
    await webhooks.delete(PARTITION, id, before?.etag);
  });
}

async function store(): Promise<Documents<Webhook>> {
  return documents(await table("Webhooks"), webhookSchema);
}
