import { addDays, DAY_MS, shortTime } from "../calendar/days.js";
import { holdsBack } from "../cohorts/cohort.js";
import { type Decision, FeatureStatus } from "../feature-releases/release.js";
import { lastOffer, type Rollout, startOf } from "../feature-releases/schedule.js";
import type { LogEntry } from "../ledger/log.js";
import { outcome } from "../ledger/row.js";
import { isStarted } from "../ledger/state.js";
import { SignalKind } from "../signals/signal.js";
import {
  CANCELED_BY_DEVICE,
  CANCELED_BY_USER,
  conflictAlert,
  failureAlert,
  rollbackAlert,
  safeguardAlert,
  silenceAlert,
} from "./alerts.js";
import { type FeatureEligibility, HARDWARE_CODES } from "./eligibility.js";
import { FeatureState, type Standing } from "./states.js";

/** Rules of eligibility that say that no policy reaches the device. */
const OUT_OF_REACH: ReadonlySet<string> = new Set(["managed", "checkIn"]);

/** Days after which an installation that has begun should have been heard of. */
const SILENT_DAYS = 7;

/** An uninstallation of the feature update that was asked for in the device's ring. Instants in ms. */
export interface UninstallOrder {
  readonly since: number;
  /** End of the uninstall window. */
  readonly until: number;
}

/** How the update is brought to the device's ring. */
export interface RingOffer {
  /** The phase of the feature release; null where the group's settings bring the version, at once. */
  readonly phase:
    | (Rollout & {
        readonly status: FeatureStatus;
        readonly because: Decision | null;
        /** Its policy is in the tenant. */
        readonly hasPolicy: boolean;
        /** The device's group went to another release. */
        readonly hasLeft: boolean;
      })
    | null;
  /** Feature updates of the ring are deferred until then, ms. */
  readonly deferredUntil: number;
  readonly uninstall: UninstallOrder | null;
  /** The service keeps the update from the ring. */
  readonly isSuspended: boolean;
  /** The catalogue has the version no more. */
  readonly isWithdrawn: boolean;
}

/** Everything that decides about the state of one device. */
export interface FeatureProgress {
  /** What it is brought to; build undefined for a version of which nobody says it. */
  readonly target: { readonly version: string | null; readonly named: string; readonly build: number | undefined };
  readonly offer: RingOffer;
  readonly eligibility: FeatureEligibility;
  /** Build number of its Windows, as Intune knew it at its last check-in (ms); null when it does not. */
  readonly build: number | null;
  readonly seenAt: number | null;
  /** The check that it fails; null while there is none. */
  readonly conflict: { readonly check: string; readonly message: string } | null;
  /** What the ledger has of it for this update. */
  readonly row: {
    readonly log: readonly LogEntry[];
    readonly offeredAt?: string;
    readonly holds: readonly string[];
  };
  /** Ids of safeguard holds that Windows reports. */
  readonly safeguardHolds: readonly string[];
  /** Safeguards are switched off for it. */
  readonly isOptedOut: boolean;
}

/** One possible state; undefined when it is not that. */
type Judge = (device: FeatureProgress, now: number) => Standing | undefined;

/**
 * The state of a device by everything that is known (autopatch.md §6.6, row 83). What a device says of itself counts for
 * more than what should be; a decision of people for more than what has not begun. @param now ms
 */
export function featureState(device: FeatureProgress, now: number): Standing {
  for (const judge of JUDGES) {
    const standing = judge(device, now);
    if (standing !== undefined) return standing;
  }
  return waiting(device, now);
}

/** Whether the device has the version or a later one, as far as Intune knows. */
function hasTarget({ target, build }: Pick<FeatureProgress, "target" | "build">): boolean {
  return target.build !== undefined && build !== null && build >= target.build;
}

const uninstalling: Judge = ({ offer: { uninstall }, row, seenAt, ...device }, now) => {
  const state = FeatureState.uninstalling;
  const { latest } = outcome(row.log);
  const wentBack = latest?.kind === SignalKind.rolledBack;
  const { target, build } = device;
  // Intune learns of it at the next check-in.
  const isBelow = target.build !== undefined && build !== null && build < target.build;
  const isBack = isBelow || (wentBack && (target.build === undefined || latest.receivedAt > (seenAt ?? 0)));
  const had = row.log.some(({ kind }) => kind === SignalKind.installed);
  if (uninstall !== null) {
    const because = `Somebody had the feature update uninstalled; the order stands until ${shortTime(uninstall.until)}.`;
    // Once the window is over Windows goes back no more, and the device keeps what it has.
    if (!isBack) return now < uninstall.until ? { state, substate: "Uninstall", because, alert: null } : undefined;
    const isCarriedOut = had || (wentBack && latest.receivedAt >= uninstall.since);
    if (isCarriedOut) return { state, substate: "Update Uninstalled", because, alert: null };
    return undefined;
  }
  if (!wentBack || !had) return undefined;
  const because = "Somebody at the device went back to the version before.";
  return { state, substate: isBack ? "Rollback complete" : "Rollback", because, alert: null };
};

