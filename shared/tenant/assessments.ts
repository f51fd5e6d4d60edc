import { z } from "zod";
import type { Actor } from "../access/roles.js";
import { tenantManagementGraph } from "../graph/client.js";
import { listDevices } from "../registration/store.js";
import { type Documents, documents } from "../store/documents.js";
import { table } from "../store/tables.js";
import { type AssessOptions, assess, overall } from "./assess.js";
import { AssessmentResult } from "./checks/check.js";

/** Months for which an assessment is kept whole; afterwards nothing in it tells who or what it was about. */
const KEEP_MONTHS = 12;
const PARTITION = "assessment";

const outcomeSchema = z.object({
  id: z.string(),
  area: z.string(),
  name: z.string(),
  result: z.enum(AssessmentResult),
  message: z.string().optional(),
  todo: z.string().optional(),
  subjects: z.array(z.string()).readonly().optional(),
});

export const assessmentSchema = z.object({
  /** ISO 8601, UTC, domain time; the month alone once it is de-identified. */
  at: z.string(),
  by: z.object({ id: z.string(), name: z.string() }).nullable(),
  result: z.enum(AssessmentResult),
  checks: z.array(outcomeSchema),
  deidentified: z.boolean(),
});
export type Assessment = z.infer<typeof assessmentSchema>;

/** Runs the assessment, keeps it and returns it. Throws `throttled` or `unavailable` when Graph gives no answer. */
export async function runAssessment(
  actor: Pick<Actor, "id" | "name">,
  now: number,
  options: AssessOptions = {},
): Promise<Assessment> {
  const registered = (await listDevices()).filter(({ status }) => status === "Registered");
  const deviceIds = new Set(registered.map(({ deviceId }) => deviceId));
  const checks = await assess(tenantManagementGraph(), { deviceIds }, options);
  const at = new Date(now).toISOString();
  const by = { id: actor.id, name: actor.name };
  const assessment: Assessment = { at, by, result: overall(checks), checks, deidentified: false };
  await (await store()).put(PARTITION, at, assessment);
  return assessment;
}

/** All assessments that are kept, oldest first. */
export async function listAssessments(): Promise<Assessment[]> {
  const assessments: Assessment[] = [];
  for await (const { body } of (await store()).all(PARTITION)) assessments.push(body);
  return assessments;
}

/** Deletes all data of the assessment. Returns how many assessments there were. */
export async function deleteAssessments(): Promise<number> {
  const assessments = await store();
  let count = 0;
  for await (const { id } of assessments.all(PARTITION)) {
    await assessments.delete(PARTITION, id);
    count++;
  }
  return count;
}

/** De-identifies what was found 12 months ago or earlier (autopatch.md §4.2). May be repeated. */
export async function deidentifyOldAssessments(now: number): Promise<number> {
  const assessments = await store();
  const limit = new Date(now);
  limit.setUTCMonth(limit.getUTCMonth() - KEEP_MONTHS);
  let count = 0;
  for await (const { id, body, etag } of assessments.all(PARTITION, { before: limit.toISOString() })) {
    if (body.deidentified) continue;
    await assessments.put(PARTITION, id, deidentified(body), etag);
    count++;
  }
  return count;
}

/** What remains is of no person, device or policy: which check had which result in which month. */
function deidentified({ at, result, checks }: Assessment): Assessment {
  const plain = checks.map((check) => ({
    id: check.id,
    area: check.area,
    name: check.name,
    result: check.result,
  }));
  return { at: at.slice(0, 7), by: null, result, checks: plain, deidentified: true };
}

async function store(): Promise<Documents<Assessment>> {
  return documents(await table("Assessments"), assessmentSchema);
}
