import { AppError } from "../errors.js";
import { changeDocument } from "../store/concurrent.js";
import { type Document, type Documents, documents } from "../store/documents.js";
import { table } from "../store/tables.js";
import { type QualityPolicy, qualityPolicySchema } from "./policy.js";

const PARTITION = "policy";
/** Tries of a change against others who write the same policy. */
const TRIES = 6;

/** All policies in the order of their ids, those that are being deleted among them. */
export async function listQualityPolicies(): Promise<QualityPolicy[]> {
  const policies: QualityPolicy[] = [];
  for await (const { body } of (await store()).all(PARTITION)) policies.push(body);
  return policies;
}

/** Throws `not_found`. */
export async function readQualityPolicy(id: string): Promise<Document<QualityPolicy>> {
  const found = await (await store()).get(PARTITION, id);
  if (found !== undefined) return found;
  const message = `There is no quality update policy ${id}. GET /api/v1/quality-policies lists them.`;
  throw new AppError("not_found", message, { field: "policyId" });
}

/** Writes a new policy; the one that is there already under its id stays, and is returned. */
export async function insertQualityPolicy(policy: QualityPolicy): Promise<QualityPolicy> {
  try {
    await (await store()).insert(PARTITION, policy.id, policy);
    return policy;
  } catch (error) {
    if (!(error instanceof AppError && error.code === "conflict")) throw error;
    return (await readQualityPolicy(policy.id)).body;
  }
}

/**
 * Changes a policy; who was faster is met by deciding anew.
 * @param change sees what there is now; gives it back as it is when there is nothing to change
 * @throws AppError `not_found`, what `change` throws, or `unavailable` when others go on writing
 */
export async function changeQualityPolicy(
  id: string,
  change: (policy: QualityPolicy) => QualityPolicy,
): Promise<QualityPolicy> {
  const what = `quality update policy ${id}`;
  return changeDocument(await store(), () => readQualityPolicy(id), change, { tries: TRIES, what });
}

/** Deletes the record of a policy that the tenant no longer has; a missing one is success. */
export async function removeQualityPolicy(id: string): Promise<void> {
  await (await store()).delete(PARTITION, id);
}

async function store(): Promise<Documents<QualityPolicy>> {
  return documents(await table("QualityPolicies"), qualityPolicySchema);
}
