import type { Actor } from "../../shared/access/roles.js";
import { inScope } from "../../shared/access/scope.js";
import { audit } from "../../shared/audit/audit.js";
import { clock } from "../../shared/clock.js";
import type { Deciding } from "../../shared/deployments/create.js";
import type { Carried } from "../../shared/deployments/deployment.js";
import { AppError } from "../../shared/errors.js";
import { listGroups } from "../../shared/groups/store.js";
import { startOnce } from "../../workflows/client.js";
import { DEPLOYMENT, deploymentInstance } from "../../workflows/names.js";
import type { Call } from "./route.js";

/** Who decides now, and about which devices he may. */
export async function deciding({ actor }: Pick<Call<unknown>, "actor">): Promise<Deciding> {
  const groups = await groupIdsOf(actor);
  const mayTarget = (groupId: string | null) => groups === "all" || (groupId !== null && groups.has(groupId));
  return { actor, mayTarget, now: clock.now() };
}

/** Those of the deployments or policies all of whose devices the actor may see: they are decided as a whole. */
export async function visibleTo<T extends Carried>(actor: Actor, records: readonly T[]): Promise<readonly T[]> {
  const groups = await groupIdsOf(actor);
  if (groups === "all") return records;
  return records.filter(({ rings, devices }) => {
    const seen = rings.filter(({ groupId }) => groups.has(groupId)).reduce((sum, ring) => sum + ring.devices, 0);
    return seen === devices;
  });
}

/** The same for one. Throws `not_found`. */
export async function mine<T extends Carried>(actor: Actor, record: T): Promise<T> {
  const [visible] = await visibleTo(actor, [record]);
  if (visible !== undefined) return visible;
  const field = record.kind === "policy" ? "policyId" : "deploymentId";
  const message = `There is none of id ${record.id} whose devices you may all see. Ask an administrator for the scope tags of their groups.`;
  throw new AppError("not_found", message, { field });
}

/** The decision is kept: where its way to the tenant cannot be begun, the hourly look begins it. */
export async function carryOut(call: Call<unknown>, { kind, id }: Carried): Promise<void> {
  const instance = deploymentInstance(id);
  await startOnce(call.client, DEPLOYMENT, instance, { kind, id }).catch((error: unknown) => call.context.warn(error));
}

/** One entry of the audit log per decision, however often the call is made again. */
export async function note(call: Call<unknown>, action: string, record: Carried): Promise<void> {
  const { justification, devices: _devices, ...evidence } = { ...(call.body as Record<string, unknown> | undefined) };
  await audit({
    ...{ at: clock.now(), actor: call.actor, action, target: `${record.kind}/${record.id}` },
    ...(typeof justification === "string" ? { justification } : {}),
    ...{ evidence: { ...evidence, devices: record.devices }, key: `${record.id} ${record.revision}` },
  });
}

async function groupIdsOf(actor: Actor): Promise<ReadonlySet<string> | "all"> {
  if (actor.scopeTagIds === "all") return "all";
  const groups = (await listGroups()).filter(({ definition }) => inScope(actor, definition.scopeTagIds));
  return new Set(groups.map(({ id }) => id));
}
