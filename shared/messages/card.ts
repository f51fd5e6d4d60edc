import type { Message, MessageUpdate } from "./message.js";

/** Longest text of a card; Teams takes 28 KB in all (graph.md §4.4). */
const MOST_CHARACTERS = 4_000;

/** A notice for Teams about an update of a message: an adaptive card 1.4 without buttons. */
export function cardOf(message: Message, update: MessageUpdate) {
  const text = update.text.length > MOST_CHARACTERS ? `${update.text.slice(0, MOST_CHARACTERS)}…` : update.text;
  return {
    type: "AdaptiveCard",
    version: "1.4",
    body: [
      { type: "TextBlock", size: "Medium", weight: "Bolder", wrap: true, text: plain(message.title) },
      ...text.split("\n").map((line) => ({ type: "TextBlock", wrap: true, spacing: "Small", text: plain(line) })),
      { type: "TextBlock", isSubtle: true, size: "Small", wrap: true, text: new Date(update.at).toISOString() },
    ],
  };
}

/** Cards read Markdown; people's words are none. */
function plain(text: string): string {
  return text.replace(/[\\`*_[\]()#~>]/g, "\\$&");
}
