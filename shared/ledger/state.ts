import { SignalKind } from "../signals/signal.js";

/** Where a device of a release is counted; every device is in exactly one state. */
export const LedgerState = {
  held: "held",
  notOffered: "notOffered",
  open: "open",
  upToDate: "upToDate",
  failed: "failed",
  rolledBack: "rolledBack",
} as const;
export type LedgerState = (typeof LedgerState)[keyof typeof LedgerState];

export const LEDGER_STATES = Object.values(LedgerState);

/** What a signal says about its device. */
export const STATE_OF_KIND: Readonly<Record<SignalKind, LedgerState>> = {
  [SignalKind.offered]: "open",
  [SignalKind.downloading]: "open",
  [SignalKind.installStarted]: "open",
  [SignalKind.restartPending]: "open",
  [SignalKind.installed]: "upToDate",
  [SignalKind.failed]: "failed",
  [SignalKind.rolledBack]: "rolledBack",
  [SignalKind.safeguardBlocked]: "held",
};

/** A final report: the outcome of an attempt is known. */
export function isResolved(state: LedgerState): boolean {
  return state === "upToDate" || state === "failed" || state === "rolledBack";
}

/** An outcome that speaks against the update. */
export function isFailure(state: LedgerState): boolean {
  return state === "failed" || state === "rolledBack";
}

/** The installation has begun; a device whose latest signal is one of these has not come back yet (gate.md §4). */
export function isStarted(kind: SignalKind): boolean {
  return kind === SignalKind.installStarted || kind === SignalKind.restartPending;
}
