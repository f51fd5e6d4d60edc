import { SERVICE } from "../access/roles.js";
import { audit } from "../audit/audit.js";
import { AppError } from "../errors.js";
import { deleteAudience, ensureAudience } from "../graph/deployments/audiences.js";
import { Category } from "../graph/deployments/content.js";
import { deleteDeployment, ensureDeployment, listDeployments } from "../graph/deployments/deployments.js";
import { deleteUpdatePolicy, ensureUpdatePolicy, policiesOf } from "../graph/deployments/update-policies.js";
import type { Graph } from "../graph/graph.js";
import { notYet } from "../graph/settle.js";
import { watched } from "../graph/watched.js";
import { type Carried, type Deployment, Phase, type UpdatePolicy } from "./deployment.js";
import { lostAudience, ownAudience } from "./own-audience.js";
import { change, type Kind, read, readAudience } from "./store.js";

export interface CarriedRef {
  readonly kind: Kind;
  readonly id: string;
}

/**
 * Brings the tenant to what was decided about a deployment or policy: its audience, its devices' enrolment, then the
 * deployment, or policy with approvals. Each step finds what an earlier run left, so it may be repeated at any point;
 * throws `not_yet_consistent` while a write does not show.
 * @param now ms
 * @returns whether something was decided meanwhile that is still to be carried out
 */
export async function bring(client: Graph, { kind, id }: CarriedRef, now: number): Promise<boolean> {
  const record: Carried = (await read(kind, id)).body;
  if (!record.pending) return false;
  const { graph, hasWritten } = watched(client);
  const after = record.phase === Phase.ending ? await takeAway(graph, record, now) : await carryOut(graph, record, now);
  if (hasWritten()) await note(record, after, now);
  const settled = await change(kind, id, (present) =>
    present.revision === record.revision ? { ...present, ...after, pending: false, problem: null } : present,
  );
  return settled.pending;
}

/** Writes down what keeps it from the tenant, for people; the next run tries again. */
export async function noteProblem({ kind, id }: CarriedRef, problem: string): Promise<void> {
  await change(kind, id, (present) => ({ ...present, problem }));
}

async function carryOut(graph: Graph, record: Carried, now: number) {
  const audienceId = await ownAudience(graph, record, now);
  const wanted = await readAudience(record.kind, record.id);
  const unregistered = await ensureAudience(graph, audienceId, wanted, record.category);
  const done = { phase: Phase.active, unregistered };
  if (record.kind === "policy") return { ...done, graphId: await ensurePolicy(graph, audienceId, record) };
  if (record.category === Category.driver) return { ...done, graphId: await ensureDriver(graph, audienceId, record) };
  const { category, content, settings, paused } = record;
  const { catalogEntryId } = content;
  const desired = { audienceId, category, catalogEntryId, settings, paused: paused !== null };
  const { id, state } = await ensureDeployment(graph, desired);
  const observed = { at: now, effectiveValue: state.effectiveValue, reasons: state.reasons };
  return { ...done, graphId: id, observed };
}

function ensurePolicy(graph: Graph, audienceId: string, { category, rule, hotpatch, approvals }: UpdatePolicy) {
  const wanted = approvals.map(({ content, startAt }) => ({ catalogEntryId: content.catalogEntryId, startAt }));
  return ensureUpdatePolicy(graph, { audienceId, category, rule, hotpatch, approvals: wanted });
}

/** Drivers are deployed by approving them in a policy; a pause takes the approval back, and resuming gives a new one. */
function ensureDriver(graph: Graph, audienceId: string, { content, settings, paused }: Deployment): Promise<string> {
  const approval = { catalogEntryId: content.catalogEntryId, startAt: settings.startAt };
  const approvals = paused === null ? [approval] : [];
  return ensureUpdatePolicy(graph, { audienceId, category: Category.driver, rule: null, hotpatch: false, approvals });
}

/** Takes everything away that it made, in the order in which one needs the other (graph.md §7 K1). */
async function takeAway(graph: Graph, record: Carried, now: number) {
  const audienceId = record.audience.id ?? (await lostAudience(graph, record, now));
  if (audienceId !== undefined) {
    for (const { id } of await policiesOf(graph, audienceId)) await deleteUpdatePolicy(graph, id);
    // Those that approvals made by themselves linger, and would keep the audience (§1.8).
    for (const { id } of await listDeployments(graph, audienceId)) await deleteDeployment(graph, id);
    await deleteWhenFree(graph, audienceId);
  }
  return { phase: Phase.ended, unregistered: [] };
}

async function deleteWhenFree(graph: Graph, audienceId: string): Promise<void> {
  try {
    await deleteAudience(graph, audienceId);
  } catch (error) {
    const isInUse = error instanceof AppError && (error.code === "conflict" || error.code === "invalid_input");
    if (!isInUse) throw error;
    throw notYet(`The end of what uses deployment audience ${audienceId}`);
  }
}

async function note({ kind, id, revision }: Carried, after: { readonly phase: Phase }, at: number): Promise<void> {
  const act = after.phase === Phase.ended ? "takeAway" : "carryOut";
  await audit({
    ...{ at, actor: SERVICE, action: `${kind === "policy" ? "updatePolicy" : "deployment"}.${act}` },
    ...{ target: `${kind}/${id}`, evidence: { ...after }, key: `${id} ${revision}` },
  });
}
