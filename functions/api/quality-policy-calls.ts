import { audit } from "../../shared/audit/audit.js";
import { clock } from "../../shared/clock.js";
import { AppError } from "../../shared/errors.js";
import { Scope } from "../../shared/quality-policies/apply.js";
import type { QualityPolicy } from "../../shared/quality-policies/policy.js";
import { changeQualityPolicy, readQualityPolicy } from "../../shared/quality-policies/store.js";
import { policyView } from "../../shared/quality-policies/view.js";
import { visiblePolicies } from "../../shared/quality-policies/visible.js";
import { startOnce } from "../../workflows/client.js";
import { QUALITY_POLICIES } from "../../workflows/names.js";
import { refuseOtherVersion, versioned } from "./etag.js";
import { type Call, json, param } from "./route.js";

export const POLICIES = "quality-policies";
export const POLICY = `${POLICIES}/{policyId}`;

/**
 * Changes the policy as the caller saw it. The log comes first, so that nothing is changed that it does not tell; what is
 * refused is not in it.
 */
export async function change(
  call: Call<unknown>,
  act: string,
  changed: (policy: QualityPolicy) => QualityPolicy,
): Promise<QualityPolicy> {
  const before = await policyOf(call);
  refuseOtherVersion(call, versionOf(before));
  changed(before);
  await note(call, act, before, { ...(call.body as object | undefined) });
  return changeQualityPolicy(before.id, (present) => {
    refuseOtherVersion(call, versionOf(present));
    return changed(present);
  });
}

/** The policy that the path names. Throws `not_found`, also where it is not the caller's to see. */
export async function policyOf(call: Pick<Call<unknown>, "params" | "actor">): Promise<QualityPolicy> {
  const { body } = await readQualityPolicy(param(call, "policyId"));
  const [mine] = await visiblePolicies(call.actor, [body]);
  if (mine !== undefined) return mine;
  const message = `There is no quality update policy ${body.id} whose groups you may all see. GET /api/v1/quality-policies lists those.`;
  throw new AppError("not_found", message, { field: "policyId" });
}

/** Changes are kept: where their way to the tenant cannot be begun, the hourly run goes it. */
export async function bringToTenant(call: Call<unknown>): Promise<void> {
  const start = startOnce(call.client, QUALITY_POLICIES, `quality-policies:${call.newId()}`, { scope: Scope.due });
  await start.catch((error: unknown) => call.context.warn(error));
}

/** The policy as it is now, on its way to the tenant. */
export async function accepted(call: Call<unknown>, policy: QualityPolicy, status = 200) {
  await bringToTenant(call);
  return { ...shown(policy), status };
}

/** The policy with an ETag. */
export function shown(policy: QualityPolicy) {
  return versioned(json(policyView(policy, clock.now())), versionOf(policy));
}

/** What the service notes of its way to the tenant is no change of a policy. */
function versionOf({ pending: _pending, problem: _problem, decisions, ...policy }: QualityPolicy): unknown {
  return [policy, decisions.map(({ inTenant: _inTenant, ...decision }) => decision)];
}

/** Every change is in the audit log, with what was asked for. */
export async function note(
  { actor }: Pick<Call<unknown>, "actor">,
  act: string,
  { id, name }: Pick<QualityPolicy, "id" | "name">,
  { justification, ...evidence }: Readonly<Record<string, unknown>>,
): Promise<void> {
  await audit({
    ...{ at: clock.now(), actor, action: `qualityPolicy.${act}`, target: `quality-policy/${id}` },
    ...(typeof justification === "string" ? { justification } : {}),
    ...{ evidence: { policy: name, ...evidence }, key: `${id} ${crypto.randomUUID()}` },
  });
}
