import { z } from "zod";
import { iso } from "../calendar/days.js";
import { Category, type Content } from "../graph/deployments/content.js";
import { instant } from "../schema.js";
import { CAPABILITIES, Capability } from "./capabilities.js";
import {
  type Carried,
  type Deployment,
  MONITORING_ACTIONS,
  MONITORING_SIGNALS,
  Phase,
  Reason,
  type UpdatePolicy,
} from "./deployment.js";
import { plannedOffers } from "./offers.js";
import { EffectiveValue, stateOf } from "./state.js";

const at = (ms: number | null) => (ms === null ? null : iso(ms));

const contentSchema = z.object({
  catalogEntryId: z.string(),
  name: z.string(),
  releasedAt: instant.nullable(),
  deployableUntil: instant.nullable(),
});

const carriedShape = {
  id: z.string(),
  name: z.string(),
  phase: z.enum(Phase).describe("How far it is on its way through the tenant."),
  pending: z.boolean().describe("Whether a decision is still on its way to the tenant."),
  problem: z.string().nullable().describe("What keeps it from there."),
  devices: z.int().describe("Devices that it reaches, without those that are excluded."),
  rings: z.array(z.object({ groupId: z.string(), ring: z.string(), devices: z.int() })),
  note: z.string().nullable().describe("What to know where devices are in rings."),
  unregistered: z.array(z.object({ deviceId: z.string(), reason: z.string() })),
  audienceId: z.string().nullable().describe("Id of its audience in the tenant."),
  createdAt: instant,
  createdBy: z.string(),
};

const ruleSchema = z.object({
  signal: z.enum(MONITORING_SIGNALS),
  threshold: z.number().nullable(),
  action: z.enum(MONITORING_ACTIONS),
});

export const deploymentView = z
  .object({
    ...carriedShape,
    category: z.enum(Category),
    content: contentSchema,
    state: z.object({
      effectiveValue: z.enum(EffectiveValue),
      requestedValue: z.enum(["none", "paused", "archived"]),
      reasons: z.array(z.enum(Reason)),
    }),
    schedule: z.object({
      startAt: instant.nullable().describe("Null: at once."),
      devicesPerOffer: z.int().describe("Of an end date as planned here; Windows Update sizes its offers itself."),
      daysBetweenOffers: z.int(),
      offers: z.int(),
      firstOfferAt: instant,
      lastOfferAt: instant,
      endAt: instant.nullable().describe("Before which everybody is offered it; null: the rate says."),
    }),
    expedite: z.object({ readinessTest: z.boolean(), daysUntilForcedReboot: z.int() }).nullable(),
    monitoringRule: ruleSchema.nullable(),
    measured: z.object({ at: instant, offered: z.int(), rolledBack: z.int() }).nullable(),
    safeguards: z.object({ likelyIssues: z.boolean() }).nullable().describe("Null: the category has none."),
    offerAsOptional: z.boolean(),
    paused: z
      .object({ reason: z.enum(Reason), at: instant, by: z.string(), justification: z.string().nullable() })
      .nullable(),
    alerts: z.array(z.object({ at: instant, alert: z.string(), message: z.string() })),
    deploymentId: z.string().nullable().describe("Id in the tenant, of the update policy for drivers."),
  })
  .meta({ id: "Deployment" });

export const policyView = z
  .object({
    ...carriedShape,
    category: z.enum(["driver", "quality"]),
    automatic: z
      .object({ deferralDays: z.int(), classification: z.string().optional(), cadence: z.string().optional() })
      .nullable(),
    hotpatch: z.boolean(),
    approvals: z.array(
      z.object({ ...contentSchema.shape, startAt: instant.nullable(), approvedAt: instant, approvedBy: z.string() }),
    ),
    policyId: z.string().nullable().describe("Id in the tenant."),
  })
  .meta({ id: "UpdatePolicy" });

const byCategory = z.object({ quality: z.boolean(), feature: z.boolean(), driver: z.boolean() });

