import type { Actor } from "../access/roles.js";
import { audit } from "../audit/audit.js";
import { DriverOutcome, decideDrivers } from "../graph/driver-inventories.js";
import type { Graph } from "../graph/graph.js";
import type { StoredGroup } from "../groups/store.js";
import { type DecisionInput, ordersOf, type RingOrder, refused, refuseMalformed, TRANSITIONS } from "./decisions.js";
import { type Driver, DriverStatus, driversOf } from "./driver.js";
import { type DriverPolicy, readDriverPolicies } from "./policies.js";
import { refuseExpired, unavailableDriver } from "./unavailable.js";

/** Who decides what. */
export interface Carrying {
  readonly group: StoredGroup;
  readonly decision: Omit<DecisionInput, "driverIds">;
  readonly actor: Pick<Actor, "id" | "name">;
  /** ms */
  readonly at: number;
}

export interface DecideInput extends Carrying {
  readonly decision: DecisionInput;
  /** Sees the policies as they are, and throws where the caller saw others. */
  readonly unchanged: (policies: readonly DriverPolicy[]) => void;
}

/** What became of one driver in one ring. */
export interface Decided {
  readonly driverId: string;
  readonly ring: string;
  readonly before: DriverStatus;
  /** As it is now. */
  readonly status: DriverStatus;
  readonly outcome: DriverOutcome;
}

/**
 * Decides about drivers of a group in all of its policies or in that of one ring (autopatch.md §7). What a rule refuses is
 * refused as a whole, before anything is changed. The audit log has the decision before the tenant has it. May be
 * repeated: drivers that are as they should be are left alone.
 * @throws AppError `rule_violated` naming the rule, and what Graph throws; a repetition then does what is left
 */
export async function decideAboutDrivers(graph: Graph, input: DecideInput): Promise<Decided[]> {
  const { group, decision, at } = input;
  refuseMalformed(decision, at);
  const policies = await readDriverPolicies(graph, group);
  input.unchanged(policies);
  refuseUnknownRing(policies, group, decision.ring);
  const orders = ordersOf(decision, await chosen(graph, policies, decision, at));
  return carryOutOrders(graph, policies, orders, input);
}

/**
 * Carries out what is decided ring by ring. The audit log has it before the tenant has it. May be repeated: drivers that
 * are as they should be are left alone.
 * @param policies those of the rings that the orders are for
 */
export async function carryOutOrders(
  graph: Graph,
  policies: readonly DriverPolicy[],
  orders: readonly RingOrder[],
  input: Carrying,
): Promise<Decided[]> {
  await note(input, orders);
  const decided: Decided[] = [];
  for (const order of orders) decided.push(...(await carryOut(graph, policies, order, input.decision)));
  return decided;
}

function refuseUnknownRing(policies: readonly DriverPolicy[], { definition }: StoredGroup, ring?: string): void {
  if (ring === undefined || policies.some((policy) => policy.ring === ring)) return;
  const known = definition.rings.map(({ name }) => name).join(", ");
  const isRing = definition.rings.some(({ name }) => name === ring);
  const what = isRing ? `${ring} has no driver policy in the tenant yet; try again later` : `choose one of ${known}`;
  throw refused("ring", "driverRing", `ring: there are no drivers of ring ${ring}: ${what}. Nothing was changed.`);
}

/** The drivers that the decision is about. Throws `rule_violated` for one that none of its policies has or that expires. */
async function chosen(
  graph: Graph,
  policies: readonly DriverPolicy[],
  { action, driverIds, ring, startsAt }: DecisionInput,
  at: number,
): Promise<Driver[]> {
  const known = driversOf(policies.filter((policy) => ring === undefined || policy.ring === ring));
  const drivers: Driver[] = [];
  for (const id of new Set(driverIds)) {
    const driver = known.find((each) => each.id === id);
    if (driver === undefined) throw await unavailableDriver(graph, id, at);
    drivers.push(driver);
  }
  const from = startsAt === undefined ? at : Date.parse(startsAt);
  if (TRANSITIONS[action].to === DriverStatus.approved) await refuseExpired(graph, driverIds, from);
  return drivers;
}

async function carryOut(
  graph: Graph,
  policies: readonly DriverPolicy[],
  { ring, drivers }: RingOrder,
  { action, startsAt }: Carrying["decision"],
): Promise<Decided[]> {
  const policyId = policies.find((policy) => policy.ring === ring)?.policyId ?? "";
  const ids = drivers.map(({ inventoryId }) => inventoryId);
  const { action: told, to } = TRANSITIONS[action];
  const outcomes = await decideDrivers(graph, policyId, { action: told, ids, deployAt: startsAt ?? null });
  return drivers.map(({ driverId, inventoryId, status: before }) => {
    const outcome = outcomes.get(inventoryId) ?? DriverOutcome.gone;
    const isDone = outcome === DriverOutcome.changed || outcome === DriverOutcome.unchanged;
    return { driverId, ring, before, status: isDone ? to : before, outcome };
  });
}

function note({ group, decision, actor, at }: Carrying, orders: readonly RingOrder[]): Promise<void> {
  const { action, startsAt, justification } = decision;
  const drivers = orders.flatMap(({ ring, drivers: concerned }) =>
    concerned.map(({ driverId, status }) => ({ driverId, ring, before: status })),
  );
  return audit({
    at,
    actor,
    action: `driver.${action}`,
    target: `group/${group.id}`,
    justification,
    evidence: { ring: decision.ring ?? null, startsAt: startsAt ?? null, drivers },
    key: `${group.id} ${crypto.randomUUID()}`,
  });
}
