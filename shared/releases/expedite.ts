import { HOUR_MS } from "../calendar/days.js";
import { EXPEDITED } from "../gate/method.js";
import { FIRST_RING } from "../groups/defaults.js";
import type { RingOffers } from "./offers.js";
import { expeditedPlan } from "./plan.js";
import { refuse } from "./refusals.js";
import type { Delivery } from "./release-commands.js";
import { openRings, type ReleaseState } from "./release-state.js";
import { RingPhase } from "./ring-state.js";

/** The update is to be on all devices of the release as soon as the gate allows (autopatch.md §5.7). */
export interface ExpediteCommand {
  readonly kind: "expedite";
  /** ms */
  readonly at: number;
  readonly by: string;
  readonly expediteId: string;
  /** Days until the forced restart; null: the service expedites, with 0/1/1 for every ring but Test. */
  readonly rebootDays: number | null;
  readonly justification?: string | undefined;
}

/** It goes on as it would have without the expedite. */
export interface EndExpediteCommand {
  readonly kind: "endExpedite";
  /** ms */
  readonly at: number;
  readonly by: string;
  readonly expediteId: string;
  readonly justification?: string | undefined;
}

export type ExpediteOrder = ExpediteCommand | EndExpediteCommand;

/** How a release is or was expedited. Instants in ms. */
export interface ReleaseExpedite {
  readonly id: string;
  readonly rebootDays: number | null;
  readonly by: string;
  readonly since: number;
  readonly endedAt: number | null;
}

interface Expeditable {
  readonly state: ReleaseState;
  readonly expedite?: ReleaseExpedite;
}

/** Whether a release is being expedited now. */
export function isExpedited({ expedite }: Pick<Expeditable, "expedite">): boolean {
  return expedite !== undefined && expedite.endedAt === null;
}

/**
 * When a ring of an expedited release opens, ms: the first at once, the second after 6 hours, every further one after 12
 * (gate.md §2.6). The hours count from the release's first offer, so that rings that have been offered the update before
 * have served their time. Five rings open at 0, 6 and three times 12 hours: more waits would keep the bulk of the devices
 * from the update for longer than the reports of the first rings take, and the gate measures every offer anyway, serving
 * rings of one instant in their order.
 * @param place of the ring in its group, from 0
 * @param firstOfferAt of the release, null before any
 */
export function expeditedOpening(at: number, place: number, firstOfferAt: number | null): number {
  const hours = EXPEDITED.ringWaitHours;
  const wait = hours[Math.min(place, hours.length - 1)] ?? 0;
  return Math.max(at, (firstOfferAt ?? at) + wait * HOUR_MS);
}

/**
 * The release after an order, and what its rings must be told: those that have not completed yet, and when the service
 * expedites all but Test. Throws `conflict` when the release has ended or is expedited already.
 */
export function applyExpediteOrder(
  release: Expeditable,
  rings: readonly RingOffers[],
  order: ExpediteOrder,
): { readonly expedite: ReleaseExpedite; readonly deliveries: readonly Delivery[] } {
  return order.kind === "expedite" ? begin(release, rings, order) : end(release, order);
}

function begin({ state, expedite }: Expeditable, rings: readonly RingOffers[], order: ExpediteCommand) {
  const { at, by, expediteId, rebootDays } = order;
  if (state.phase === "ended" || state.ending !== null) {
    refuse(state, order.kind, `it is ${state.outcome ?? `being ${state.ending?.outcome}`}`);
  }
  if (expedite !== undefined && expedite.endedAt === null) {
    refuse(state, order.kind, `it is already, by expedite ${expedite.id}`);
  }
  const firstOfferAt = rings.reduce<number | null>((first, ring) => earlier(first, ring.firstOfferAt), null);
  const open = new Set(stillOpen(state));
  const deliveries = rings
    .filter(({ ring }) => open.has(ring) && (rebootDays !== null || ring !== FIRST_RING))
    .map(({ ring, plan, firstOfferAt: openedAt }): Delivery => {
      const opensAt = openedAt === null ? expeditedOpening(at, plan.index, firstOfferAt) : at;
      const changed = expeditedPlan(plan, opensAt, rebootDays);
      return { ring, event: { type: "expedited", at, plan: changed, expediteId, rebootDays } };
    });
  return { expedite: { id: expediteId, rebootDays, by, since: at, endedAt: null }, deliveries };
}

function end({ state, expedite }: Expeditable, { at, expediteId, kind }: EndExpediteCommand) {
  if (expedite === undefined || expedite.id !== expediteId || expedite.endedAt !== null) {
    return refuse(state, kind, `expedite ${expediteId} is not in force`);
  }
  const deliveries = stillOpen(state).map(
    (ring): Delivery => ({ ring, event: { type: "expediteEnded", at, expediteId } }),
  );
  return { expedite: { ...expedite, endedAt: at }, deliveries };
}

function stillOpen(state: ReleaseState): string[] {
  return openRings(state).flatMap(({ ring, phase }) => (phase === RingPhase.rollingBack ? [] : ring));
}

function earlier(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.min(a, b);
}

/** Whether a logged command is about expediting. */
export function isExpediteOrder(command: { readonly kind: string }): command is ExpediteOrder {
  return command.kind === "expedite" || command.kind === "endExpedite";
}
