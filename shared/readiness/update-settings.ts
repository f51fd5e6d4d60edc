/** A setting found on a device, by its name alone or with its value. */
export type FoundSetting = string | { readonly name: string; readonly value: string | number };

/** Policies of the Update CSP that an administrator may set besides the service, with their ranges (autopatch.md §5.8). */
const ALLOWED: Readonly<Record<string, readonly [least: number, most: number]>> = {
  activehoursstart: [0, 23],
  activehoursend: [0, 23],
  activehoursmaxrange: [8, 18],
};
/** Most hours between start and end of active hours. */
const MOST_ACTIVE_HOURS = 12;

/**
 * Policies of the Update CSP that the service's own update rings, its detection frequency policy and that of devices opted
 * out of safeguards set.
 */
const OWN: ReadonlySet<string> = new Set(
  [
    "AllowAutoUpdate",
    "AllowMUUpdateService",
    "BranchReadinessLevel",
    "ConfigureDeadlineForFeatureUpdates",
    "ConfigureDeadlineForQualityUpdates",
    "ConfigureDeadlineGracePeriod",
    "ConfigureDeadlineGracePeriodForFeatureUpdates",
    "ConfigureDeadlineNoAutoReboot",
    "ConfigureFeatureUpdateUninstallPeriod",
    "DeferFeatureUpdatesPeriodInDays",
    "DeferQualityUpdatesPeriodInDays",
    "DetectionFrequency",
    "DisableWUfBSafeguards",
    "ExcludeWUDriversInQualityUpdate",
    "ManagePreviewBuilds",
    "PauseFeatureUpdates",
    "PauseFeatureUpdatesStartTime",
    "PauseQualityUpdates",
    "PauseQualityUpdatesStartTime",
    "ScheduledInstallDay",
    "ScheduledInstallEveryWeek",
    "ScheduledInstallFirstWeek",
    "ScheduledInstallFourthWeek",
    "ScheduledInstallSecondWeek",
    "ScheduledInstallThirdWeek",
    "ScheduledInstallTime",
    "SetDisablePauseUXAccess",
    "SetDisableUXWUAccess",
    "SetEDURestart",
    "UpdateNotificationLevel",
  ].map((name) => name.toLowerCase()),
);

/** Registry values that direct or switch off Windows Update, by their last name (autopatch.md §5.8). */
const CONFLICTING_VALUES: readonly string[] = [
  "DoNotConnectToWindowsUpdateInternetLocations",
  "DisableWindowsUpdateAccess",
  "WUServer",
  "AU\\UseWUServer",
  "AU\\NoAutoUpdate",
];

/** Update CSP policies on the device that make it Not ready, as the administrator reads them. */
export function conflictingPolicies(found: readonly FoundSetting[]): string[] {
  if (found.length === 0) return [];
  const conflicts = found.filter((setting) => !isFine(setting)).map(described);
  const [start, end] = [numberOf(found, "activehoursstart"), numberOf(found, "activehoursend")];
  if (start !== undefined && end !== undefined && (end - start + 24) % 24 > MOST_ACTIVE_HOURS) {
    conflicts.push(`ActiveHoursStart ${start} to ActiveHoursEnd ${end} (more than ${MOST_ACTIVE_HOURS} hours)`);
  }
  return conflicts;
}

/** Which of the five conflicting registry values are set; a value of 0 or nothing counts as not set. */
export function conflictingRegistryValues(found: readonly FoundSetting[]): string[] {
  if (found.length === 0) return [];
  const set = new Set(found.filter(isSet).map(shortName));
  return CONFLICTING_VALUES.filter((name) => set.has(shortName(name)));
}

function isFine(setting: FoundSetting): boolean {
  const name = shortName(setting);
  if (OWN.has(name)) return true;
  const range = ALLOWED[name];
  if (range === undefined) return false;
  if (typeof setting === "string") return true;
  const value = Number(setting.value);
  return value >= range[0] && value <= range[1];
}

function numberOf(found: readonly FoundSetting[], name: string): number | undefined {
  const setting = found.find((each) => shortName(each) === name);
  return setting === undefined || typeof setting === "string" ? undefined : Number(setting.value);
}

/** The last part of a CSP path or of a registry key, without case. */
function shortName(setting: FoundSetting): string {
  const name = typeof setting === "string" ? setting : setting.name;
  return (name.split(/[\\/]/).at(-1) ?? name).toLowerCase();
}

function isSet(setting: FoundSetting): boolean {
  return typeof setting === "string" || !["", "0"].includes(String(setting.value));
}

function described(setting: FoundSetting): string {
  return typeof setting === "string" ? setting : `${setting.name} = ${setting.value}`;
}
