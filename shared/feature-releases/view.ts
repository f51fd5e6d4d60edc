import { z } from "zod";
import { iso } from "../calendar/days.js";
import { instant } from "../schema.js";
import { evenSizes } from "./gradual-groups.js";
import { isNewer } from "./newer-devices.js";
import { allowed, type PlannedPhase } from "./phases.js";
import { policyName } from "./policy.js";
import {
  FeatureAct,
  type FeatureRelease,
  FeatureStatus,
  type Phase,
  permittedActs,
  Reason,
  statusOf,
} from "./release.js";
import type { DevicesOf } from "./ring-devices.js";
import { goalDate, offerDates, policyRun } from "./schedule.js";

const date = z.iso.date();
const ring = z.object({ groupId: z.string(), ring: z.string() });
const offers = z
  .array(z.object({ date, devices: z.int() }))
  .describe("Gradual groups with the devices there are now; each has at least 100, so that there may be fewer.");

const plannedSchema = z.object({
  number: z.int(),
  rings: z.array(ring),
  firstDate: date,
  gradualGroups: z.int().describe("As many of those wanted as the devices there are allow."),
  daysBetween: z.int(),
  goalDate: date,
  offers,
  newerDevices: z.int().describe("Devices that run a newer Windows already; nothing is offered to them."),
});
export const previewSchema = z.object({ phases: z.array(plannedSchema) }).meta({ id: "FeatureReleasePreview" });

const phaseSchema = plannedSchema.extend({
  rings: z.array(
    ring.extend({
      movedTo: z.string().nullable().describe("Feature release to which the group went since."),
      uninstall: z
        .object({ since: instant, until: instant, hasEnded: z.boolean() })
        .nullable()
        .describe("The feature update is uninstalled there until the window ends, and paused until it is resumed."),
      paused: z.boolean().describe("Whether people have paused it alone, in a phase that goes on."),
      suspended: z.boolean().describe("Whether the service keeps the update from the ring, as the gate holds it."),
    }),
  ),
  status: z.enum(FeatureStatus),
  because: z
    .object({
      reason: z.enum(Reason),
      text: z.string().optional(),
      at: instant,
      by: z.object({ id: z.string(), name: z.string() }),
    })
    .nullable()
    .describe("Why it is paused or canceled."),
  policyAt: instant.nullable().describe("When its policy is made; null once that has begun, or never will."),
  startedAt: instant.nullable(),
  policy: z.object({ name: z.string(), id: z.string().nullable() }),
  pending: z.boolean().describe("Whether the tenant is still to be brought in line with it."),
});
export const featureReleaseSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    description: z.string(),
    version: z.string(),
    status: z.enum(FeatureStatus),
    permitted: z.array(z.enum(FeatureAct)).describe("What may be done to it now."),
    groups: z.array(z.string()),
    phases: z.array(phaseSchema),
    createdAt: instant,
    createdBy: z.object({ id: z.string(), name: z.string() }),
  })
  .meta({ id: "FeatureRelease" });

/** A phase as it would be with the devices of now. @param number from 1 @param build of the version that it brings */
export function plannedView(phase: PlannedPhase, at: PhaseAt, devicesOf: DevicesOf) {
  return rolloutView(allowed(phase, devicesOf), at, devicesOf);
}

interface PhaseAt {
  /** From 1. */
  readonly number: number;
  /** Of the version that it brings. */
  readonly build: number;
}

function rolloutView({ rings, ...rollout }: PlannedPhase, { number, build }: PhaseAt, devicesOf: DevicesOf) {
  const devices = rings.flatMap(devicesOf);
  const { firstDate, gradualGroups, daysBetween } = rollout;
  const sizes = evenSizes(devices.length, gradualGroups);
  return {
    ...{ number, rings: [...rings], firstDate, gradualGroups, daysBetween, goalDate: goalDate(rollout) },
    offers: offerDates(rollout).map((each, index) => ({ date: each, devices: sizes[index] ?? 0 })),
    newerDevices: devices.filter((device) => isNewer(device, build)).length,
  };
}

/** A feature release as the API shows it; instants are ISO 8601 in UTC. @param now ms */
export function featureReleaseView(
  release: FeatureRelease,
  devicesOf: DevicesOf,
  now: number,
): z.infer<typeof featureReleaseSchema> {
  const { id, name, description, version, groupIds, createdAt, createdBy } = release;
  return {
    ...{ id, name, description, version, createdBy },
    status: statusOf(release),
    permitted: permittedActs(release),
    groups: groupIds,
    phases: release.phases.map((phase) => phaseView(release, phase, devicesOf, now)),
    createdAt: iso(createdAt),
  };
}

function phaseView(release: FeatureRelease, phase: Phase, devicesOf: DevicesOf, now: number) {
  const { status, because, startedAt, policyId, pending, rings } = phase;
  const remaining = rings.filter(({ movedTo }) => movedTo === null);
  const policyAt = status === FeatureStatus.scheduled ? iso(policyRun(phase.firstDate, now)) : null;
  const plan = { ...phase, rings: remaining };
  // How many gradual groups there are is decided when the phase begins.
  const view = startedAt === null ? plannedView : rolloutView;
  return {
    ...view(plan, { number: phase.number, build: release.build }, devicesOf),
    ...{ status, pending, policyAt },
    rings: rings.map(({ uninstall, paused = false, suspended = false, ...each }) => ({
      ...{ ...each, paused, suspended },
      uninstall:
        uninstall === undefined ? null : { ...uninstall, since: iso(uninstall.since), until: iso(uninstall.until) },
    })),
    because: because === null ? null : { ...because, at: iso(because.at) },
    startedAt: startedAt === null ? null : iso(startedAt),
    policy: { name: policyName(release, phase), id: policyId },
  };
}
