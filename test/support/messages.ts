import type { z } from "zod";
import type { messageDetailSchema } from "../../shared/messages/view.js";
import type { World } from "./world.js";

export type MessageAnswer = z.infer<typeof messageDetailSchema>;

/** A message with what became of its mails. */
export function messageOf(world: World, id: string): Promise<MessageAnswer> {
  return world.api.get<MessageAnswer>(`/messages/${id}`);
}

/** Subjects of the mails that an address got, oldest first. */
export function mailsTo(world: World, address: string): string[] {
  return world.tenant.mails.filter(({ to }) => to.includes(address)).map(({ subject }) => subject);
}
