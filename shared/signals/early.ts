import { createHash } from "node:crypto";
import { HOUR_MS } from "../calendar/days.js";
import { enqueue } from "../queues/send.js";
import { jsonOf, type RawSignal, textOf } from "./intake.js";
import { SIGNALS_QUEUE } from "./signal.js";

/**
 * Puts signals that came before their release into the queue again, for an hour later. The ids are others than the
 * devices gave, which the queue still remembers; the same signals of the same instant have the same ones.
 * @param now ms of domain time
 * @throws AppError `unavailable` when Service Bus stays away
 */
export async function sendAgain(early: readonly RawSignal[], now: number): Promise<void> {
  const notBefore = now + HOUR_MS;
  const items = early.map(({ body }) => ({ body: jsonOf(body), id: `${digest(body)} ${notBefore}`, notBefore }));
  if (items.length > 0) await enqueue(SIGNALS_QUEUE, items);
}

function digest(body: unknown): string {
  return createHash("sha256").update(textOf(body)).digest("hex");
}
