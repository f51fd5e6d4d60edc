import { DAY_MS } from "../../../../../shared/calendar/days.js";
import type { Json } from "../../graph/types.js";
import type { AssignedRing } from "../../windows-update/policies.js";
import { dateText } from "../../world.js";
import { assignedTo, type Target } from "./assignments.js";
import { UPDATE_RING_TYPE, type UpdateRingSettings } from "./update-ring-schema.js";

/** A pause ends by itself after this long (autopatch.md §5.6). */
export const PAUSE_MS = 35 * DAY_MS;

/** An update ring of Intune as it is kept. Instants are ms of domain time. */
export interface UpdateRingRow {
  readonly id: string;
  readonly settings: UpdateRingSettings;
  readonly version: number;
  readonly createdAt: number;
  readonly modifiedAt: number;
  readonly qualityPausedAt: number | null;
  readonly featurePausedAt: number | null;
  readonly qualityPauseEndsAt: number | null;
  readonly featurePauseEndsAt: number | null;
  readonly qualityRollbackAt: number | null;
  readonly featureRollbackAt: number | null;
  readonly targets: readonly Target[];
}

/** Applies changed settings: pauses get their 35 days, a roll-back its start and a pause of its own. */
export function changed(row: UpdateRingRow, patch: Partial<UpdateRingSettings>, now: number): UpdateRingRow {
  const rollback = patch.qualityUpdatesWillBeRolledBack === true ? { qualityUpdatesPaused: true } : {};
  const settings = { ...row.settings, ...patch, ...rollback };
  const quality = pause(settings.qualityUpdatesPaused, row.qualityPausedAt, row.qualityPauseEndsAt, now);
  const feature = pause(settings.featureUpdatesPaused, row.featurePausedAt, row.featurePauseEndsAt, now);
  return {
    ...row,
    settings,
    version: row.version + 1,
    modifiedAt: now,
    qualityPausedAt: quality.since,
    qualityPauseEndsAt: quality.ends,
    featurePausedAt: feature.since,
    featurePauseEndsAt: feature.ends,
    qualityRollbackAt: settings.qualityUpdatesWillBeRolledBack === true ? (row.qualityRollbackAt ?? now) : null,
    featureRollbackAt: settings.featureUpdatesWillBeRolledBack === true ? (row.featureRollbackAt ?? now) : null,
  };
}

/** The ring with pauses that have run out shown as ended. */
export function current(row: UpdateRingRow, now: number): UpdateRingRow {
  const settings = { ...row.settings };
  if (row.qualityPauseEndsAt !== null && row.qualityPauseEndsAt <= now) settings.qualityUpdatesPaused = false;
  if (row.featurePauseEndsAt !== null && row.featurePauseEndsAt <= now) settings.featureUpdatesPaused = false;
  return { ...row, settings };
}

/** A ring as Graph answers it. */
export function updateRingJson(row: UpdateRingRow, now: number): Json {
  const day = (at: number | null) => (at === null ? null : dateText(at).slice(0, 10));
  const instant = (at: number | null) => (at === null ? "0001-01-01T00:00:00Z" : dateText(at));
  return {
    "@odata.type": UPDATE_RING_TYPE,
    id: row.id,
    createdDateTime: dateText(row.createdAt),
    lastModifiedDateTime: dateText(row.modifiedAt),
    supportsScopeTags: true,
    version: row.version,
    deviceManagementApplicabilityRuleOsEdition: null,
    deviceManagementApplicabilityRuleOsVersion: null,
    deviceManagementApplicabilityRuleDeviceMode: null,
    ...current(row, now).settings,
    qualityUpdatesPauseStartDate: day(row.qualityPausedAt),
    qualityUpdatesPauseExpiryDateTime: instant(row.qualityPauseEndsAt),
    qualityUpdatesRollbackStartDateTime: instant(row.qualityRollbackAt),
    featureUpdatesPauseStartDate: day(row.featurePausedAt),
    featureUpdatesPauseExpiryDateTime: instant(row.featurePauseEndsAt),
    featureUpdatesRollbackStartDateTime: instant(row.featureRollbackAt),
  };
}

/** Days in which a feature update can be uninstalled, where the ring does not say (autopatch.md §6.5). */
const UNINSTALL_DAYS = 30;

/** The ring as devices are told it. Without a deadline the largest there is applies. */
export function assignedRing(row: UpdateRingRow): AssignedRing {
  const { settings } = row;
  const text = (value: string | null) => (value === null ? undefined : value);
  const updateWeeks = text(settings.updateWeeks);
  return {
    ...assignedTo(row.id, row.targets),
    createdAt: row.createdAt,
    ...(row.qualityPauseEndsAt === null ? {} : { pausedUntil: row.qualityPauseEndsAt }),
    ...(row.featurePauseEndsAt === null ? {} : { featurePausedUntil: row.featurePauseEndsAt }),
    excludesDrivers: settings.driversExcluded,
    ring: {
      id: row.id,
      qualityDeferralDays: settings.qualityUpdatesDeferralPeriodInDays,
      deadlineDays: settings.deadlineForQualityUpdatesInDays ?? 30,
      graceDays: settings.deadlineGracePeriodInDays ?? 0,
      qualityPaused: settings.qualityUpdatesPaused,
      rollBackQuality: settings.qualityUpdatesWillBeRolledBack === true,
      ...(row.qualityRollbackAt === null ? {} : { rollBackSince: row.qualityRollbackAt }),
      automaticUpdateMode: settings.automaticUpdateMode,
      ...(settings.installationSchedule === null ? {} : { installationSchedule: settings.installationSchedule }),
      ...(updateWeeks === undefined ? {} : { updateWeeks }),
      notificationLevel: settings.updateNotificationLevel,
      featureDeadlineDays: settings.deadlineForFeatureUpdatesInDays ?? 30,
      featurePaused: settings.featureUpdatesPaused,
      rollBackFeature: settings.featureUpdatesWillBeRolledBack === true,
      featureUninstallDays: settings.featureUpdatesRollbackWindowInDays ?? UNINSTALL_DAYS,
    },
  };
}

/** A pause that is asked for again while it runs keeps its dates; extending is an action of its own. */
function pause(
  paused: boolean,
  since: number | null,
  ends: number | null,
  now: number,
): { since: number | null; ends: number | null } {
  if (!paused) return { since: null, ends: null };
  const running = since !== null && ends !== null && ends > now;
  return running ? { since, ends } : { since: now, ends: now + PAUSE_MS };
}
