import { z } from "zod";
import { AppError } from "../errors.js";
import { BATCH_STEPS } from "./batch.js";
import { failureOf } from "./failure.js";
import type { Graph } from "./graph.js";

const answersSchema = z.object({
  responses: z.array(
    z.object({
      id: z.string(),
      status: z.int(),
      headers: z.record(z.string(), z.string()).nullish(),
      body: z.unknown().optional(),
    }),
  ),
});

export interface BatchRead<T> {
  /** Relative, with its query. */
  readonly paths: readonly string[];
  /** What each path answers. */
  readonly schema: z.ZodType<T>;
  /** Of every step, e.g. `ConsistencyLevel`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Reads many paths of Graph v1.0 by twenty to a call (graph.md §3.3) and returns their answers in the same order. Throws
 * the first failure: reading is repeated as a whole.
 */
export async function readBatch<T>(graph: Graph, { paths, schema, headers }: BatchRead<T>): Promise<T[]> {
  const answers: T[] = [];
  for (let from = 0; from < paths.length; from += BATCH_STEPS) {
    const steps = paths.slice(from, from + BATCH_STEPS);
    const requests = steps.map((url, place) => ({ id: String(place), method: "GET", url, headers: headers ?? {} }));
    const { body } = await graph.post("/$batch", { requests }, { version: "v1.0" });
    const parsed = answersSchema.safeParse(body);
    const byId = new Map(parsed.data?.responses.map((answer) => [answer.id, answer]));
    answers.push(...steps.map((path, place) => answerOf(schema, path, byId.get(String(place)))));
  }
  return answers;
}

type StepAnswer = z.infer<typeof answersSchema>["responses"][number];

function answerOf<T>(schema: z.ZodType<T>, path: string, answer: StepAnswer | undefined): T {
  const call = { method: "GET", path } as const;
  const known = new Headers(answer?.headers ?? {});
  // A step without an answer is the same as an outage.
  const status = answer?.status ?? 504;
  if (status < 200 || status >= 300) throw failureOf(call, status, (name) => known.get(name), answer?.body);
  const parsed = schema.safeParse(answer?.body);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const field = issue?.path.join(".") ?? "";
  const message = `Microsoft Graph's answer to GET ${path} has an unexpected form at "${field}": ${issue?.message}. The API has changed; update Ringmaster.`;
  throw new AppError("unsupported", message, { field });
}
