import type { IncomingMessage } from "node:http";
import { z } from "zod";

/** Largest body, bytes: a card's inputs are small. */
const MAX_BYTES = 64 * 1024;

/** A request that the page does not make. */
export class Refusal extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

export const actSchema = z.object({
  as: z.string(),
  messageId: z.string(),
  verb: z.string(),
  title: z.string().default(""),
  data: z.record(z.string(), z.unknown()).default({}),
  trigger: z.enum(["manual", "automatic"]),
});
export const writeSchema = z.object({ as: z.string(), text: z.string().trim().min(1).max(4000) });
export const paceSchema = z.object({ pace: z.enum(["full", "slow"]) });

/**
 * Refuses what another site's page may have a browser send: whoever gets through acts as anybody of the team. Throws
 * 403.
 */
export function refuseForeign({ headers, method }: IncomingMessage): void {
  const host = headers.host ?? "";
  const isLocal = /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(host);
  const isOwn = headers.origin === undefined || headers.origin === `http://${host}`;
  const isTyped = method === "GET" || /^application\/json\b/.test(headers["content-type"] ?? "");
  if (!isLocal || !isOwn || !isTyped) throw new Refusal(403, "Only the page itself may ask this.");
}

/** Reads a body by schema. Throws 400, 413. */
export async function read<T>(request: IncomingMessage, schema: z.core.$ZodType<T>): Promise<T> {
  let text = "";
  for await (const chunk of request.setEncoding("utf8")) {
    text += chunk;
    if (text.length > MAX_BYTES) throw new Refusal(413, "The request is too large.");
  }
  const parsed = z.safeParse(schema, parse(text));
  if (parsed.success) return parsed.data;
  throw new Refusal(400, `The request is malformed: ${parsed.error.issues[0]?.message}.`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
