import { createHash } from "node:crypto";
import { SERVICE } from "../access/roles.js";
import { audit } from "../audit/audit.js";
import type { Graph } from "../graph/graph.js";
import { ensureGroup, type GroupSpec } from "../graph/groups.js";
import { addMembers, listMembers, removeMembers } from "../graph/members.js";
import { configurationArea, withCount } from "../graph/policies/configuration-area.js";
import { ensurePolicy } from "../graph/policies/ensure.js";
import { type DesiredPolicy, PolicyKind } from "../graph/policies/types.js";
import { UNIQUE_PREFIX } from "../groups/directory-names.js";
import { auditWrites } from "../policies/policy-audit.js";
import { listOptOuts, noteApplied } from "./opt-outs.js";

/** Directory group of the devices that are opted out of safeguard holds. */
export const OPT_OUT_GROUP: GroupSpec = {
  uniqueName: `${UNIQUE_PREFIX}safeguard-opt-outs`,
  displayName: "Ringmaster - Safeguard opt-outs",
  description: "Devices that are opted out of safeguard holds. Kept by Ringmaster: changes made by hand are undone.",
};

/** The policy that switches safeguards off on the devices of that group: Update/DisableWUfBSafeguards (autopatch.md §12). */
export function optOutPolicy(entraGroupId: string): DesiredPolicy {
  const tag = createHash("sha256").update("safeguard opt-outs").digest("hex").slice(0, 12);
  return {
    ...{ kind: PolicyKind.safeguardOptOut, tag, entraGroupId, scopeTagIds: ["0"] },
    name: `Ringmaster - Safeguard opt-outs [${tag}]`,
    description: `Switches safeguard holds off until a feature update is taken. Kept by Ringmaster [${tag}]: changes made by hand are undone.`,
    values: withCount({ disableSafeguards: true }),
  };
}

/**
 * Brings the opt-outs to the tenant: the directory group has their devices and no others, and the policy reaches the
 * group. May be repeated. @param now ms
 * @throws AppError retryable while Graph throttles, is away or does not show what was written
 */
export async function applyOptOuts(graph: Graph, now: number): Promise<void> {
  const wanted = new Set((await listOptOuts()).map(({ objectId }) => objectId.toLowerCase()));
  const { groupId } = await ensureGroup(graph, OPT_OUT_GROUP);
  const present = await listMembers(graph, groupId);
  const [unwanted, missing] = [
    present.filter((id) => !wanted.has(id)),
    [...wanted].filter((id) => !present.includes(id)),
  ];
  if (unwanted.length + missing.length > 0) {
    // Written before it is done: what is repeated after a crash finds nothing to do.
    const evidence = { added: missing, removed: unwanted };
    const key = `${groupId} ${present.length}`;
    await audit({ at: now, actor: SERVICE, action: "safeguard.members", target: `group/${groupId}`, evidence, key });
    await removeMembers(graph, groupId, unwanted);
    await addMembers(graph, groupId, missing);
  }
  const policy = optOutPolicy(groupId);
  await ensurePolicy(graph, configurationArea, policy, { note: auditWrites(policy, now) });
  await noteApplied();
}
