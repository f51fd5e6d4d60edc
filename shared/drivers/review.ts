import type { Question } from "../approvals/questions.js";
import type { Approval } from "../approvals/store.js";
import type { Graph } from "../graph/graph.js";
import { findGroup, type StoredGroup } from "../groups/store.js";
import { hash32 } from "../random.js";
import { decideAboutDrivers } from "./decide.js";
import { Decision } from "./decisions.js";
import { type Driver, DriverCategory, DriverStatus, driversOf } from "./driver.js";
import { readDriverPolicies } from "./policies.js";

/** Names that a question lists; it decides about all of its drivers. */
const MOST_NAMED = 10;
/** Drivers of one question, as of one decision (autopatch.md §7). */
const MOST_ASKED = 100;

/** Recommended drivers that nobody has decided about in some ring: with manual approval nothing of them is installed. */
export function awaitingReview(drivers: readonly Driver[]): Driver[] {
  return drivers.filter(({ rings }) =>
    rings.some(
      ({ status, category }) => status === DriverStatus.needsReview && category === DriverCategory.recommended,
    ),
  );
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
  const drivers = waiting.filter(({ id }) => !known.has(id)).slice(0, MOST_ASKED);
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
  const driverIds = await stillWaiting(graph, question);
  if (group === undefined || driverIds.length === 0) return;
  const action = approved ? Decision.approve : Decision.decline;
  const decision = { action, driverIds, ...(justification === null ? {} : { justification }) };
  await decideAboutDrivers(graph, { group, decision, actor: by, at, unchanged: () => undefined });
}
