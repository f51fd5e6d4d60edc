import type { Attributes } from "../attributes/columns.js";
import { addDays } from "../calendar/days.js";
import { FeatureStatus } from "../feature-releases/release.js";
import { goalDate, startOf } from "../feature-releases/schedule.js";
import type { FeatureVersion } from "../graph/feature-versions.js";
import type { StoredGroup } from "../groups/store.js";
import type { DeviceRow } from "../ledger/index.js";
import { outcome } from "../ledger/row.js";
import { OFFERS_WINDOWS_10 } from "../policies/kinds/feature-update.js";
import { hardwareOf } from "../readiness/hardware.js";
import { type DeviceRecord, DeviceState } from "../registration/device.js";
import { gatedBlocks } from "../safeguard-holds/gated-blocks.js";
import { SignalKind } from "../signals/signal.js";
import { parseBuild } from "../updates/build.js";
import type { Aim } from "./aims.js";
import { type FeatureEligibility, featureEligibility, reachable } from "./eligibility.js";
import { featureState, isSafeguarded, type RingOffer } from "./state.js";
import { FeatureState, type Standing } from "./states.js";
import { buildOfVersion } from "./windows.js";

/** A device and everything that is known of it and its ring. */
export interface KnownDevice {
  readonly record: DeviceRecord;
  readonly group: Pick<StoredGroup, "id" | "definition">;
  readonly aim: Aim;
  readonly told: Attributes;
  /** What the ledger has of it for the release that measures the feature update. */
  readonly row: Pick<DeviceRow, "log" | "offeredAt" | "holds"> | undefined;
  readonly isOptedOut: boolean;
  readonly catalogue: readonly FeatureVersion[];
}

/** What became of a device. Instants in ms. */
export interface JudgedDevice extends KnownDevice {
  readonly build: number | null;
  readonly eligibility: FeatureEligibility;
  /** What it is really brought to; null: it stays. */
  readonly version: string | null;
  readonly isFallback: boolean;
  readonly standing: Standing;
  readonly status: UpdateStatus;
  /** A safeguard keeps the update from it. */
  readonly isHeld: boolean;
  readonly safeguardHolds: readonly string[];
  readonly goalAt: number | null;
  readonly installedAt: number | null;
  readonly errorCode: string | null;
}

/** What reports count a device as; each is in one (autopatch.md §9.2, §9.3). */
export const UpdateStatus = {
  upToDate: "Up to date",
  notUpToDate: "Not up to date",
  inProgress: "In progress",
  paused: "Paused",
  notReady: "Not ready",
} as const;
export type UpdateStatus = (typeof UpdateStatus)[keyof typeof UpdateStatus];

const NOTHING = { log: [], holds: [] } as const;

/** Puts together what is known of a device (autopatch.md §6.6, §9.2). @param now ms */
export function judgeDevice(device: KnownDevice, now: number): JudgedDevice {
  const { record, aim, told, row = NOTHING, isOptedOut } = device;
  const { managed } = record;
  const build = parseBuild(managed?.osVersion ?? "")?.major ?? null;
  const eligibility = featureEligibility({ record, hardware: hardwareOf(told), target: aim.version, now });
  const { version, isFallback } = reachable(aim.version, eligibility, build, OFFERS_WINDOWS_10);
  const safeguardHolds = gatedBlocks(told);
  const progress = {
    target: { version, named: aim.version, build: targetBuild(device, version ?? aim.version) },
    offer: offerOf(device),
    ...{ eligibility, build, row, safeguardHolds, isOptedOut },
    seenAt: managed?.lastSyncAt == null ? null : Date.parse(managed.lastSyncAt),
    conflict: record.state === DeviceState.ready ? null : record.reason,
  };
  const standing = featureState(progress, now);
  const { final } = outcome(row.log);
  const { byRelease } = aim;
  const goalAt = byRelease === null ? null : startOf(goalDate(byRelease.phase));
  const judged = {
    ...{ ...device, build, eligibility, version, isFallback, standing, safeguardHolds, goalAt },
    isHeld: standing.alert?.code === "SafeguardHold" || isSafeguarded(progress),
    installedAt: final?.kind === SignalKind.installed ? final.at : null,
    errorCode: final?.errorCode ?? null,
  };
  return { ...judged, status: statusOf(judged, now) };
}

/** The build of what a device is brought to: a release knows that of its version. */
function targetBuild({ aim, catalogue }: KnownDevice, target: string): number | undefined {
  const isNamed = target === aim.version && aim.byRelease !== null;
  return isNamed ? aim.byRelease.release.build : buildOfVersion(target, catalogue);
}

function offerOf({ aim, group, record, catalogue }: KnownDevice): RingOffer {
  const { byRelease } = aim;
  const listed = catalogue.find(({ version }) => version === aim.version);
  const deferralDays = group.definition.rings.find(({ name }) => name === record.ring)?.featureDeferralDays ?? 0;
  const order = byRelease?.ring.uninstall ?? null;
  return {
    phase:
      byRelease === null
        ? null
        : {
            status: byRelease.ring.paused === true ? FeatureStatus.paused : byRelease.phase.status,
            firstDate: byRelease.phase.firstDate,
            gradualGroups: byRelease.phase.gradualGroups,
            daysBetween: byRelease.phase.daysBetween,
            because: byRelease.phase.because,
            hasPolicy: byRelease.phase.policyId !== null,
            hasLeft: byRelease.ring.movedTo !== null,
          },
    deferredUntil: deferralDays === 0 ? 0 : addDays(listed?.releasedAt ?? 0, deferralDays),
    uninstall: order,
    isSuspended: byRelease?.ring.suspended === true,
    isWithdrawn: listed === undefined,
  };
}

/** In the order of autopatch.md §9.2: not ready, paused, up to date, an error, still within its days. */
function statusOf(
  { record, standing, goalAt }: Pick<JudgedDevice, "record" | "standing" | "goalAt">,
  now: number,
): UpdateStatus {
  const { state, substate } = standing;
  if (record.state !== DeviceState.ready) return UpdateStatus.notReady;
  if (substate === "Admin paused") return UpdateStatus.paused;
  if (state === FeatureState.installed) return UpdateStatus.upToDate;
  if (state === FeatureState.needsAttention || state === FeatureState.canceled) return UpdateStatus.notUpToDate;
  if (state === FeatureState.uninstalling) return UpdateStatus.notUpToDate;
  if (goalAt !== null) return now < goalAt ? UpdateStatus.inProgress : UpdateStatus.notUpToDate;
  const isMoving = state === FeatureState.offering || state === FeatureState.installing;
  return isMoving ? UpdateStatus.inProgress : UpdateStatus.notUpToDate;
}
