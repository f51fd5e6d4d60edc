import type { FoldResult, Ledger } from "../ledger/index.js";
import type { RawSignal, Rejection } from "./intake.js";

export interface ReceiveDeps {
  readonly ledger: Pick<Ledger, "foldSignals">;
  readonly sendRejected: (rejections: readonly Rejection[]) => Promise<void>;
  /** Has signals come again that came before their release. */
  readonly sendAgain: (early: readonly RawSignal[], now: number) => Promise<void>;
  readonly onFolded: (result: FoldResult) => Promise<void>;
}

/**
 * One batch from the queue: fold it, pass on what is refused, put off what came too early, tell who waits for news. Returning completes the batch;
 * throwing (infrastructure stayed away) gives it back, and everything here may be repeated.
 * @param now domain time, ms
 */
export async function receiveSignals(deps: ReceiveDeps, batch: readonly RawSignal[], now: number): Promise<FoldResult> {
  const result = await deps.ledger.foldSignals(batch, now);
  await deps.sendRejected(result.rejected);
  await deps.sendAgain(result.early, now);
  await deps.onFolded(result);
  return result;
}

/** Pairs bodies with the queue's time stamps, as the trigger delivers them (functions-host.md §1.9). */
export function toBatch(messages: unknown, metadata: Readonly<Record<string, unknown>> | undefined): RawSignal[] {
  const bodies = Array.isArray(messages) ? messages : [messages];
  const stamps = metadata?.enqueuedTimeUtcArray;
  return bodies.map((body: unknown, index) => {
    const enqueuedAt = Array.isArray(stamps) ? Date.parse(String(stamps[index])) : Number.NaN;
    return Number.isNaN(enqueuedAt) ? { body } : { body, enqueuedAt };
  });
}
