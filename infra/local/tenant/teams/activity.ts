import { z } from "zod";
import { badSyntax } from "./fault.js";

export const CARD_TYPE = "application/vnd.microsoft.card.adaptive";
/** `refresh.userIds` of a card (graph.md §4.6). */
const MAX_REFRESHING_PEOPLE = 60;

const cardSchema = z.looseObject({
  type: z.literal("AdaptiveCard"),
  refresh: z
    .looseObject({
      action: z.looseObject({ type: z.literal("Action.Execute"), verb: z.string().optional() }).optional(),
      userIds: z.array(z.string()).max(MAX_REFRESHING_PEOPLE).optional(),
    })
    .optional(),
});
export type Card = z.infer<typeof cardSchema>;

const attachmentSchema = z.looseObject({ contentType: z.string(), content: z.unknown().optional() });
const activitySchema = z.looseObject({
  type: z.string(),
  text: z.string().optional(),
  summary: z.string().optional(),
  attachments: z.array(attachmentSchema).optional(),
});
export type Activity = z.infer<typeof activitySchema>;

/**
 * Reads what a bot sends: a message with text or adaptive cards. Throws 400 for anything else; the service names no
 * member either.
 */
export function readMessage(value: unknown): Activity {
  const parsed = activitySchema.safeParse(value);
  if (!parsed.success || parsed.data.type !== "message") throw badSyntax("The activity is no message.");
  const { text = "", attachments = [] } = parsed.data;
  if (text === "" && attachments.length === 0) throw badSyntax("The message has neither text nor attachments.");
  for (const { contentType, content } of attachments) {
    if (contentType === CARD_TYPE && !cardSchema.safeParse(content).success) throw badSyntax("The card is malformed.");
  }
  return parsed.data;
}

/** Whether something is a card that Teams would show. */
export function isCard(value: unknown): value is Card {
  return cardSchema.safeParse(value).success;
}

/** The first adaptive card of a message: the one that its invokes are about. */
export function cardOf({ attachments = [] }: Activity): Card | undefined {
  const content = attachments.find(({ contentType }) => contentType === CARD_TYPE)?.content;
  return isCard(content) ? content : undefined;
}
