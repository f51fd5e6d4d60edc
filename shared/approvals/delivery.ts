import type { Approval } from "./store.js";

/** Where a question is put besides the API. */
export const Place = {
  /** The channel of the settings. */
  channel: "channel",
  /** The flow behind a webhook: links only, and what was posted there cannot be changed. */
  workflow: "workflow",
} as const;

/** A card somewhere in Teams, and what is on it. */
export interface Delivery {
  /** `channel`, `workflow`, or the object id in Entra of a person with whom the bot has a chat. */
  readonly to: string;
  /** Null until it is known that the card was posted. */
  readonly posted: PostedCard | null;
  /** When a post was begun, ms of domain time: with `posted` null, the card may be there all the same. */
  readonly begunAt: number | null;
  /** What the card shows, as `shownBy` says it; null: nothing yet. */
  readonly shows: string | null;
  /** Reminders sent so far. */
  readonly reminded: number;
  /** Why it could not be delivered for good; it is tried again with the next reminder, and when the question ends. */
  readonly failure: DeliveryFailure | null;
}

export interface DeliveryFailure {
  readonly code: string;
  readonly message: string;
  /** Reminders, and state of the question, by then; older records lack the state. */
  readonly reminders: number;
  readonly status?: Approval["status"];
}

/** Where a posted card can be changed. */
export interface PostedCard {
  readonly serviceUrl: string;
  readonly conversationId: string;
  readonly activityId: string;
  /** Domain time, ms. */
  readonly at: number;
}

/** A delivery that nothing has been done about. */
export function newDelivery(to: string): Delivery {
  return { to, posted: null, begunAt: null, shows: null, reminded: 0, failure: null };
}

/** What the approval's card at this place shows now; a card that says something else is out of date. */
export function shownBy(
  { status, rev, escalatedAt }: Pick<Approval, "status" | "rev" | "escalatedAt">,
  to: string,
): string {
  // Each change would be a card of its own there.
  if (to === Place.workflow) return status;
  return `${status} ${rev}${escalatedAt === null ? "" : " escalated"}`;
}

/** Whether there is something to do about a delivery: a card to post, to change, or a reminder to send. */
export function isBehind(approval: Approval, { to, shows, reminded, failure, posted }: Delivery): boolean {
  if (failure !== null && !isDueAgain(failure, approval)) return false;
  const isOpen = approval.status === "pending";
  // Nobody needs to be asked any more.
  if (!isOpen && posted === null) return false;
  return shows !== shownBy(approval, to) || (isOpen && reminded < approval.reminders);
}

function isDueAgain(failure: DeliveryFailure, { reminders, status }: Approval): boolean {
  return failure.reminders < reminders || (failure.status ?? status) !== status;
}

/** Whether every card in Teams says what the approval says, as far as it can be had. */
export function isShown(approval: Approval): boolean {
  return !approval.deliveries.some((delivery) => isBehind(approval, delivery));
}

/** The deliveries with this one in place of the one to the same place. */
export function withDelivery(deliveries: readonly Delivery[], delivery: Delivery): Delivery[] {
  return deliveries.map((other) => (other.to === delivery.to ? delivery : other));
}