const installed: Judge = (device) => {
  const { final, latest } = outcome(device.row.log);
  const says = final?.kind === SignalKind.installed && latest === final;
  if (!says && !hasTarget(device)) return undefined;
  const because = `It has ${device.target.version ?? device.target.named} or later.`;
  return { state: FeatureState.installed, substate: "Update Installed", because, alert: null };
};

const canceled: Judge = ({ offer: { phase, isWithdrawn }, row, target }) => {
  const state = FeatureState.canceled;
  const code = latestFailure(row.log)?.errorCode?.toLowerCase();
  if (phase?.status === FeatureStatus.canceled)
    return { state, substate: "Admin Cancelled", because: said("canceled", phase.because), alert: null };
  if (phase?.status === FeatureStatus.inactive || phase?.hasLeft === true) {
    const because = "Its group went to another feature release.";
    return { state, substate: "Removed from Deployment", because, alert: null };
  }
  if (isWithdrawn) {
    const because = `${target.named} is in the catalogue no more. Choose another version.`;
    return { state, substate: "Service Cancelled", because, alert: null };
  }
  if (code === CANCELED_BY_USER) {
    const because = "Its user canceled the update. Agree with them when it may run.";
    return { state, substate: "User Cancelled", because, alert: null };
  }
  if (code !== CANCELED_BY_DEVICE) return undefined;
  const because = "The device gave the update up, and tries again with its next scan.";
  return { state, substate: "Device Cancelled", because, alert: null };
};

const failed: Judge = ({ row }) => {
  const failure = latestFailure(row.log);
  if (failure === undefined) return undefined;
  const { kind, errorCode } = failure;
  const alert = kind === SignalKind.rolledBack ? rollbackAlert(errorCode) : failureAlert(errorCode);
  return { state: FeatureState.needsAttention, substate: null, because: alert.text, alert };
};

const silent: Judge = ({ row }, now) => {
  const { latest } = outcome(row.log);
  if (latest?.kind !== SignalKind.installStarted || now < addDays(latest.at, SILENT_DAYS)) return undefined;
  const alert = silenceAlert(Math.floor((now - latest.at) / DAY_MS));
  return { state: FeatureState.needsAttention, substate: null, because: alert.text, alert };
};

const installing: Judge = ({ row, offer }) => {
  const { latest } = outcome(row.log);
  if (latest === undefined) return undefined;
  const state = FeatureState.installing;
  if (latest.kind === SignalKind.restartPending)
    return { state, substate: "Restart Required", because: "It waits for its restart.", alert: null };
  if (latest.kind === SignalKind.installStarted)
    return { state, substate: "Install Start", because: "It installs the update.", alert: null };
  // A pause ends what has only been downloaded.
  if (latest.kind !== SignalKind.downloading || isPaused(offer) || offer.isSuspended) return undefined;
  return { state, substate: "Download Start", because: "It downloads the update.", alert: null };
};

const unreachable: Judge = ({ eligibility }) => {
  const reason = eligibility.reasons.find(({ code }) => OUT_OF_REACH.has(code));
  if (reason === undefined) return undefined;
  const alert = { code: "NoHeartbeat", text: reason.text, remedy: "Bring the device back to Intune." };
  return { state: FeatureState.needsAttention, substate: null, because: alert.text, alert };
};

const notSupported: Judge = ({ eligibility, target }) => {
  const isKept = target.version === null;
  const lasting = eligibility.reasons.filter(({ code }) => !HARDWARE_CODES.has(code) || isKept);
  if (!isKept && lasting.length === 0) return undefined;
  const why = lasting.map(({ text }) => text).join(" ");
  const because = isKept ? `It stays on its version. ${why}` : why;
  const alert = { code: "Incompatible", text: why, remedy: "Do what the reasons say; nothing is offered until then." };
  return { state: FeatureState.canceled, substate: "Not Supported", because, alert };
};

