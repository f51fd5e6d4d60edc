import { z } from "zod";
import { DriverApproval, ringSchema } from "./ring.js";

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
  /**
   * Chance that a healthy release is ever paused: it pauses at evidence 1/α (gate.md §2), at once on six failures, on
   * fewer after a week (gate/method.ts).
   */
  alpha: z.number().min(0.0001).max(0.2).default(0.01),
  /** Evidence from which new offers wait (gate.md §2.4); below 1/α. */
  holdEvidence: z.number().min(1.5).max(1_000).default(5),
  /** H: devices above the tolerated rate that may come to harm unseen; null: max(20, 0.1 % of the group) (gate.md §3). */
  harmBound: z.number().min(1).max(100_000).nullable().default(null),
  /** `measured`: a ring opens in waves as wide as the evidence allows. `planned`: in its own waves, on its own days. */
  offers: z.enum(["measured", "planned"]).default("measured"),
  /** Before a ring opens, devices like those that failed are held, at most 5 % of it, from 1,000 finished devices on (gate.md §6). */
  likelyIssues: z.boolean().default(true),
});
export type GateSettings = z.infer<typeof gateSettingsSchema>;

/** How many people have to say the same before it counts. */
export const ApprovalMode = { any: "any", all: "all", quorum: "quorum" } as const;
export type ApprovalMode = (typeof ApprovalMode)[keyof typeof ApprovalMode];

const people = z.array(z.guid().toLowerCase()).transform((oids) => [...new Set(oids)]);

/**
 * How questions about releases of the group are decided. Answers are counted each on its own, one voice per person, the
 * latest that the person gave; the answer that first has enough voices is taken, whether it lets the release go on or
 * ends it. A question keeps the settings with which it was asked.
 */
export const approvalSettingsSchema = z.strictObject({
  /** `any`: one voice; `quorum`: as many as `quorum` says; `all`: as many as there are `approvers`. */
  mode: z.enum(ApprovalMode).default(ApprovalMode.any),
  /** Voices that an answer needs; with `mode: quorum` only. */
  quorum: z.int().min(1).max(20).optional(),
  /** Object ids in Entra of those whose answers count; they need the role Approver too. Empty: all who have it. */
  approvers: people.pipe(z.array(z.string()).max(20)).default([]),
  /** Object ids of those who are asked too, each in a chat, when nobody has decided after a while; their answers count then. */
  escalateTo: people.pipe(z.array(z.string()).max(20)).default([]),
  /** Hours until then. Default, and for questions that time out by then: half of the time-out. */
  escalateAfterHours: z.int().min(1).max(336).optional(),
  /** Hours after which the configured answer is taken. Default: that of the question (shared/approvals/questions.ts). */
  timeOutHours: z.int().min(1).max(336).optional(),
  /** The answer taken then, for questions that offer it. Default: that of the question. */
  timeOutAnswer: z.enum(["keep", "pause"]).optional(),
});
export type ApprovalSettings = z.infer<typeof approvalSettingsSchema>;

/** The one monitoring rule a group may have (autopatch.md §5.12). */
export const monitoringRuleSchema = z.strictObject({
  signal: z.literal("rollback"),
  /** Percent of offered devices. */
  threshold: z.int().min(1).max(100),
  action: z.enum(["alertError", "pauseDeployment"]),
});
export type MonitoringRule = z.infer<typeof monitoringRuleSchema>;

/** Starting points for the rings of a new group (autopatch.md §2.3); chosen once. */
export const Preset = {
  informationWorker: "informationWorker",
  sharedDevice: "sharedDevice",
  kiosksAndBillboards: "kiosksAndBillboards",
  rebootSensitive: "rebootSensitive",
} as const;
export type Preset = (typeof Preset)[keyof typeof Preset];

/** Which kinds of updates the service manages for the group. Microsoft 365 Apps and Edge are opt-in (§8). */
const updateTypesSchema = z.strictObject({
  quality: z.boolean().default(true),
  feature: z.boolean().default(true),
  driver: z.boolean().default(true),
  microsoft365Apps: z.boolean().default(false),
  edge: z.boolean().default(false),
});

const deploymentSettingsSchema = z.strictObject({
  /** Least Windows version of the group as the feature catalogue names it; null leaves versions alone. */
  targetFeatureVersion: z.string().min(1).nullable().default(null),
  /** In rings without one of their own. Another way loses every decision about drivers (autopatch.md §7). */
  driverApproval: z.enum(DriverApproval).default(DriverApproval.automatic),
  /** Channel of every ring but Test, which is on Beta (§8.2). */
  edgeChannel: z.enum(["stable", "extended"]).default("stable"),
});

/** An Autopatch group: ordered deployment rings and how they are updated (autopatch.md §2.1). */
export const groupSchema = z.strictObject({
  name: z.string().trim().min(1).max(64),
  description: z.string().max(150).default(""),
  preset: z.enum(Preset).default(Preset.informationWorker),
  rings: z.array(ringSchema).min(2).max(15),
  /** Entra groups whose devices are split over the rings with a dynamic percentage (§2.2). */
  dynamicGroupIds: z.array(z.guid().toLowerCase()).max(100).default([]),
  updateTypes: updateTypesSchema.prefault({}),
  deploymentSettings: deploymentSettingsSchema.prefault({}),
  /** Ids of Intune scope tags; "0" is the default one. */
  scopeTagIds: z.array(z.string().regex(/^\d+$/)).min(1).max(100).default(["0"]),
  common: commonSettingsSchema.prefault({}),
  gate: gateSettingsSchema.prefault({}),
  approvals: approvalSettingsSchema.prefault({}),
  monitoringRule: monitoringRuleSchema.optional(),
  /** Whether devices that can take hotpatches get them. */
  hotpatch: z.boolean().default(true),
  /** Whether the service may expedite a quality update when the risk is high (§5.7). */
  expeditedQualityUpdates: z.boolean().default(true),
});
export type AutopatchGroup = z.infer<typeof groupSchema>;
/** What a caller may write: everything with a default may be left out. */
export type AutopatchGroupInput = z.input<typeof groupSchema>;
