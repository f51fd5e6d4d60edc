import { z } from "zod";
import { type Documents, documents } from "../store/documents.js";
import { table } from "../store/tables.js";
import { ReleaseKind } from "../updates/update.js";
import { Disturbance, type KeptDeployment, learnBaseline } from "./baselines.js";
import type { GateHistory } from "./history.js";

const bins = z.array(z.number()).readonly();

const deploymentSchema: z.ZodType<KeptDeployment> = z.object({
  releaseId: z.string().min(1),
  groupId: z.string().min(1),
  kind: z.enum(ReleaseKind),
  updateId: z.string(),
  updateName: z.string(),
  finishedAt: z.number(),
  resolved: z.number(),
  failures: z.number(),
  reportAgeBins: z.record(z.string(), bins).readonly(),
  started: z.number(),
  returnAgeBins: bins,
  disturbedBy: z.array(z.enum(Disturbance)).readonly(),
  disturbed: z.boolean(),
});

/** Keeps what a release has shown; the release's former entry gives way. May be repeated. */
export async function keepDeployment(deployment: KeptDeployment): Promise<void> {
  await (await store()).put(deployment.kind, deployment.releaseId, deployment);
}

/**
 * Takes a finished release out of what teaches, because something happened to it after its end. May be repeated; nothing
 * happens where it has not finished.
 */
export async function disturbDeployment(kind: ReleaseKind, releaseId: string, by: Disturbance): Promise<void> {
  const found = await (await store()).get(kind, releaseId);
  if (found === undefined || found.body.disturbedBy.includes(by)) return;
  const disturbedBy = [...found.body.disturbedBy, by];
  await (await store()).put(kind, releaseId, { ...found.body, disturbed: true, disturbedBy }, found.etag);
}

/** Finished deployments of a kind of update, oldest release first. */
export async function deploymentsOf(kind: ReleaseKind): Promise<KeptDeployment[]> {
  const found: KeptDeployment[] = [];
  for await (const { body } of (await store()).all(kind)) found.push(body);
  return found;
}

/** What the gate of a new release starts from: p0, its variation, F per ring and S (gate.md §2). */
export async function baselineOf(kind: ReleaseKind, groupId: string): Promise<GateHistory> {
  return learnBaseline(await deploymentsOf(kind), groupId);
}

async function store(): Promise<Documents<KeptDeployment>> {
  return documents(await table("Baselines"), deploymentSchema);
}
