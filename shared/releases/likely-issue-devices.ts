import type { Ledger } from "../ledger/index.js";
import { LIKELY_ISSUE_REASON } from "../safeguards/likely-issues.js";
import { findLikelyIssues, type RingLikelyIssues } from "./likely-issues.js";

/** The part of the ledger that notes the devices. */
type Books = Pick<Ledger, "devices" | "holdDevices" | "releaseDevices">;

/** Finds the likely issues of rings and holds them in the ledger. May run again: what is held stays held. */
export async function hold(
  books: Books,
  releaseId: string,
  { rings, uninstalled, pTol }: { rings: readonly string[]; uninstalled: readonly string[]; pTol: number },
): Promise<RingLikelyIssues[]> {
  const found = findLikelyIssues(await books.devices(releaseId), rings, uninstalled, pTol);
  const ids = found.flatMap(({ deviceIds }) => deviceIds);
  if (ids.length > 0) await books.holdDevices(releaseId, ids, LIKELY_ISSUE_REASON);
  return found.map(({ deviceIds: _ids, ...ring }) => ring);
}

/** Lets all of them go. @returns by ring, how many wait to be offered the update for the first time */
export async function free(books: Books, releaseId: string): Promise<Record<string, number>> {
  const held = (await books.devices(releaseId)).filter(({ holds }) => holds.includes(LIKELY_ISSUE_REASON));
  const waiting: Record<string, number> = {};
  for (const { ring, holds, wave, reportedAt } of held) {
    if (holds.length === 1 && wave === undefined && reportedAt === undefined) waiting[ring] = (waiting[ring] ?? 0) + 1;
  }
  const ids = held.map(({ deviceId }) => deviceId);
  await books.releaseDevices(releaseId, ids, LIKELY_ISSUE_REASON);
  return waiting;
}
