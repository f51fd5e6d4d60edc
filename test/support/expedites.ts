import { randomUUID } from "node:crypto";
import { webhookSecret } from "../../infra/local/world/world.js";
import type { ExpediteDevice, ExpediteView } from "../../shared/expedites/view.js";
import { wall } from "../../shared/wall.js";
import { signatureOf } from "../../shared/webhooks/signature.js";
import { type Answer, call, type Problem } from "./api.js";
import type { World } from "./world.js";

/** An expedite as `GET expedites/{id}` answers. */
export type ExpediteAnswer = ExpediteView & {
  readonly devices: Readonly<Record<string, { devices: number; substates: Readonly<Record<string, number>> }>>;
};

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
  return (await call<ExpediteAnswer>(world, "GET", `/expedites/${id}`)).body;
}

/** Devices of an expedite, those of one state if it is named. */
export async function expediteDevicesOf(world: World, id: string, state?: string): Promise<ExpediteDevice[]> {
  const query = state === undefined ? "" : `?state=${encodeURIComponent(state)}`;
  return (await call<{ value: ExpediteDevice[] }>(world, "GET", `/expedites/${id}/devices${query}`)).body.value;
}

/** Asks for an expedite as a person does, and lets it be looked at; returns its id. */
export async function askForExpedite(world: World, body: object): Promise<string> {
  const { status, body: answer } = await call<Problem & { id: string }>(world, "POST", "/expedites", body);
  if (status !== 202) throw new Error(`The expedite was refused with ${status}: ${answer.detail}`);
  await world.settle();
  return answer.id;
}

/** Answers the question about an expedite. */
export async function answerExpedite(world: World, id: string, answer: "approve" | "reject"): Promise<void> {
  const path = `/approvals/${encodeURIComponent(`expedite ${id}`)}/answer`;
  const { status, body } = await call<Problem>(world, "POST", path, { answer });
  if (status !== 202) throw new Error(`The answer was refused with ${status}: ${body.detail}`);
  await world.settle();
}
