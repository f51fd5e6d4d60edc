import { SERVICE } from "../access/roles.js";
import { audit } from "../audit/audit.js";
import type { NoteAct } from "../graph/policies/ensure.js";
import type { DesiredPolicy } from "../graph/policies/types.js";

/**
 * Row 106: every write of the service to a policy is in the audit log under its name.
 * @param at instant of the entries, ms; the same when the work is repeated, so that it writes the same entries
 */
export function auditWrites({ kind, tag, name }: Pick<DesiredPolicy, "kind" | "tag" | "name">, at: number): NoteAct {
  return (act, policyId) =>
    audit({
      at,
      actor: SERVICE,
      action: `policy.${act}`,
      target: `policy/${tag}`,
      evidence: { kind, name, policyId },
      key: `${tag} ${policyId}`,
    });
}
