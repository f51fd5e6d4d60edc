import { z } from "zod";
import { AppError } from "../../../shared/errors.js";
import { filterSchema } from "./filter.js";

const name = z
  .string()
  .min(1)
  .max(260)
  .regex(/^[A-Za-z0-9]([A-Za-z0-9._/-]*[A-Za-z0-9])?$/, "letters, digits, dots, dashes, underscores and slashes only");

const delivery = {
  /** How long a received message (or session) stays locked, wall time, seconds. The service's default is 60. */
  lockDurationSeconds: z.number().min(0.05).max(300).default(60),
  /** Failed deliveries after which a message is dead-lettered. */
  maxDeliveryCount: z.int().min(1).max(2000).default(10),
  /** Time to live of messages that bring none, domain time, seconds; absent = they never expire. */
  defaultTtlSeconds: z.number().positive().optional(),
  /** Expired messages go to the dead-letter queue instead of vanishing. */
  deadLetterOnExpiration: z.boolean().default(false),
  /** Only session receivers may receive, and every message must name its session. */
  requiresSession: z.boolean().default(false),
};

const intake = {
  /** Window in which a message id that was seen before is dropped, domain time, minutes; absent = no detection. */
  duplicateDetectionMinutes: z.number().positive().max(10_080).optional(),
  /** Largest message or batch, bytes as encoded. The standard tier allows 256 KiB. */
  maxMessageBytes: z.int().min(1024).default(262_144),
  /** Storage quota of the entity, bytes; sending to a full entity fails with QuotaExceeded. */
  maxSizeBytes: z.int().positive().default(1_073_741_824),
};

const subscriptionSchema = z.strictObject({
  name,
  /** Filters by rule name; a message is taken when any of them matches. Without rules everything is. */
  rules: z.record(z.string(), filterSchema).optional(),
  ...delivery,
});
const queueSchema = z.strictObject({ queue: name, ...delivery, ...intake });
const topicSchema = z.strictObject({ topic: name, subscriptions: z.array(subscriptionSchema).default([]), ...intake });
const entitiesSchema = z.array(z.union([queueSchema, topicSchema]));

/** What a caller writes: `{ queue: "signals" }` or `{ topic: "events", subscriptions: [{ name: "audit" }] }`. */
export type EntityConfig = z.input<typeof queueSchema> | z.input<typeof topicSchema>;
export type QueueSettings = z.output<typeof queueSchema>;
export type TopicSettings = z.output<typeof topicSchema>;
export type SubscriptionSettings = z.output<typeof subscriptionSchema>;
export type DeliverySettings = Omit<SubscriptionSettings, "name" | "rules">;

/** Validates entity configuration and fills in defaults. Throws `invalid_input` naming the field that is wrong. */
export function parseEntities(entities: readonly EntityConfig[]): (QueueSettings | TopicSettings)[] {
  const schemas = entities.map((entity) => ("topic" in entity ? topicSchema : queueSchema));
  const parsed = schemas.map((schema, index) => {
    const result = schema.safeParse(entities[index]);
    if (result.success) return result.data;
    const issue = result.error.issues[0];
    throw invalid(`entities[${index}].${issue?.path.join(".") ?? ""}`, issue?.message ?? "not an entity");
  });
  refuseTwins(parsed);
  return entitiesSchema.parse(parsed);
}

function refuseTwins(entities: readonly (QueueSettings | TopicSettings)[]): void {
  const seen = new Set<string>();
  for (const entity of entities) {
    const key = ("queue" in entity ? entity.queue : entity.topic).toLowerCase();
    if (seen.has(key)) throw invalid(key, "two entities have this name");
    seen.add(key);
  }
}

function invalid(field: string, why: string): AppError {
  return new AppError("invalid_input", `Broker configuration ${field} is wrong: ${why}. Correct it and restart.`, {
    field,
  });
}
