import { config } from "../config.js";
import type { Follower } from "../feed/feed.js";
import { type Contact, listContacts, releaseMailRecipients } from "../tenant/contacts.js";
import { isServed, tenantState } from "../tenant/state.js";
import { Channel, type Dispatch, dispatchTo } from "./dispatch.js";
import { sendAll } from "./dispatches.js";
import { isReleaseMail, type MessageHead } from "./message.js";
import { newsOf } from "./news.js";
import { publish } from "./store.js";

/** Makes messages of what the audit log says, and has people written to (autopatch.md §11). */
export const messagesFollower: Follower = {
  name: "messages",
  async take(change, now) {
    const news = await newsOf(change, now);
    // After a tenant has left, nobody is written to and nothing is kept.
    if (news === undefined || !isServed(await tenantState())) return;
    const { head, update } = news;
    const { updates } = await publish(head, update);
    const first = updates.find(({ key }) => key === update.key);
    // The same thing told again by another entry is told already, and was sent then.
    if (first?.notify !== true || first.at !== update.at) return;
    await sendAll(await dispatchesFor(head, update.key, now));
  },
};

/** To every contact concerned, if there is a mailbox to write from, and to Teams, if there is a workflow. */
async function dispatchesFor(head: MessageHead, updateKey: string, now: number): Promise<Dispatch[]> {
  const to = { messageId: head.id, updateKey };
  const { MAIL_SENDER, TEAMS_WORKFLOW_URL } = config();
  const contacts = MAIL_SENDER === undefined ? [] : await recipientsOf(head);
  const mails = contacts.map(({ id }) => dispatchTo({ ...to, channel: Channel.mail, contactId: id }, now));
  if (TEAMS_WORKFLOW_URL === undefined) return mails;
  return [...mails, dispatchTo({ ...to, channel: Channel.teams, contactId: null }, now)];
}

/** News of releases only to those who want it; what somebody has to know, to whoever is responsible (§4.5). */
async function recipientsOf({ kind, areas }: MessageHead): Promise<readonly Contact[]> {
  if (isReleaseMail(kind)) return releaseMailRecipients();
  return (await listContacts()).filter((contact) => contact.areas.some((area) => areas.includes(area)));
}
