import { addDays, HOUR_MS } from "../calendar/days.js";
import { lateArrivalSloAt } from "./dates.js";
import type { RingPlan } from "./plan.js";
import { PROPAGATION_HOURS } from "./rollback.js";

export interface DeviceSlo {
  /** When a device became active that had not been while it was to install; null for any other. ms. */
  readonly becameActiveAt: number | null;
  /** Day by which the device is to be up to date; null outside the service level objective. ms. */
  readonly sloAt: number | null;
}

/**
 * The service level objective of one device (autopatch.md §5.5): that of its ring, or, when it was heard of first only
 * after the deadline of its offer (and the hours an offer needs to arrive), grace period + 5 days from then on. Instants in ms; null: not yet.
 */
export function deviceSlo(
  plan: Pick<RingPlan, "availableAt" | "deadlineDays" | "graceDays" | "sloAt">,
  device: { readonly offeredAt: number | null; readonly firstSeenAt: number | null },
): DeviceSlo {
  const { availableAt, deadlineDays, graceDays, sloAt } = plan;
  if (deadlineDays === null || graceDays === null || sloAt === null) return { becameActiveAt: null, sloAt: null };
  const { firstSeenAt, offeredAt } = device;
  const expectedBy =
    addDays(Math.max(availableAt, offeredAt ?? availableAt), deadlineDays) + PROPAGATION_HOURS * HOUR_MS;
  const late = firstSeenAt !== null && firstSeenAt > expectedBy ? firstSeenAt : null;
  return { becameActiveAt: late, sloAt: late === null ? sloAt : lateArrivalSloAt(late, graceDays) };
}
