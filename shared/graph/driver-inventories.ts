import { z } from "zod";
import { AppError } from "../errors.js";
import { readEach } from "./batch-read.js";
import { type Graph, INTUNE, UPDATES } from "./graph.js";
import { dateTime, text } from "./lenient.js";
import { segment } from "./odata.js";
import { absentWhenMissing } from "./settle.js";
import { mayBeDone } from "./watched.js";

/** What Intune calls the status of a driver in one policy (graph.md §2.4). */
export const ApprovalStatus = {
  needsReview: "needsReview",
  approved: "approved",
  declined: "declined",
  suspended: "suspended",
} as const;
export type ApprovalStatus = (typeof ApprovalStatus)[keyof typeof ApprovalStatus];

const itemSchema = z.object({
  /** `<catalogue id>_<guid>` */
  id: z.string().min(1),
  name: text,
  version: text,
  manufacturer: text,
  driverClass: text,
  releaseDateTime: dateTime,
  applicableDeviceCount: z
    .number()
    .nullish()
    .transform((count) => count ?? 0),
  approvalStatus: z.enum(ApprovalStatus),
  category: z.string(),
  deployDateTime: dateTime,
});

/** A driver as the inventory of one policy has it. */
export type InventoryDriver = z.output<typeof itemSchema>;

/** What executeAction can do (graph.md §2.4). */
export type DriverAction = "approve" | "decline" | "suspend";

const LEADS_TO: Readonly<Record<DriverAction, ApprovalStatus>> = {
  approve: ApprovalStatus.approved,
  decline: ApprovalStatus.declined,
  suspend: ApprovalStatus.suspended,
};

/** Drivers per call of executeAction (autopatch.md §7). */
const MOST_PER_CALL = 100;

/** The drivers that devices of a policy need, in Graph's order. Throws `not_found` when the policy is gone. */
export function listDriverInventory(graph: Graph, policyId: string): Promise<InventoryDriver[]> {
  return graph.list(`${profile(policyId)}/driverInventories`, { schema: itemSchema });
}

/** What became of a driver that something was decided about. */
export const DriverOutcome = {
  changed: "changed",
  /** It was so already. */
  unchanged: "unchanged",
  /** Accepted, but reading it back does not show it yet. */
  accepted: "accepted",
  /** Windows Update did not carry it out. */
  refused: "refused",
  /** The policy does not have it any more. */
  gone: "gone",
} as const;
export type DriverOutcome = (typeof DriverOutcome)[keyof typeof DriverOutcome];

export interface DriverOrder {
  readonly action: DriverAction;
  /** Ids in the policy's inventory. */
  readonly ids: readonly string[];
  /** From when an approved driver is offered, ISO; null: at once. */
  readonly deployAt: string | null;
}

/**
 * Decides about drivers of one policy. executeAction must not be repeated blindly (graph.md §6.2), so the inventory is
 * read first, drivers that have the status already are left alone, and it is read again afterwards, which also tells what
 * a call did whose answer was lost. May be repeated.
 * @returns the outcome of each id
 */
export async function decideDrivers(
  graph: Graph,
  policyId: string,
  order: DriverOrder,
): Promise<ReadonlyMap<string, DriverOutcome>> {
  const wanted = LEADS_TO[order.action];
  const before = await statuses(graph, policyId);
  const outcomes = new Map<string, DriverOutcome>();
  for (const id of order.ids) {
    const status = before.get(id);
    if (status === undefined) outcomes.set(id, DriverOutcome.gone);
    else if (status === wanted) outcomes.set(id, DriverOutcome.unchanged);
  }
  const open = order.ids.filter((id) => !outcomes.has(id));
  for (let at = 0; at < open.length; at += MOST_PER_CALL) {
    const ids = open.slice(at, at + MOST_PER_CALL);
    for (const [id, outcome] of await execute(graph, policyId, { ...order, ids })) outcomes.set(id, outcome);
  }
  return outcomes;
}

const resultSchema = z.object({
  value: z.object({
    successfulDriverIds: z.array(z.string()).nullish(),
    failedDriverIds: z.array(z.string()).nullish(),
    notFoundDriverIds: z.array(z.string()).nullish(),
  }),
});

async function execute(
  graph: Graph,
  policyId: string,
  { action, ids, deployAt }: DriverOrder,
): Promise<Map<string, DriverOutcome>> {
  const deploymentDate = action === "approve" && deployAt !== null ? { deploymentDate: deployAt } : {};
  let answer: unknown;
  let lost: unknown;
  try {
    const body = { actionName: action, driverIds: ids, ...deploymentDate };
    answer = (await graph.post(`${profile(policyId)}/executeAction`, body)).body;
  } catch (error) {
    if (!mayBeDone(error)) throw error;
    lost = error;
  }
  const after = await statuses(graph, policyId);
  const isDone = (id: string) => after.get(id) === LEADS_TO[action];
  if (lost !== undefined && !ids.every(isDone)) throw lost;
  const told = resultSchema.safeParse(answer).data?.value;
  return new Map(
    ids.map((id): [string, DriverOutcome] => {
      if (isDone(id)) return [id, DriverOutcome.changed];
      if (told?.notFoundDriverIds?.includes(id) === true) return [id, DriverOutcome.gone];
      if (told?.failedDriverIds?.includes(id) === true) return [id, DriverOutcome.refused];
      return [id, DriverOutcome.accepted];
    }),
  );
}

async function statuses(graph: Graph, policyId: string): Promise<ReadonlyMap<string, ApprovalStatus>> {
  const drivers = await listDriverInventory(graph, policyId);
  return new Map(drivers.map(({ id, approvalStatus }) => [id, approvalStatus]));
}

const entrySchema = z.object({ id: z.string(), displayName: text, deployableUntilDateTime: dateTime });

/** What the update catalogue says of a driver. */
export type DriverEntry = z.output<typeof entrySchema>;

/** What the update catalogue says of a driver; undefined when it does not have it, as of one that was withdrawn. */
export function findDriverEntry(graph: Graph, driverId: string): Promise<DriverEntry | undefined> {
  return absentWhenMissing(graph.get(entryPath(driverId), { schema: entrySchema }));
}

/** The same of many drivers, by twenty to a call; those that the catalogue does not have are left out. */
export async function findDriverEntries(graph: Graph, driverIds: readonly string[]): Promise<DriverEntry[]> {
  const answers = await readEach(graph, { paths: driverIds.map(entryPath), schema: entrySchema, version: "beta" });
  return answers.flatMap((answer) => {
    if (!(answer instanceof AppError)) return answer;
    if (answer.code === "not_found") return [];
    throw answer;
  });
}

function entryPath(driverId: string): string {
  return `${UPDATES}/catalog/entries/${segment(driverId)}`;
}

function profile(policyId: string): string {
  return `${INTUNE}/windowsDriverUpdateProfiles/${segment(policyId)}`;
}
