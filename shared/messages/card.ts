import { type AdaptiveCard, clipped, line, literal } from "../cards/elements.js";
import { config } from "../config.js";
import type { Message, MessageUpdate } from "./message.js";

/** Longest text of a card; Teams takes 28 KB in all (graph.md §4.4). */
const MOST_CHARACTERS = 4_000;

/** A notice for Teams about an update of a message: no buttons but a link to the console. */
export function cardOf(
  { title }: Pick<Message, "title">,
  { text, at }: Pick<MessageUpdate, "text" | "at">,
): AdaptiveCard {
  const { CONSOLE_URL: url } = config();
  return {
    $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
    type: "AdaptiveCard",
    version: "1.4",
    fallbackText: clipped(`${title}: ${text}`, 1_000),
    body: [
      line(literal(title), { weight: "bolder", size: "medium" }),
      ...clipped(text, MOST_CHARACTERS)
        .split("\n")
        .map((part) => line(literal(part), { spacing: "small" })),
      line(new Date(at).toISOString(), { isSubtle: true, size: "small" }),
    ],
    ...(url === undefined ? {} : { actions: [{ type: "Action.OpenUrl", title: "Open the console", url }] }),
  };
}
