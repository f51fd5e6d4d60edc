import { randomUUID } from "node:crypto";
import type { AnswerOf, ItemOf } from "../../functions/api/client.js";
import { webhookSecret } from "../../infra/local/world/world.js";
import { wall } from "../../shared/wall.js";
import { signatureOf } from "../../shared/webhooks/signature.js";
import { type Answer, clientOf, type Problem } from "./api.js";
import type { World } from "./world.js";

/** An expedite as `GET expedites/{id}` answers. */
export type ExpediteAnswer = AnswerOf<"expeditesGet">;

/** Sends a body to the expedite webhook as another system does: signed, with a key of its own. */
export async function sendWebhook(
  world: World,
  body: object,
  key: string = randomUUID(),
): Promise<Answer<Problem & { id: string }>> {
  const text = JSON.stringify(body);
  const timestamp = String(Math.floor(wall.now() / 1000));
  const response = await fetch(`${world.api.url}/webhooks/expedite`, {
    method: "POST",
    headers: {
      "x-ringmaster-timestamp": timestamp,
      "x-ringmaster-signature": `sha256=${signatureOf(webhookSecret("function-key-of-the-tests"), timestamp, text)}`,
      "idempotency-key": key,
    },
    body: text,
  });
  return { status: response.status, body: (await response.json()) as Problem & { id: string } };
}

export async function expediteOf(world: World, id: string): Promise<ExpediteAnswer> {
  return (await clientOf(world).call("expeditesGet", { path: { expediteId: id } })).body;
}

/** Devices of an expedite, those of one state if it is named. */
export async function expediteDevicesOf(
  world: World,
  id: string,
  state?: string,
): Promise<readonly ItemOf<"expeditesDevices">[]> {
  const query = state === undefined ? {} : { state };
  return clientOf(world).all("expeditesDevices", { path: { expediteId: id }, query });
}

/** Asks for an expedite as a person does, and lets it be looked at; returns its id. */
export async function askForExpedite(world: World, body: object): Promise<string> {
  const { body: asked } = await clientOf(world).call("expeditesPost", { body });
  await world.settle();
  return asked.id;
}

/** Answers the question about an expedite. */
export async function answerExpedite(world: World, id: string, answer: "approve" | "reject"): Promise<void> {
  await clientOf(world).call("approvalsAnswer", { path: { approvalId: `expedite ${id}` }, body: { answer } });
  await world.settle();
}
