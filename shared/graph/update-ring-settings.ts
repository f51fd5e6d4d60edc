import type { CommonSettings } from "../groups/group.js";
import { type Cadence, isDeadlineDriven, type RingSettings, weeksOfMonth } from "../groups/ring.js";

/** What an Intune update ring carries: the deployment ring's own settings and those its group shares. */
export interface UpdateRingSettings {
  readonly ring: Pick<
    RingSettings,
    | "qualityDeferralDays"
    | "qualityDeadlineDays"
    | "gracePeriodDays"
    | "featureDeferralDays"
    | "featureDeadlineDays"
    | "cadence"
    | "notifications"
  >;
  readonly common: CommonSettings;
}

export const RING_TYPE = "#microsoft.graph.windowsUpdateForBusinessConfiguration";

type Value = string | number | boolean | null | Readonly<Record<string, string>>;
export type RingProperties = Readonly<Record<string, Value>>;

/** The settings by Graph's names (graph.md §2.5, autopatch.md §5.2–5.4). */
export function ringProperties({ ring, common }: UpdateRingSettings): RingProperties {
  const deadlines = isDeadlineDriven(ring);
  return {
    qualityUpdatesDeferralPeriodInDays: ring.qualityDeferralDays,
    featureUpdatesDeferralPeriodInDays: ring.featureDeferralDays,
    deadlineForQualityUpdatesInDays: deadlines ? ring.qualityDeadlineDays : null,
    deadlineForFeatureUpdatesInDays: deadlines ? ring.featureDeadlineDays : null,
    deadlineGracePeriodInDays: deadlines ? ring.gracePeriodDays : null,
    featureUpdatesRollbackWindowInDays: common.uninstallWindowDays,
    postponeRebootUntilAfterDeadline: common.postponeRebootUntilAfterDeadline,
    updateNotificationLevel: ring.notifications,
    microsoftUpdateServiceAllowed: common.microsoftUpdateServiceAllowed,
    driversExcluded: common.driversExcluded,
    allowWindows11Upgrade: common.allowWindows11Upgrade,
    businessReadyUpdatesOnly: common.businessReadyUpdatesOnly,
    skipChecksBeforeRestart: common.skipChecksBeforeRestart,
    userPauseAccess: common.userPauseAccess,
    userWindowsUpdateScanAccess: common.userWindowsUpdateScanAccess,
    ...installation(ring.cadence),
  };
}

const DAYS = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"] as const;
const WEEKS = ["firstWeek", "secondWeek", "thirdWeek", "fourthWeek"] as const;

function installation(cadence: Cadence): RingProperties {
  if (cadence.type === "deadlineDriven") {
    // "Reset to default": Windows chooses the time, the deadline sees to it.
    return { automaticUpdateMode: "windowsDefault", installationSchedule: null, updateWeeks: null };
  }
  const { install } = cadence;
  if (install.kind === "activeHours") {
    return {
      automaticUpdateMode: "autoInstallAtMaintenanceTime",
      installationSchedule: {
        "@odata.type": "#microsoft.graph.windowsUpdateActiveHoursInstall",
        activeHoursStart: timeOfDay(install.startHour),
        activeHoursEnd: timeOfDay(install.endHour),
      },
      updateWeeks: null,
    };
  }
  const weeks = weeksOfMonth(install).flatMap((week) => WEEKS[week - 1] ?? []);
  return {
    automaticUpdateMode: "autoInstallAndRebootAtScheduledTime",
    installationSchedule: {
      "@odata.type": "#microsoft.graph.windowsUpdateScheduledInstall",
      scheduledInstallDay: DAYS[install.day] ?? "sunday",
      scheduledInstallTime: timeOfDay(install.hour),
    },
    updateWeeks: weeks.length === WEEKS.length ? "everyWeek" : weeks.join(","),
  };
}

/** Intune writes times with seven decimals (graph.md §2.5). */
function timeOfDay(hour: number): string {
  return `${String(hour).padStart(2, "0")}:00:00.0000000`;
}
