import { z } from "zod";
import { iso } from "../calendar/days.js";
import type { Graph } from "../graph/graph.js";
import { listGroups } from "../groups/store.js";
import type { DeviceRecord } from "../registration/device.js";
import { instant } from "../schema.js";
import { updateState } from "../updates/up-to-date.js";
import { publishedUpdates } from "./catalogue.js";
import { coverage } from "./coverage.js";
import { DecidedBy, type DeviceTarget, deviceTarget } from "./device-target.js";
import type { QualityPolicy } from "./policy.js";
import { ringOf } from "./releases.js";
import { dated, policyUpdate, policyUpdateSchema, standingSchema, standingView } from "./view.js";

const namedSchema = z.object({ id: z.string(), name: z.string() });

export const devicePoliciesSchema = z
  .object({
    deviceId: z.string(),
    name: z.string().nullable(),
    build: z.string().nullable(),
    decidedBy: z.enum(DecidedBy).describe("Who decides about approval and deferral."),
    because: z.string(),
    appliedPolicy: namedSchema.nullable(),
    targetRelease: policyUpdateSchema.nullable(),
    offeredFrom: instant.nullable(),
    targetCompliance: instant.nullable().describe("When it has to have the update: the offer + the ring's deadline."),
    hotpatch: z.boolean().nullable().describe("What the applied policy says; null: the group or the tenant decides."),
    ring: z
      .object({
        ...{ groupId: z.string(), ring: z.string(), deferralDays: z.int(), deadlineDays: z.int(), graceDays: z.int() },
        deferralCounts: z.boolean().describe("False where a policy decides; deadline and grace always count."),
      })
      .nullable(),
    policies: z.array(
      namedSchema.extend({
        enrolledUntil: instant.nullable().describe("Taken from the device, and enrolled until then."),
        releases: z.array(policyUpdateSchema.extend(standingSchema.shape)).describe("Updates for its Windows version."),
      }),
    ),
  })
  .meta({ id: "DeviceQualityPolicies" });
export type DevicePolicies = z.infer<typeof devicePoliciesSchema>;

/** Which policies a device is in, which of them wins, and what that means for it (row 72). @param now ms */
export async function devicePolicies(graph: Graph, record: DeviceRecord, now: number): Promise<DevicePolicies> {
  const covered = await coverage(graph, now);
  const [updates, groups] = [await publishedUpdates(graph, now), await listGroups()];
  const [policies, ring, build] = [covered.of(record), ringOf(record, groups), record.managed?.osVersion ?? null];
  const target = deviceTarget({ policies, ring: ring?.days ?? null, build }, updates, now);
  const own = updates.filter((update) => build !== null && updateState(build, update) !== "notApplicable");
  const isAssigned = (policy: QualityPolicy) => policy.assignments.some(({ to }) => covered.reaches(to, record));
  const ends = (policy: QualityPolicy) =>
    Math.max(...policy.leaving.filter(({ to }) => covered.reaches(to, record)).map(({ until }) => until));
  return {
    ...{ deviceId: record.deviceId, name: record.name, build },
    ...{ decidedBy: target.decidedBy, because: reasonOf(target, policies.length) },
    appliedPolicy: target.policy && { id: target.policy.id, name: target.policy.name },
    targetRelease: target.update && policyUpdate(target.update),
    ...{ offeredFrom: dated(target.offeredFrom), targetCompliance: dated(target.compliantBy) },
    hotpatch: target.policy?.hotpatch ?? null,
    ring: ring && {
      ...{ groupId: ring.group.id, ring: ring.ring, deferralDays: ring.days.qualityDeferralDays },
      ...{ deadlineDays: ring.days.qualityDeadlineDays, graceDays: ring.days.gracePeriodDays },
      deferralCounts: target.decidedBy === DecidedBy.ring,
    },
    policies: policies.map((policy) => ({
      ...{ id: policy.id, name: policy.name, enrolledUntil: isAssigned(policy) ? null : iso(ends(policy)) },
      releases: own.map((update) => ({ ...policyUpdate(update), ...standingView(policy, update) })),
    })),
  };
}

function reasonOf({ decidedBy, policy, update }: DeviceTarget, policies: number): string {
  if (decidedBy === DecidedBy.nobody) return "It is in no quality update policy and in no ring.";
  if (decidedBy === DecidedBy.ring) return "It is in no quality update policy, so its ring decides.";
  if (update === null)
    return `None of its ${policies} policies offers it an update now; the ring offers it none either.`;
  const won = policies === 1 ? "its policy" : `of its ${policies} policies, "${policy?.name}"`;
  return `${update.shortName} is the newest update approved by ${won}; the ring's deferral does not count, its deadline and grace period do.`;
}
