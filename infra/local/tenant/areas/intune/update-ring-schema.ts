import { z } from "zod";

export const UPDATE_RING_TYPE = "#microsoft.graph.windowsUpdateForBusinessConfiguration";

const days = (min: number, max: number) => z.int().min(min).max(max);
const access = z.enum(["notConfigured", "enabled", "disabled"]);
const time = z.string().regex(/^\d{2}:\d{2}:\d{2}(\.\d{1,7})?$/);
/** Flags: several weeks are written with commas. */
const weeks = z
  .string()
  .regex(/^(userDefined|everyWeek|(first|second|third|fourth)Week(, ?(first|second|third|fourth)Week)*)$/);
const weekday = "sunday monday tuesday wednesday thursday friday saturday".split(" ");

const installationSchedule = z.union([
  z.object({
    "@odata.type": z.literal("#microsoft.graph.windowsUpdateActiveHoursInstall"),
    activeHoursStart: time,
    activeHoursEnd: time,
  }),
  z.object({
    "@odata.type": z.literal("#microsoft.graph.windowsUpdateScheduledInstall"),
    scheduledInstallDay: z.enum(["userDefined", "everyday", ...weekday, "noScheduledScan"]),
    scheduledInstallTime: time,
  }),
]);

/** Writable properties of an update ring with their ranges (graph.md §2.5). */
export const updateRingSchema = z.object({
  displayName: z.string().min(1).max(200),
  description: z.string().max(1500).nullable(),
  roleScopeTagIds: z.array(z.string()),
  qualityUpdatesDeferralPeriodInDays: days(0, 30),
  featureUpdatesDeferralPeriodInDays: days(0, 365),
  deadlineForQualityUpdatesInDays: days(0, 30).nullable(),
  deadlineForFeatureUpdatesInDays: days(0, 30).nullable(),
  deadlineGracePeriodInDays: days(0, 7).nullable(),
  postponeRebootUntilAfterDeadline: z.boolean().nullable(),
  qualityUpdatesPaused: z.boolean(),
  featureUpdatesPaused: z.boolean(),
  qualityUpdatesWillBeRolledBack: z.boolean().nullable(),
  featureUpdatesWillBeRolledBack: z.boolean().nullable(),
  featureUpdatesRollbackWindowInDays: days(2, 60).nullable(),
  automaticUpdateMode: z.enum([
    "userDefined",
    "notifyDownload",
    "autoInstallAtMaintenanceTime",
    "autoInstallAndRebootAtMaintenanceTime",
    "autoInstallAndRebootAtScheduledTime",
    "autoInstallAndRebootWithoutEndUserControl",
    "windowsDefault",
  ]),
  installationSchedule: installationSchedule.nullable(),
  businessReadyUpdatesOnly: z.enum([
    "userDefined",
    "all",
    "businessReadyOnly",
    "windowsInsiderBuildFast",
    "windowsInsiderBuildSlow",
    "windowsInsiderBuildRelease",
  ]),
  driversExcluded: z.boolean(),
  microsoftUpdateServiceAllowed: z.boolean(),
  allowWindows11Upgrade: z.boolean(),
  skipChecksBeforeRestart: z.boolean(),
  deliveryOptimizationMode: z.enum([
    "userDefined",
    "httpOnly",
    "httpWithPeeringNat",
    "httpWithPeeringPrivateGroup",
    "httpWithInternetPeering",
    "simpleDownload",
    "bypassMode",
  ]),
  prereleaseFeatures: z.enum(["userDefined", "settingsOnly", "settingsAndExperimentations", "notAllowed"]),
  updateWeeks: weeks.nullable(),
  updateNotificationLevel: z.enum([
    "notConfigured",
    "defaultNotifications",
    "restartWarningsOnly",
    "disableAllNotifications",
  ]),
  autoRestartNotificationDismissal: z.enum(["notConfigured", "automatic", "user"]),
  userPauseAccess: access,
  userWindowsUpdateScanAccess: access,
  scheduleRestartWarningInHours: z.literal([2, 4, 8, 12, 24]).nullable(),
  scheduleImminentRestartWarningInMinutes: z.literal([15, 30, 60]).nullable(),
  engagedRestartDeadlineInDays: days(2, 30).nullable(),
  engagedRestartSnoozeScheduleInDays: days(1, 3).nullable(),
  engagedRestartTransitionScheduleInDays: days(0, 30).nullable(),
});

export type UpdateRingSettings = z.infer<typeof updateRingSchema>;

/** What a body leaves out when a ring is created. */
export const UPDATE_RING_DEFAULTS: Omit<UpdateRingSettings, "displayName"> = {
  description: null,
  roleScopeTagIds: ["0"],
  qualityUpdatesDeferralPeriodInDays: 0,
  featureUpdatesDeferralPeriodInDays: 0,
  deadlineForQualityUpdatesInDays: null,
  deadlineForFeatureUpdatesInDays: null,
  deadlineGracePeriodInDays: null,
  postponeRebootUntilAfterDeadline: null,
  qualityUpdatesPaused: false,
  featureUpdatesPaused: false,
  qualityUpdatesWillBeRolledBack: null,
  featureUpdatesWillBeRolledBack: null,
  featureUpdatesRollbackWindowInDays: null,
  automaticUpdateMode: "userDefined",
  installationSchedule: null,
  businessReadyUpdatesOnly: "userDefined",
  driversExcluded: false,
  microsoftUpdateServiceAllowed: false,
  allowWindows11Upgrade: false,
  skipChecksBeforeRestart: false,
  deliveryOptimizationMode: "userDefined",
  prereleaseFeatures: "userDefined",
  updateWeeks: null,
  updateNotificationLevel: "notConfigured",
  autoRestartNotificationDismissal: "notConfigured",
  userPauseAccess: "notConfigured",
  userWindowsUpdateScanAccess: "notConfigured",
  scheduleRestartWarningInHours: null,
  scheduleImminentRestartWarningInMinutes: null,
  engagedRestartDeadlineInDays: null,
  engagedRestartSnoozeScheduleInDays: null,
  engagedRestartTransitionScheduleInDays: null,
};
