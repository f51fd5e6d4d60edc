import { table } from "../store/tables.js";
import { Ledger } from "./ledger.js";

export type { DeviceProgress, DeviceRow } from "./device-row.js";
export type { Enrolment } from "./enrol.js";
export type { FoldResult } from "./fold.js";
export { Ledger } from "./ledger.js";
export type { LogEntry } from "./log.js";
export type { Recount } from "./recount.js";
export type { RejectCounts } from "./rejections.js";
export type { Attributes } from "./roster.js";
export { LedgerState } from "./state.js";
export { noDevices, type ReleaseSummary, type RingSummary, type SilentDevices, type WaveSummary } from "./summary.js";
export type { Revision } from "./updates.js";
export { diversityFirst, type WaveCandidate, type WaveOffer, type WaveOrder } from "./waves.js";

let opened: Promise<Ledger> | undefined;

/** The app's ledger, in the tables `ledger` and `ledgersummary`; opened once. */
export function ledger(): Promise<Ledger> {
  opened ??= Promise.all([table("ledger"), table("ledgersummary")]).then(
    ([devices, summaries]) => new Ledger(devices, summaries),
  );
  opened.catch(() => {
    opened = undefined;
  });
  return opened;
}

/** Forgets what is held in memory: for who has emptied the tables underneath. */
export function reopenLedger(): void {
  opened = undefined;
}
