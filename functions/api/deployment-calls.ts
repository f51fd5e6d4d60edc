import type { Actor } from "../../shared/access/roles.js";
import { inScope } from "../../shared/access/scope.js";
import { audit } from "../../shared/audit/audit.js";
import { clock } from "../../shared/clock.js";
import type { Deciding } from "../../shared/deployments/create.js";
import type { Carried } from "../../shared/deployments/deployment.js";
import { type ByKind, change, type Kind } from "../../shared/deployments/store.js";
import { AppError } from "../../shared/errors.js";
import { listGroups } from "../../shared/groups/store.js";
import { startOnce } from "../../workflows/client.js";
import { DEPLOYMENT, deploymentInstance } from "../../workflows/names.js";
import { refuseOtherVersion } from "./etag.js";
import type { Call } from "./route.js";

/** Who decides now, about which devices he may, and how the audit log calls it. */
export async function deciding(call: Call<unknown>, act: string): Promise<Deciding> {
  const { actor } = call;
  const groups = await groupIdsOf(actor);
  const mayTarget = (groupId: string | null) => groups === "all" || (groupId !== null && groups.has(groupId));
  return { actor, mayTarget, now: clock.now(), log: (record) => note(call, act, record) };
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

/**
 * Carries a decision out on what the caller saw. The log comes first, so that nothing is changed that it does not tell;
 * what is refused is not in it.
 */
export async function decide<K extends Kind>(
  call: Call<unknown>,
  { kind, act }: { readonly kind: K; readonly act: string },
  seen: ByKind[K],
  how: (present: ByKind[K]) => ByKind[K],
): Promise<ByKind[K]> {
  const decided = (present: ByKind[K]) => {
    refuseOtherVersion(call, present.revision);
    return how(present);
  };
  await note(call, `${NAMES[kind]}.${act}`, decided(seen));
  return change(kind, seen.id, decided);
}

const NAMES: Readonly<Record<Kind, string>> = { deployment: "deployment", policy: "updatePolicy" };

/** One entry of the audit log per decision, however often the call is made again. */
async function note(call: Call<unknown>, action: string, record: Carried): Promise<void> {
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
