import { z } from "zod";

/** When devices of a ring install and restart (autopatch.md §5.4). Hours 0–23 on the device's own clock. */
const cadenceSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("deadlineDriven") }),
  z.strictObject({
    type: z.literal("scheduledInstall"),
    install: z.discriminatedUnion("kind", [
      z.strictObject({
        kind: z.literal("activeHours"),
        startHour: z.int().min(0).max(23),
        endHour: z.int().min(0).max(23),
      }),
      z.strictObject({
        kind: z.literal("schedule"),
        occurrence: z.enum(["weekly", "biWeekly", "monthly"]),
        /** The week of the month a monthly plan uses, or the first of the two weeks of a bi-weekly plan. */
        week: z.int().min(1).max(4).default(1),
        /** 0 is Sunday. */
        day: z.int().min(0).max(6),
        hour: z.int().min(0).max(23),
      }),
    ]),
  }),
]);
export type Cadence = z.infer<typeof cadenceSchema>;

/** The four notification options of a ring, by the names Graph uses (`updateNotificationLevel`). */
export const NotificationLevel = {
  notConfigured: "notConfigured",
  default: "defaultNotifications",
  restartWarningsOnly: "restartWarningsOnly",
  none: "disableAllNotifications",
} as const;
export type NotificationLevel = (typeof NotificationLevel)[keyof typeof NotificationLevel];

const notificationLevels = Object.values(NotificationLevel) as [NotificationLevel, ...NotificationLevel[]];

/** What a deployment ring does with updates. All periods in days, with the ranges of autopatch.md §5.4. */
export const ringSettingsSchema = z.strictObject({
  /** Days after publication before the update is offered. */
  qualityDeferralDays: z.int().min(0).max(30),
  /** Days after the offer until installation is forced. Typed values are 2–30; the service's own go down to 0. */
  qualityDeadlineDays: z.int().min(0).max(30),
  /** Days between pending restart and forced restart, whatever the deadline says. */
  gracePeriodDays: z.int().min(0).max(7),
  featureDeferralDays: z.int().min(0).max(365).default(0),
  featureDeadlineDays: z.int().min(0).max(30).default(5),
  cadence: cadenceSchema.default({ type: "deadlineDriven" }),
  notifications: z.enum(notificationLevels).default(NotificationLevel.default),
  /** Share of the ring offered by each wave; the shares add up to 1. */
  waves: z.array(z.number().gt(0).max(1)).min(1).max(10).default([1]),
  /** Hours between two waves of the ring (the service's gradual rollout waits a day, §5.12). */
  waveIntervalHours: z.int().min(1).max(336).default(24),
});
export type RingSettings = z.infer<typeof ringSettingsSchema>;

/** Whether new drivers are approved by themselves after the ring's deferral, or by people (autopatch.md §7). */
export const DriverApproval = { automatic: "automatic", manual: "manual" } as const;
export type DriverApproval = (typeof DriverApproval)[keyof typeof DriverApproval];

/** How devices reach a ring (autopatch.md §2.2): from a directory group of its own, by its share of the pool, or both. */
export const distributionSchema = z.strictObject({
  /** Entra group whose devices are in this ring. */
  assignedGroupId: z.guid().toLowerCase().optional(),
  /** Percent of the group's dynamic pool. */
  dynamicPercent: z.int().min(1).max(100).optional(),
});
export type Distribution = z.infer<typeof distributionSchema>;

export const ringSchema = z.strictObject({
  name: z.string().trim().min(1).max(64),
  distribution: distributionSchema.prefault({}),
  /** The ring's own way of approving drivers; absent: that of the group (autopatch.md §7: a group may mix both). */
  driverApproval: z.enum(DriverApproval).optional(),
  ...ringSettingsSchema.shape,
});
export type DeploymentRing = z.infer<typeof ringSchema>;

/** The settings of a ring without its name, its devices and what is not frozen while a release runs. */
export function settingsOf(ring: DeploymentRing): RingSettings {
  const { name: _name, distribution: _distribution, driverApproval: _approval, ...settings } = ring;
  return settings;
}

/** Whether a ring has deadline and grace period at all; scheduled install has neither and is outside the SLO. */
export function isDeadlineDriven(ring: Pick<RingSettings, "cadence">): boolean {
  return ring.cadence.type === "deadlineDriven";
}

/** Hours between the start and the end of active hours, over midnight where need be; equal hours mean the whole day. */
export function activeHoursSpan(startHour: number, endHour: number): number {
  return (endHour - startHour + 24) % 24 || 24;
}

/** Weeks of the month (1–4) in which a scheduled ring installs; all four for weekly plans. */
export function weeksOfMonth(schedule: { occurrence: "weekly" | "biWeekly" | "monthly"; week: number }): number[] {
  if (schedule.occurrence === "weekly") return [1, 2, 3, 4];
  return schedule.occurrence === "monthly" ? [schedule.week] : schedule.week % 2 === 1 ? [1, 3] : [2, 4];
}
