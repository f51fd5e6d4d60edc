import { z } from "zod";
import { ringSchema } from "./ring.js";

/** Settings that all update rings of a group share, by Graph's names and with the service's values (autopatch.md §5.2). */
export const commonSettingsSchema = z.strictObject({
  microsoftUpdateServiceAllowed: z.boolean().default(true),
  driversExcluded: z.boolean().default(false),
  allowWindows11Upgrade: z.boolean().default(false),
  /** Servicing channel; `all` is General Availability. */
  businessReadyUpdatesOnly: z.enum(["all", "businessReadyOnly"]).default("all"),
  /** False: Windows checks battery and power before a restart. */
  skipChecksBeforeRestart: z.boolean().default(false),
  userPauseAccess: z.enum(["enabled", "disabled"]).default("disabled"),
  userWindowsUpdateScanAccess: z.enum(["enabled", "disabled"]).default("enabled"),
  /** False: Windows may restart by itself before the deadline, outside active hours. */
  postponeRebootUntilAfterDeadline: z.boolean().default(false),
  /** Hour of day, device time. */
  installHour: z.int().min(0).max(23).default(3),
  /** Days in which an update can be uninstalled. */
  uninstallWindowDays: z.int().min(2).max(60).default(30),
});
export type CommonSettings = z.infer<typeof commonSettingsSchema>;

/** How much the health gate may do: nothing, tell people, or hold and pause (design.md §2). */
export const GateMode = { off: "off", advise: "advise", enforce: "enforce" } as const;
export type GateMode = (typeof GateMode)[keyof typeof GateMode];

export const gateSettingsSchema = z.strictObject({
  mode: z.enum([GateMode.off, GateMode.advise, GateMode.enforce]).default(GateMode.enforce),
  /** Hours a hold may last before a person is asked (gate.md §2.4). */
  askAfterHours: z.int().min(1).max(336).default(48),
});
export type GateSettings = z.infer<typeof gateSettingsSchema>;

/** The one monitoring rule a group may have (autopatch.md §5.12). */
export const monitoringRuleSchema = z.strictObject({
  signal: z.literal("rollback"),
  /** Percent of offered devices. */
  threshold: z.int().min(1).max(100),
  action: z.enum(["alertError", "pauseDeployment"]),
});
export type MonitoringRule = z.infer<typeof monitoringRuleSchema>;

/** An Autopatch group: ordered deployment rings and how they are updated (autopatch.md §2.1). */
export const groupSchema = z.strictObject({
  name: z.string().trim().min(1).max(64),
  description: z.string().max(150).default(""),
  rings: z.array(ringSchema).min(2).max(15),
  common: commonSettingsSchema.prefault({}),
  gate: gateSettingsSchema.prefault({}),
  monitoringRule: monitoringRuleSchema.optional(),
  /** Whether devices that can take hotpatches get them. */
  hotpatch: z.boolean().default(true),
  /** Whether the service may expedite a quality update when the risk is high (§5.7). */
  expeditedQualityUpdates: z.boolean().default(true),
});
export type AutopatchGroup = z.infer<typeof groupSchema>;
/** What a caller may write: everything with a default may be left out. */
export type AutopatchGroupInput = z.input<typeof groupSchema>;
