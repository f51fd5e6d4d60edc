import { addDays, DAY_MS } from "../calendar/days.js";
import type { Deployment, Settings } from "./deployment.js";

/** How a rollout is going to offer its devices. Instants are ms. */
export interface OfferPlan {
  readonly firstAt: number;
  readonly lastAt: number;
  readonly offers: number;
  readonly daysBetweenOffers: number;
  /** Devices of each offer but the last, which has the rest. */
  readonly devicesPerOffer: number;
}

/**
 * The offers of a deployment. A rate says how many devices each offer has; by an end date Windows Update sizes them so
 * that everybody is offered before it (graph.md §1.6), taken here as even.
 * @param begun when offers begin where no start is set, ms
 */
export function offerPlan({ startAt, rollout }: Settings, devices: number, begun: number): OfferPlan {
  const firstAt = startAt ?? begun;
  if (rollout === null || devices === 0) {
    return { firstAt, lastAt: firstAt, offers: 1, daysBetweenOffers: 1, devicesPerOffer: devices };
  }
  const { daysBetweenOffers } = rollout;
  const windows =
    rollout.kind === "rate"
      ? Math.ceil(devices / rollout.devicesPerOffer)
      : Math.max(1, Math.ceil((rollout.endAt - firstAt) / (daysBetweenOffers * DAY_MS)));
  const devicesPerOffer = rollout.kind === "rate" ? rollout.devicesPerOffer : Math.ceil(devices / windows);
  const offers = Math.ceil(devices / devicesPerOffer);
  return {
    firstAt,
    lastAt: addDays(firstAt, (offers - 1) * daysBetweenOffers),
    offers,
    daysBetweenOffers,
    devicesPerOffer,
  };
}

type Offering = Pick<Deployment, "settings" | "devices" | "createdAt" | "paused" | "pausedMs">;

/** The offers of a running deployment: those by a rate go on after a pause where it stopped them. */
export function plannedOffers({ settings, devices, createdAt, pausedMs }: Offering): OfferPlan {
  const plan = offerPlan(settings, devices, createdAt);
  return settings.rollout?.kind === "rate" ? { ...plan, lastAt: plan.lastAt + pausedMs } : plan;
}

/** Devices that a deployment has offered its content by an instant (ms): nobody more in a pause. */
export function offeredOf(deployment: Offering, now: number): number {
  const { settings, devices, createdAt, paused, pausedMs } = deployment;
  const until = Math.min(now, paused?.at ?? now);
  const moved = settings.rollout?.kind === "rate" ? pausedMs : 0;
  return offeredBy(offerPlan(settings, devices, createdAt), devices, until - moved);
}

/** How long a pause that ends now (ms) has held offers back: none before the first was due. */
export function heldBack({ settings, createdAt, paused }: Offering, now: number): number {
  return paused === null ? 0 : Math.max(0, now - Math.max(paused.at, settings.startAt ?? createdAt));
}

/** Devices that have been offered it by an instant (ms), a pause left aside. */
export function offeredBy(plan: OfferPlan, devices: number, now: number): number {
  if (now < plan.firstAt) return 0;
  const passed = Math.floor((now - plan.firstAt) / (plan.daysBetweenOffers * DAY_MS)) + 1;
  return Math.min(devices, passed * plan.devicesPerOffer);
}
