import type { AnswerOf } from "../../functions/api/client.js";
import { clientOf } from "./api.js";
import type { World } from "./world.js";

export type MessageAnswer = AnswerOf<"messagesGet">;

/** A message with what became of its mails. */
export async function messageOf(world: World, id: string): Promise<MessageAnswer> {
  return (await clientOf(world).call("messagesGet", { path: { messageId: id } })).body;
}

/** Subjects of the mails that an address got, oldest first. */
export function mailsTo(world: World, address: string): string[] {
  return world.tenant.mails.filter(({ to }) => to.includes(address)).map(({ subject }) => subject);
}
