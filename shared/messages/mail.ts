import type { Graph } from "../graph/graph.js";
import type { Contact } from "../tenant/contacts.js";
import { type Message, MessageEvent, type MessageUpdate } from "./message.js";

/** Languages in which messages are written. */
const LANGUAGE = /^en\b/i;

/**
 * Sends an update of a message to a contact (graph.md has no idempotency for it: once is all one may try).
 * @param sender mailbox of the tenant, an address or an object id; permission Mail.Send
 */
export async function sendMail(graph: Graph, sender: string, contact: Contact, mail: ReturnType<typeof mailOf>) {
  const address = { address: contact.email, name: contact.name };
  const message = {
    subject: mail.subject,
    body: { contentType: "HTML", content: mail.html },
    toRecipients: [{ emailAddress: address }],
  };
  const path = `/users/${encodeURIComponent(sender)}/sendMail`;
  await graph.post(path, { message, saveToSentItems: true }, { version: "v1.0" });
}

/** The mail about an update; it says so when it is not in the contact's language. */
export function mailOf(
  message: Message,
  update: MessageUpdate,
  { name, language }: Pick<Contact, "name" | "language">,
) {
  const paragraphs = [
    `Dear ${name},`,
    ...update.text.split("\n"),
    `Ringmaster · ${message.id} · ${new Date(update.at).toISOString()}`,
    ...(LANGUAGE.test(language) ? [] : [`This message is written in English only; your language is ${language}.`]),
  ];
  return {
    subject: `${message.title}: ${wordsOf(update.event)}`,
    html: paragraphs.map((text) => `<p>${escapeHtml(text)}</p>`).join("\n"),
  };
}

/** `scheduleChanged` is read as "schedule changed"; what is new of an incident is an update of it. */
function wordsOf(event: MessageUpdate["event"]): string {
  if (event === MessageEvent.updated) return "update";
  return event.replace(/[A-Z]/g, (capital) => ` ${capital.toLowerCase()}`);
}

/** Names and justifications are people's own words. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;");
}
