import type { DeviceRow } from "../ledger/index.js";
import { SignalKind } from "../signals/signal.js";

/** States of an expedited update on a device (autopatch.md §5.7, row 64), and one for what went wrong. */
export const ExpediteState = {
  pending: "Pending",
  offering: "Offering",
  installing: "Installing",
  installed: "Installed",
  needsAttention: "Needs attention",
} as const;
export type ExpediteState = (typeof ExpediteState)[keyof typeof ExpediteState];

/** Substates by state. What an agent's signals do not tell apart shows as the one before it. */
export const SUBSTATES = {
  [ExpediteState.pending]: ["Validating", "Scheduled"],
  [ExpediteState.offering]: ["OfferReady"],
  [ExpediteState.installing]: [
    "OfferReceived",
    "DownloadStart",
    "DownloadComplete",
    "InstallStart",
    "InstallComplete",
    "RestartRequired",
    "RestartInitiated",
    "RestartComplete",
  ],
  [ExpediteState.installed]: ["UpdateInstalled"],
  [ExpediteState.needsAttention]: ["NotReady", "OnHold", "InstallFailed", "RolledBack"],
} as const satisfies Record<ExpediteState, readonly string[]>;
export type ExpediteSubstate = (typeof SUBSTATES)[ExpediteState][number];

/** How far a device is. */
export interface DeviceProgress {
  readonly state: ExpediteState;
  readonly substate: ExpediteSubstate;
}

const VALIDATING: DeviceProgress = { state: ExpediteState.pending, substate: "Validating" };
const SCHEDULED: DeviceProgress = { state: ExpediteState.pending, substate: "Scheduled" };
const OFFER_READY: DeviceProgress = { state: ExpediteState.offering, substate: "OfferReady" };
const attention = (substate: ExpediteSubstate): DeviceProgress => ({ state: ExpediteState.needsAttention, substate });
const installing = (substate: ExpediteSubstate): DeviceProgress => ({ state: ExpediteState.installing, substate });

/** A restart that is required follows an installation that is complete, and an installation a complete download. */
const SEEN: Readonly<Partial<Record<SignalKind, DeviceProgress>>> = {
  [SignalKind.offered]: installing("OfferReceived"),
  [SignalKind.downloading]: installing("DownloadStart"),
  [SignalKind.installStarted]: installing("InstallStart"),
  [SignalKind.restartPending]: installing("RestartRequired"),
};

/** How far a device of an expedited release is, by its own signals. */
export function progressOf({ state, log }: Pick<DeviceRow, "state" | "log">): DeviceProgress {
  switch (state) {
    case "upToDate":
      return { state: ExpediteState.installed, substate: "UpdateInstalled" };
    case "failed":
      return attention("InstallFailed");
    case "rolledBack":
      return attention("RolledBack");
    case "held":
      return attention("OnHold");
    case "notOffered":
      return SCHEDULED;
    case "open": {
      const latest = log.at(-1)?.kind;
      return (latest && SEEN[latest]) ?? OFFER_READY;
    }
  }
}

/** How far a device is before its release runs: its test decides. */
export function progressBefore(notReady: string | null): DeviceProgress {
  return notReady === null ? VALIDATING : attention("NotReady");
}

/** Devices by state and substate: every one there is, none left out. */
export function countProgress(devices: readonly DeviceProgress[]) {
  return Object.fromEntries(
    Object.entries(SUBSTATES).map(([state, substates]) => {
      const mine = devices.filter((device) => device.state === state);
      const count = (substate: string) => mine.filter((device) => device.substate === substate).length;
      return [
        state,
        { devices: mine.length, substates: Object.fromEntries(substates.map((name) => [name, count(name)])) },
      ];
    }),
  );
}