const inConflict: Judge = ({ conflict }) => {
  if (conflict === null) return undefined;
  const alert = conflictAlert(conflict);
  return { state: FeatureState.needsAttention, substate: null, because: alert.text, alert };
};

const onHold: Judge = (device, now) => {
  const state = FeatureState.onHold;
  const { offer, row } = device;
  if (isPaused(offer)) {
    const because = said("paused", offer.phase?.because ?? null);
    return { state, substate: "Admin paused", because, alert: null };
  }
  if (isSafeguarded(device)) {
    const alert = safeguardAlert(device.safeguardHolds);
    return { state, substate: "ServicePaused", because: alert.text, alert };
  }
  if (offer.isSuspended) {
    const because = "The service keeps the update from its ring until the gate or people let it go on.";
    return { state, substate: "ServicePaused", because, alert: null };
  }
  if (row.holds.some(holdsBack)) {
    const because = "The service holds it back, because it is like devices on which the update failed.";
    return { state, substate: "ServicePaused", because, alert: null };
  }
  if (offer.deferredUntil <= now) return undefined;
  const because = `Its ring defers feature updates until ${shortTime(offer.deferredUntil)}.`;
  return { state, substate: "Deferred", because, alert: null };
};

const offering: Judge = ({ offer: { phase }, row, eligibility }, now) => {
  const state = FeatureState.offering;
  if (outcome(row.log).latest?.kind === SignalKind.offered)
    return { state, substate: "Offer Received", because: "It knows of the update.", alert: null };
  const ready = {
    state,
    substate: "OfferReady",
    because: "It is offered the update at its next scan.",
    alert: null,
  } as const;
  if (row.offeredAt !== undefined) return ready;
  if (eligibility.unknown.length > 0 || (phase !== null && !phase.hasPolicy)) return undefined;
  return phase === null || now >= startOf(lastOffer(phase)) ? ready : undefined;
};

const JUDGES: readonly Judge[] = [
  ...[uninstalling, installed, canceled, failed, silent, installing],
  ...[unreachable, notSupported, inConflict, onHold, offering],
];

/** Nothing speaks against the device, and nothing has begun. */
function waiting({ offer: { phase }, eligibility }: FeatureProgress, now: number): Standing {
  const state = FeatureState.pending;
  if (phase !== null && now < startOf(phase.firstDate)) {
    const because = `Its phase begins on ${phase.firstDate}.`;
    return { state, substate: "Scheduled", because, alert: null };
  }
  if (phase !== null && !phase.hasPolicy) {
    const because = "The policy of its phase is on its way to the tenant.";
    return { state, substate: "Validation", because, alert: null };
  }
  if (eligibility.unknown.length > 0) {
    const because = eligibility.unknown.map(({ text }) => text).join(" ");
    return { state, substate: "Validation", because, alert: null };
  }
  const until = phase === null ? "" : ` until ${lastOffer(phase)}`;
  const because = `Its phase is offered the update in gradual groups${until}, which Windows Update draws.`;
  return { state, substate: "Scheduled", because, alert: null };
}

/** The last entry when it says that an attempt failed: whoever tries again is beyond it. */
function latestFailure(log: readonly LogEntry[]): LogEntry | undefined {
  const { latest } = outcome(log);
  return latest?.kind === SignalKind.failed || latest?.kind === SignalKind.rolledBack ? latest : undefined;
}

function isPaused({ phase, uninstall }: RingOffer): boolean {
  return phase?.status === FeatureStatus.paused || uninstall !== null;
}

/** Whether a safeguard keeps the update from a device that has not begun to install it (autopatch.md §12, row 104). */
export function isSafeguarded({
  row,
  safeguardHolds,
  isOptedOut,
}: Pick<FeatureProgress, "row" | "safeguardHolds" | "isOptedOut">): boolean {
  if (isOptedOut) return false;
  const { latest } = outcome(row.log);
  if (latest?.kind === SignalKind.safeguardBlocked) return true;
  return safeguardHolds.length > 0 && (latest === undefined || !(isStarted(latest.kind) || isFinal(latest.kind)));
}

function isFinal(kind: SignalKind): boolean {
  return kind === SignalKind.installed || kind === SignalKind.failed || kind === SignalKind.rolledBack;
}

function said(what: string, because: Decision | null): string {
  if (because === null) return `It is ${what}.`;
  const { by, at, reason, text } = because;
  return `${by.name} ${what} it on ${shortTime(at)}: ${reason}${text === undefined ? "" : `, ${text.replace(/\.$/, "")}`}.`;
}
