/** How devices of a deployment ring install updates (autopatch.md §5.4). */
export type InstallCadence =
  | { readonly kind: "deadlineDriven" }
  /** Install outside these hours of the day; deadlines and grace are off. */
  | { readonly kind: "activeHours"; readonly start: number; readonly end: number }
  /** Install and restart at one time; deadlines and grace are off. */
  | {
      readonly kind: "scheduled";
      readonly day: ScheduledDay;
      readonly hour: number;
      readonly weeks: readonly UpdateWeek[];
    };

export type ScheduledDay =
  | "everyday"
  | "sunday"
  | "monday"
  | "tuesday"
  | "wednesday"
  | "thursday"
  | "friday"
  | "saturday";
export type UpdateWeek = "everyWeek" | "firstWeek" | "secondWeek" | "thirdWeek" | "fourthWeek";
export type NotificationLevel =
  | "notConfigured"
  | "defaultNotifications"
  | "restartWarningsOnly"
  | "disableAllNotifications";

export interface UpdateRingSettings {
  /** Days, 0–30 each. */
  readonly qualityDeferralDays: number;
  readonly qualityDeadlineDays: number;
  /** Days, 0–7; counts for quality and feature updates. */
  readonly graceDays: number;
  /** Days, 0–30; default 5 in every ring (autopatch.md §5.3). */
  readonly featureDeadlineDays?: number;
  /** Default: deadline-driven. */
  readonly cadence?: InstallCadence;
  /** Default: the notifications of Windows itself. */
  readonly notifications?: NotificationLevel;
}

export const RING_TYPE = "#microsoft.graph.windowsUpdateForBusinessConfiguration";

type Value = string | number | boolean | null | Readonly<Record<string, string>>;
export type RingProperties = Readonly<Record<string, Value>>;

/** Properties of the Intune update ring that carries the settings, those common to all rings included (§5.2). */
export function ringProperties(settings: UpdateRingSettings): RingProperties {
  const cadence = settings.cadence ?? { kind: "deadlineDriven" };
  const deadlines = cadence.kind === "deadlineDriven";
  return {
    qualityUpdatesDeferralPeriodInDays: settings.qualityDeferralDays,
    deadlineForQualityUpdatesInDays: deadlines ? settings.qualityDeadlineDays : null,
    deadlineForFeatureUpdatesInDays: deadlines ? (settings.featureDeadlineDays ?? 5) : null,
    deadlineGracePeriodInDays: deadlines ? settings.graceDays : null,
    postponeRebootUntilAfterDeadline: false,
    updateNotificationLevel: settings.notifications ?? "defaultNotifications",
    ...common,
    ...cadenceProperties(cadence),
  };
}

const common: RingProperties = {
  featureUpdatesDeferralPeriodInDays: 0,
  featureUpdatesRollbackWindowInDays: 30,
  microsoftUpdateServiceAllowed: true,
  driversExcluded: false,
  allowWindows11Upgrade: false,
  businessReadyUpdatesOnly: "all",
  skipChecksBeforeRestart: false,
  userPauseAccess: "disabled",
};

function cadenceProperties(cadence: InstallCadence): RingProperties {
  switch (cadence.kind) {
    case "deadlineDriven":
      return { automaticUpdateMode: "windowsDefault", installationSchedule: null, updateWeeks: null };
    case "activeHours":
      return {
        automaticUpdateMode: "autoInstallAtMaintenanceTime",
        installationSchedule: {
          "@odata.type": "#microsoft.graph.windowsUpdateActiveHoursInstall",
          activeHoursStart: timeOfDay(cadence.start),
          activeHoursEnd: timeOfDay(cadence.end),
        },
        updateWeeks: null,
      };
    case "scheduled":
      return {
        automaticUpdateMode: "autoInstallAndRebootAtScheduledTime",
        installationSchedule: {
          "@odata.type": "#microsoft.graph.windowsUpdateScheduledInstall",
          scheduledInstallDay: cadence.day,
          scheduledInstallTime: timeOfDay(cadence.hour),
        },
        updateWeeks: cadence.weeks.join(","),
      };
  }
}

/** Intune writes times with seven decimals (graph.md §2.5). */
function timeOfDay(hour: number): string {
  return `${String(hour).padStart(2, "0")}:00:00.0000000`;
}

export interface Deviation {
  /** Property of the update ring, e.g. `deadlineGracePeriodInDays`. */
  readonly setting: string;
  readonly wanted: unknown;
  readonly actual: unknown;
}

/** Where an update ring in the tenant deviates from the settings wanted; empty when it carries them all. */
export function diff(wanted: UpdateRingSettings, actual: Readonly<Record<string, unknown>>): Deviation[] {
  return Object.entries(ringProperties(wanted))
    .filter(([setting, value]) => canonical(value) !== canonical(actual[setting]))
    .map(([setting, value]) => ({ setting, wanted: value, actual: actual[setting] ?? null }));
}

/** Order of keys, order of weeks, decimals of a time and "not configured" spellings make no difference. */
function canonical(value: unknown): string {
  if (value === undefined || value === null || value === "userDefined") return "null";
  if (typeof value === "string")
    return value
      .replace(/\.0+$/, "")
      .split(",")
      .map((part) => part.trim())
      .sort()
      .join(",");
  if (typeof value !== "object") return String(value);
  const pairs = Object.entries(value).map(([key, inner]) => `${key}=${canonical(inner).replace("#", "")}`);
  return pairs.sort().join(";");
}
