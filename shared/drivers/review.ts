import type { Question } from "../approvals/questions.js";
import type { Approval } from "../approvals/store.js";
import type { Graph } from "../graph/graph.js";
import { findGroup, type StoredGroup } from "../groups/store.js";
import { hash32 } from "../random.js";
import { carryOutOrders } from "./decide.js";
import { Decision, MAX_DRIVERS, type RingOrder } from "./decisions.js";
import { type Driver, DriverCategory, DriverStatus, driversOf, type RingDriver } from "./driver.js";
import { readDriverPolicies } from "./policies.js";

/** Names that a question lists; it decides about all of its drivers. */
const MOST_NAMED = 10;

/** Recommended drivers that nobody has decided about in some ring: with manual approval nothing of them is installed. */
export function awaitingReview(drivers: readonly Driver[]): Driver[] {
  return drivers.filter(({ rings }) => rings.some(awaits));
}

function awaits({ status, category }: RingDriver): boolean {
  return status === DriverStatus.needsReview && category === DriverCategory.recommended;
}

/**
 * What an answer means ring by ring: only rings in which a driver that was asked about still waits. Where somebody paused
 * or declined it, or where it is not recommended, the question was not about it.
 */
export function reviewOrders(drivers: readonly Driver[], asked: readonly string[]): RingOrder[] {
  const orders = new Map<string, RingOrder["drivers"]>();
  for (const { id, rings } of drivers.filter((driver) => asked.includes(driver.id))) {
    for (const state of rings.filter(awaits)) {
      orders.set(state.ring, [...(orders.get(state.ring) ?? []), { ...state, driverId: id }]);
    }
  }
  return [...orders].map(([ring, concerned]) => ({ ring, drivers: concerned }));
}

/**
 * The question about drivers that wait for a review and that nobody was asked about before; undefined when there are
 * none. The same drivers give the same question.
 * @param asked questions of the group so far
 * @param at ms
 */
export function reviewQuestion(
  { id: groupId, definition }: StoredGroup,
  waiting: readonly Driver[],
  asked: readonly Pick<Approval, "question">[],
  at: number,
): Question | undefined {
  const known = new Set(
    asked.flatMap(({ question }) => (question.groupId === groupId ? (question.driverIds ?? []) : [])),
  );
  const drivers = waiting.filter(({ id }) => !known.has(id)).slice(0, MAX_DRIVERS);
  if (drivers.length === 0) return undefined;
  const driverIds = drivers.map(({ id }) => id).sort();
  const named = drivers.slice(0, MOST_NAMED).map(describe).join("; ");
  const more = drivers.length > MOST_NAMED ? `; and ${drivers.length - MOST_NAMED} more` : "";
  return {
    id: `drivers ${groupId} ${hash32(...driverIds)
      .toString(16)
      .padStart(8, "0")}`,
    ...{ kind: "driverReview", groupId, driverIds, at, failures: 0, offered: 0 },
    subject: {
      update: drivers.length === 1 ? (drivers[0]?.name ?? "") : `${drivers.length} drivers`,
      group: definition.name,
    },
    about: `${named}${more}.`,
  };
}

function describe({ name, version, rings }: Driver): string {
  const devices = rings.reduce((sum, ring) => sum + ring.devices, 0);
  const label = name.includes(version) ? name : `${name} ${version}`;
  return `${label} (${devices} ${devices === 1 ? "device" : "devices"})`;
}

/** Which of the drivers of a question still wait for a review. */
export async function stillWaiting(graph: Graph, question: Question): Promise<string[]> {
  const group = (await findGroup(question.groupId ?? ""))?.body;
  if (group === undefined) return [];
  const asked = new Set(question.driverIds ?? []);
  return awaitingReview(driversOf(await readDriverPolicies(graph, group)))
    .map(({ id }) => id)
    .filter((id) => asked.has(id));
}

/**
 * Approves or declines the drivers of a question in every ring in which they still wait; what was decided meanwhile, and
 * what no device needs any more, is left alone. May be repeated.
 */
export async function carryOutReview(
  graph: Graph,
  question: Question,
  approved: boolean,
  { by, at, justification }: { by: { id: string; name: string }; at: number; justification: string | null },
): Promise<void> {
  const group = (await findGroup(question.groupId ?? ""))?.body;
  if (group === undefined) return;
  const policies = await readDriverPolicies(graph, group);
  const orders = reviewOrders(driversOf(policies), question.driverIds ?? []);
  if (orders.length === 0) return;
  const action = approved ? Decision.approve : Decision.decline;
  const decision = { action, ...(justification === null ? {} : { justification }) };
  await carryOutOrders(graph, policies, orders, { group, decision, actor: by, at });
}
