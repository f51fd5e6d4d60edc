import { app, type HttpRequest, type HttpResponseInit } from "@azure/functions";
import * as df from "durable-functions";
import { clock } from "../shared/clock.js";
import { AppError } from "../shared/errors.js";
import { MAX_WEBHOOK_BYTES, Refused, takeExpedite, tooLarge } from "../shared/webhooks/inbound.js";
import { noteRefusal } from "../shared/webhooks/refusals.js";
import { rouseExpedite } from "../workflows/activities/expedite.js";
import { problem } from "./api/problem.js";
import { json } from "./api/route.js";

/**
 * Other systems ask to expedite an update, with a signature instead of a key (shared/webhooks/signature.ts). The record
 * is written before anything is woken: a wake that is lost is made up for within the hour.
 */
app.http("expediteWebhook", {
  methods: ["POST"],
  route: "webhooks/expedite",
  authLevel: "anonymous",
  extraInputs: [df.input.durableClient()],
  handler: async (request, context): Promise<HttpResponseInit> => {
    const instance = new URL(request.url).pathname;
    try {
      const expedite = await takeExpedite({
        timestamp: request.headers.get("x-ringmaster-timestamp"),
        signature: request.headers.get("x-ringmaster-signature"),
        idempotencyKey: request.headers.get("idempotency-key"),
        body: await bodyOf(request),
        at: clock.now(),
      });
      await rouseExpedite(df.getClient(context), expedite.id).catch((error: unknown) => context.warn(error));
      const location = `/api/v1/expedites/${encodeURIComponent(expedite.id)}`;
      const answer = json({ expedite: location, id: expedite.id }, 202);
      return { ...answer, headers: { ...answer.headers, location } };
    } catch (error) {
      if (error instanceof Refused) {
        await noteRefusal(error.kind, error.error, clock.now()).catch((cause: unknown) => context.error(cause));
        return refusal(error.error, instance);
      }
      if (!(error instanceof AppError)) context.error(error);
      return problem(error, instance);
    }
  },
});

/** A caller without a signature is told what is asked for: no bearer token. */
function refusal(error: AppError, instance: string): HttpResponseInit {
  const answer = problem(error, instance);
  if (answer.status !== 401) return answer;
  const headers = { "content-type": "application/problem+json", "www-authenticate": "HMAC-SHA256" };
  return { ...answer, headers };
}

/** The body as it was sent; more than the limit is not read. */
async function bodyOf(request: HttpRequest): Promise<Buffer> {
  if (Number(request.headers.get("content-length") ?? 0) > MAX_WEBHOOK_BYTES) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of request.body ?? []) {
    length += chunk.length;
    if (length > MAX_WEBHOOK_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
