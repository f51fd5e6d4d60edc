import { z } from "zod";
import { readBody } from "../odata/body.js";
import { badRequest } from "./errors.js";
import { type GraphResponse, type Json, ok } from "./types.js";

/** Most steps in one batch (graph.md §3.3). */
const MAX_STEPS = 20;

const stepSchema = z.object({
  id: z.string().min(1),
  method: z.string().transform((method) => method.toUpperCase()),
  url: z.string().startsWith("/"),
  headers: z.record(z.string(), z.string()).default({}),
  body: z.unknown().optional(),
  dependsOn: z.array(z.string()).default([]),
});
const batchSchema = z.object({ requests: z.array(stepSchema).min(1) });

export type BatchStep = z.infer<typeof stepSchema>;

/**
 * Runs the steps of a `$batch` one after the other. The outer answer is 200 whatever became of the steps, and they
 * come back in no promised order: here the last one first. Throws 400 for a batch that breaks the rules.
 */
export function runBatch(body: unknown, run: (step: BatchStep) => GraphResponse): GraphResponse {
  const { requests } = readBody(batchSchema, body);
  check(requests);
  const answers = new Map<string, GraphResponse>();
  for (const step of requests) {
    const blocked = step.dependsOn.some((id) => (answers.get(id)?.status ?? 424) >= 400);
    answers.set(step.id, blocked ? failedDependency() : run(step));
  }
  return ok({ responses: [...answers].map(([id, answer]) => stepJson(id, answer)).reverse() });
}

function check(steps: readonly BatchStep[]): void {
  if (steps.length > MAX_STEPS)
    throw badRequest(`Number of batch request steps exceeds the maximum value of ${MAX_STEPS}.`);
  const seen = new Set<string>();
  for (const { id, url, body, headers, dependsOn } of steps) {
    if (seen.has(id)) throw badRequest(`Duplicate request id '${id}' in the batch.`);
    if (/^\/\$batch/i.test(url)) throw badRequest("A batch cannot contain a batch.");
    const typed = Object.keys(headers).some((name) => name.toLowerCase() === "content-type");
    if (body !== undefined && !typed) throw badRequest(`Request '${id}' has a body but no Content-Type header.`);
    const unknown = dependsOn.find((other) => !seen.has(other));
    if (unknown !== undefined) throw badRequest(`Request '${id}' depends on '${unknown}', which is not before it.`);
    seen.add(id);
  }
}

function stepJson(id: string, { status, body, text, headers = {} }: GraphResponse): Json {
  const content = body ?? text;
  const type = body === undefined ? {} : { "Content-Type": "application/json" };
  return { id, status, headers: { ...type, ...headers }, ...(content === undefined ? {} : { body: content }) };
}

function failedDependency(): GraphResponse {
  const message = "The request was not executed because a request it depends on failed.";
  return { status: 424, body: { error: { code: "FailedDependency", message } } };
}