/** Which updates have which capability. */
export const capabilitiesView = z.object({
  approvalAndScheduling: byCategory,
  gradualRollout: byCategory,
  expedite: byCategory,
  safeguardHolds: byCategory,
});

/** What can be deployed, with what can be decided about it. */
export const contentView = z
  .object({
    ...contentSchema.shape,
    category: z.enum(Category),
    isExpeditable: z.boolean(),
    capabilities: z.array(z.enum(Capability)),
  })
  .meta({ id: "DeployableContent" });

/** A deployment as the API shows it. @param now ms */
export function viewOf(deployment: Deployment, now: number): z.input<typeof deploymentView> {
  const { category, content, settings, paused, measured, alerts, graphId } = deployment;
  const { expedite } = settings;
  return {
    ...carriedView(deployment),
    ...{
      category,
      content: contentOf(content),
      state: { ...stateOf(deployment, now), reasons: [...stateOf(deployment, now).reasons] },
    },
    schedule: scheduleView(deployment),
    expedite: expedite && {
      readinessTest: expedite.isReadinessTest,
      daysUntilForcedReboot: expedite.daysUntilForcedReboot,
    },
    monitoringRule: settings.rule,
    measured: measured && { ...measured, at: iso(measured.at) },
    safeguards: CAPABILITIES.safeguardHolds[category] ? { likelyIssues: !settings.ignoresLikelyIssues } : null,
    offerAsOptional: settings.offerAsOptional,
    paused: paused && { ...paused, at: iso(paused.at), by: paused.by.name },
    alerts: alerts.map((alert) => ({ ...alert, at: iso(alert.at) })),
    deploymentId: graphId,
  };
}

export function policyViewOf(policy: UpdatePolicy): z.input<typeof policyView> {
  const { category, rule, hotpatch, approvals, graphId } = policy;
  return {
    ...carriedView(policy),
    ...{ category, automatic: rule, hotpatch, policyId: graphId },
    approvals: approvals.map(({ content, startAt, approvedAt, approvedBy }) => ({
      ...contentOf(content),
      ...{ startAt: at(startAt), approvedAt: iso(approvedAt), approvedBy: approvedBy.name },
    })),
  };
}

export function contentViewOf(content: Content): z.input<typeof contentView> {
  const { category, isExpeditable } = content;
  const able = Object.values(Capability).filter((each) => CAPABILITIES[each][category]);
  return { ...contentOf(content), category, isExpeditable, capabilities: able };
}

function contentOf({ catalogEntryId, name, releasedAt, deployableUntil }: Deployment["content"] | Content) {
  return { catalogEntryId, name, releasedAt: at(releasedAt), deployableUntil: at(deployableUntil) };
}

function scheduleView(deployment: Deployment) {
  const { settings } = deployment;
  const { devicesPerOffer, daysBetweenOffers, offers, firstAt, lastAt } = plannedOffers(deployment);
  return {
    ...{ startAt: at(settings.startAt), devicesPerOffer, daysBetweenOffers, offers },
    ...{ firstOfferAt: iso(firstAt), lastOfferAt: iso(lastAt) },
    endAt: settings.rollout?.kind === "date" ? iso(settings.rollout.endAt) : null,
  };
}

function carriedView(record: Carried) {
  const { id, name, phase, pending, problem, devices, rings, unregistered, audience, createdAt, createdBy } = record;
  return {
    ...{ id, name, phase, pending, problem, devices, rings, note: noteOf(record), unregistered },
    ...{ audienceId: audience.id, createdAt: iso(createdAt), createdBy: createdBy.name },
  };
}

/** Rings go on beside a deployment, and the newer content wins. */
function noteOf({ devices, rings }: Carried): string | null {
  const inRings = rings.reduce((sum, ring) => sum + ring.devices, 0);
  if (inRings === 0) return null;
  return `${inRings} of ${devices} devices are in Autopatch rings, whose own updates go on; of two updates of a kind the newer one wins.`;
}
