import { SignalKind } from "../signals/signal.js";
import { changeDevices, type LedgerContext } from "./context.js";
import { joinEntry, packLog, unpackLog } from "./log.js";

/** What an inventory proves about a device. */
export type Proved = typeof SignalKind.installed | typeof SignalKind.rolledBack;

/**
 * Notes what the daily inventory proves: devices have the update, or have gone back behind it. A device that said so
 * last is left alone, so that the same inventory again changes nothing; others are not enrolled by it.
 * @param at when it was seen, ms
 * @returns how many devices changed
 */
export async function noteOutcomes(
  context: LedgerContext,
  releaseId: string,
  deviceIds: readonly string[],
  kind: Proved,
  at: number,
): Promise<number> {
  const release = await context.store.release(releaseId);
  return changeDevices(context, release, deviceIds, () => (row) => {
    if (row === undefined) return undefined;
    const log = unpackLog(row.log);
    const latest = log.at(-1);
    if (latest?.kind === kind || (latest === undefined && kind === SignalKind.rolledBack)) return undefined;
    const entry = { attempt: (latest?.attempt ?? 0) + 1, sequence: 1, kind, at, receivedAt: at };
    return { ...row, log: packLog(joinEntry(log, entry)) };
  });
}
