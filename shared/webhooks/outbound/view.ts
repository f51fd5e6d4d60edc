import { z } from "zod";
import { type Actor, Area, authorises, Role } from "../../access/roles.js";
import { type Delivery, DeliveryState } from "./delivery.js";
import type { Webhook } from "./webhook.js";

const instant = z.iso.datetime();

/** A webhook without its secrets: these are told once, when they are made. */
export const webhookViewSchema = z.object({
  id: z.string(),
  url: z
    .string()
    .describe("Its path may hold a token of the receiver's: only Administrators see more than the origin."),
  events: z.array(z.string()),
  enabled: z.boolean(),
  description: z.string(),
  createdAt: instant,
  createdBy: z.object({ id: z.string(), name: z.string() }),
  disabledBecause: z.string().nullable(),
  /** Secrets that sign; the newest has no end. */
  secrets: z.array(z.object({ until: instant.nullable() })),
});
/** The same when a secret was made. */
export const webhookWithSecretSchema = webhookViewSchema.extend({ secret: z.string() });

export const deliveryViewSchema = z.object({
  id: z.string(),
  type: z.string(),
  state: z.enum(DeliveryState),
  createdAt: instant,
  attempts: z.array(z.object({ at: instant, status: z.int().nullable(), problem: z.string().nullable() })),
  event: z.record(z.string(), z.unknown()),
});

const iso = (at: number): string => new Date(at).toISOString();

/** A webhook as the API shows it to somebody. */
export function webhookView(webhook: Webhook, reader: Pick<Actor, "rights">): z.infer<typeof webhookViewSchema> {
  const secrets = webhook.secrets.map(({ until }) => ({ until: until === null ? null : iso(until) }));
  const mayChange = authorises(reader, Role.administrator, [Area.tenant]);
  const url = mayChange ? webhook.url : `${new URL(webhook.url).origin}/…`;
  return { ...webhook, url, createdAt: iso(webhook.createdAt), secrets };
}

/** A delivery as the API shows it, with the event that was sent. */
export function deliveryView(delivery: Delivery): z.infer<typeof deliveryViewSchema> {
  const { id, type, state, createdAt, attempts, body } = delivery;
  const shown = attempts.map((attempt) => ({ ...attempt, at: iso(attempt.at) }));
  return { id, type, state, createdAt: iso(createdAt), attempts: shown, event: JSON.parse(body) };
}
