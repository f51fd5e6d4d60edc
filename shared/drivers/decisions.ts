import { z } from "zod";
import { AppError } from "../errors.js";
import type { DriverAction } from "../graph/driver-inventories.js";
import { type Driver, DriverCategory, DriverStatus, type RingDriver } from "./driver.js";

/** What people decide about drivers. */
export const Decision = { approve: "approve", decline: "decline", pause: "pause", resume: "resume" } as const;
export type Decision = (typeof Decision)[keyof typeof Decision];

/** Most drivers of one decision (autopatch.md §7). */
export const MAX_DRIVERS = 100;

interface Transition {
  /** Statuses that it changes. */
  readonly from: readonly DriverStatus[];
  readonly to: DriverStatus;
  /** What Windows Update is told. */
  readonly action: DriverAction;
}

/** Permitted changes (autopatch.md §7): what is approved or paused never becomes declined. */
export const TRANSITIONS: Readonly<Record<Decision, Transition>> = {
  approve: {
    from: [DriverStatus.needsReview, DriverStatus.declined, DriverStatus.paused],
    to: DriverStatus.approved,
    action: "approve",
  },
  decline: { from: [DriverStatus.needsReview], to: DriverStatus.declined, action: "decline" },
  pause: { from: [DriverStatus.approved], to: DriverStatus.paused, action: "suspend" },
  resume: { from: [DriverStatus.paused], to: DriverStatus.approved, action: "approve" },
};

/** One action for at most 100 drivers, in all policies of a group or in that of one ring. */
export const decisionSchema = z.strictObject({
  action: z.enum(Decision).describe("The one action for all of the drivers."),
  driverIds: z.array(z.string().min(1).max(200)).min(1).describe(`At most ${MAX_DRIVERS}.`),
  ring: z.string().min(1).optional().describe("The ring to decide for; absent: all policies of the group."),
  startsAt: z.iso
    .datetime({ offset: true })
    .optional()
    .describe("For approve: from when the drivers are offered. Absent: at once."),
  justification: z.string().trim().min(1).max(1000).optional().describe("Needed where drivers are not recommended."),
});
export type DecisionInput = z.infer<typeof decisionSchema>;

/** What is to be done in the policy of one ring. */
export interface RingOrder {
  readonly ring: string;
  readonly drivers: readonly (RingDriver & { readonly driverId: string })[];
}

/** What a decision may not be, whatever drivers there are. Throws `rule_violated`. @param now ms */
export function refuseMalformed({ action, driverIds, startsAt }: DecisionInput, now: number): void {
  const distinct = new Set(driverIds).size;
  if (distinct > MAX_DRIVERS) {
    const message = `driverIds: one decision is about at most ${MAX_DRIVERS} drivers, and these are ${distinct}. Nothing was changed; decide in parts.`;
    throw refused("driverIds", "driverBulkLimit", message, { limit: MAX_DRIVERS });
  }
  if (startsAt === undefined) return;
  if (action !== Decision.approve) {
    const message = `startsAt: only approve takes a start date, and ${action} holds at once. Leave it out.`;
    throw refused("startsAt", "driverStartDate", message);
  }
  if (Date.parse(startsAt) < now) {
    const message = `startsAt: ${startsAt} is past. Write a later instant, or leave it out to offer the drivers at once.`;
    throw refused("startsAt", "driverStartDate", message, { limit: new Date(now).toISOString() });
  }
}

/**
 * What a decision means ring by ring. For all policies it changes those whose status permits it (decline: those not yet
 * reviewed) and leaves the others alone; for one ring the status there has to permit it. A driver that is so already
 * stays so. Throws `rule_violated`, and then nothing is decided about any of them.
 * @param drivers those of the group that are decided about
 */
export function ordersOf(decision: DecisionInput, drivers: readonly Driver[]): RingOrder[] {
  const { from, to } = TRANSITIONS[decision.action];
  const orders = new Map<string, RingOrder["drivers"]>();
  for (const driver of drivers) {
    const concerned = driver.rings.filter(({ ring }) => decision.ring === undefined || ring === decision.ring);
    const wanted = concerned.filter(({ status }) => status === to || from.includes(status));
    if (wanted.length === 0) throw notPermitted(decision, driver, concerned);
    for (const state of wanted) {
      orders.set(state.ring, [...(orders.get(state.ring) ?? []), { ...state, driverId: driver.id }]);
    }
  }
  refuseUnjustified(decision, orders);
  return [...orders].map(([ring, concerned]) => ({ ring, drivers: concerned }));
}

function notPermitted({ action }: DecisionInput, driver: Driver, concerned: readonly RingDriver[]): AppError {
  const { from } = TRANSITIONS[action];
  const states = concerned.map(({ ring, status }) => `${status} in ${ring}`).join(", ");
  const permitted = `${action} is for drivers that are ${from.join(" or ")}`;
  const never = action === Decision.decline ? " One that was approved is paused, never declined." : "";
  const message = `driverIds: ${driver.name} is ${states}, and ${permitted}.${never} Nothing was changed; leave it out and send the decision again.`;
  const details = { driverId: driver.id, statuses: concerned.map(({ ring, status }) => ({ ring, status })) };
  return refused("driverIds", "driverTransition", message, details);
}

/** Managing other drivers needs a reason (autopatch.md §7). */
function refuseUnjustified(decision: DecisionInput, orders: ReadonlyMap<string, RingOrder["drivers"]>): void {
  if (decision.justification !== undefined) return;
  const other = [...orders.values()].flat().find(({ category }) => category === DriverCategory.other);
  if (other === undefined) return;
  const message = `justification: driver ${other.driverId} is not recommended in ${other.ring}, and whoever manages other drivers says why. Add a justification; nothing was changed.`;
  throw refused("justification", "driverJustification", message, { driverId: other.driverId });
}

/** Refusal of a rule of drivers (autopatch.md §7). */
export function refused(field: string, rule: string, message: string, details: object = {}): AppError {
  return new AppError("rule_violated", message, { field, details: { rule, ...details } });
}
