import { z } from "zod";
import { MONITORING_ACTIONS, MONITORING_SIGNALS } from "./deployment.js";

/** Most devices of one deployment or policy, those that it leaves out among them: they are one row. More are for rings. */
export const MOST_DEVICES = 10_000;

const deviceId = z.guid().toLowerCase();
const devices = z
  .array(deviceId)
  .max(MOST_DEVICES)
  .transform((ids) => [...new Set(ids)]);
const chosen = devices.refine((ids) => ids.length > 0, "name one device at least");
const justification = z.string().trim().min(1).max(1000).optional();
const instant = z.iso.datetime({ offset: true }).transform((text) => Date.parse(text));
const daysBetweenOffers = z.int().min(1).max(30).default(1).describe("P1D to P30D.");
const name = z.string().trim().min(1).max(200).optional().describe("Default: that of what is deployed.");

const rollout = z.union([
  z.strictObject({ devicesPerOffer: z.int().min(1).max(MOST_DEVICES), daysBetweenOffers }),
  z.strictObject({ endAt: instant.describe("Everybody is offered before it."), daysBetweenOffers }),
]);

const scheduleForm = z.strictObject({
  startAt: instant.optional().describe("First offer; default: at once."),
  rollout: rollout.optional().describe("Default: everybody at the start."),
});
export type ScheduleForm = z.output<typeof scheduleForm>;

/** One rule: rollbacks at or above a percentage, or Windows 10 for devices that cannot take Windows 11. */
export const ruleForm = z
  .strictObject({
    signal: z.enum(MONITORING_SIGNALS),
    threshold: z.int().min(1).max(100).optional().describe("Percent of the devices offered; of rollbacks only."),
    action: z.enum(MONITORING_ACTIONS),
  })
  .refine(({ signal, action }) => (signal === "ineligible") === (action === "offerFallback"), {
    path: ["action"],
    error: "ineligible and offerFallback belong together",
  })
  .refine(({ signal, threshold }) => (signal === "rollback") === (threshold !== undefined), {
    path: ["threshold"],
    error: "a rollback rule needs a threshold of 1 to 100 percent, the other rule has none",
  });
export type RuleForm = z.output<typeof ruleForm>;

const safeguards = z.strictObject({
  likelyIssues: z.boolean().describe("Whether holds for likely issues keep devices from it; default: they do."),
});

export const deploymentForm = z.strictObject({
  name,
  catalogEntryId: z.string().min(1).max(100),
  devices: chosen.describe("Entra deviceIds."),
  exclusions: devices.default([]).describe("Devices that it never reaches."),
  schedule: scheduleForm.default({}),
  expedite: z
    .strictObject({
      daysUntilForcedReboot: z.int().min(0).max(2).default(1),
      readinessTest: z.boolean().default(false).describe("Delivers nothing, only tests the prerequisites."),
    })
    .optional(),
  monitoringRule: ruleForm.optional(),
  safeguards: safeguards.optional(),
  offerAsOptional: z.boolean().default(false),
  justification,
});
export type DeploymentForm = z.output<typeof deploymentForm>;

/** New settings; what is left out stays. A schedule is replaced as a whole. */
export const settingsForm = z
  .strictObject({
    schedule: scheduleForm.optional(),
    safeguards: safeguards.optional(),
    offerAsOptional: z.boolean().optional(),
    justification,
  })
  .refine(
    ({ schedule, safeguards: guards, offerAsOptional }) => (schedule ?? guards ?? offerAsOptional) !== undefined,
    {
      message: "name something to change",
    },
  );
export type SettingsForm = z.output<typeof settingsForm>;

export const audienceForm = z.strictObject({
  addDevices: devices.default([]),
  removeDevices: devices.default([]),
  addExclusions: devices.default([]),
  removeExclusions: devices.default([]),
  justification,
});
export type AudienceForm = z.output<typeof audienceForm>;

export const reasonForm = z.strictObject({ justification });

export const policyForm = z.strictObject({
  name: z.string().trim().min(1).max(200),
  category: z.enum(["driver", "quality"]),
  devices: chosen.describe("Entra deviceIds."),
  exclusions: devices.default([]),
  automatic: z
    .strictObject({
      deferralDays: z.int().min(1).max(30).describe("From publication to the offer."),
      classification: z.enum(["all", "security", "nonSecurity"]).optional().describe("Of quality updates."),
      cadence: z.enum(["monthly", "outOfBand"]).optional().describe("Of quality updates."),
    })
    .optional()
    .describe("Default: people approve each update."),
  hotpatch: z.boolean().default(false),
  justification,
});
export type PolicyForm = z.output<typeof policyForm>;

export const approvalForm = z.strictObject({
  catalogEntryId: z.string().min(1).max(100),
  startAt: instant.optional(),
  justification,
});
export type ApprovalForm = z.output<typeof approvalForm>;
