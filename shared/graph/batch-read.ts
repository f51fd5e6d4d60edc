import { z } from "zod";
import type { AppError } from "../errors.js";
import { pageSchema, understood } from "./answer.js";
import { BATCH_STEPS, batchAnswerSchema, type StepAnswer, stepFailure } from "./batch.js";
import type { CallName } from "./failure.js";
import type { CallOptions, Graph, GraphVersion } from "./graph.js";
import { withQuery } from "./odata.js";

/** A collection of Graph to be read whole. */
export interface Collection<T> {
  /** Relative, without its query. */
  readonly path: string;
  readonly query: NonNullable<CallOptions["query"]>;
  /** What one item is. */
  readonly schema: z.core.$ZodType<T>;
}

export interface BatchRead<T> {
  /** Relative, with its query. */
  readonly paths: readonly string[];
  /** What each path answers. */
  readonly schema: z.core.$ZodType<T>;
  /** Of every step, e.g. `ConsistencyLevel`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Of the batch and so of every step. Default: v1.0. */
  readonly version?: GraphVersion;
}

/**
 * Reads many paths of Graph by twenty to a call (graph.md §3.3) and returns their answers in the same order. Throws the
 * first failure, one that says how long to wait before any other: reading is repeated as a whole.
 */
export async function readBatch<T>(
  graph: Graph,
  { paths, schema, headers = {}, version = "v1.0" }: BatchRead<T>,
): Promise<T[]> {
  const answers = await ask(graph, paths, headers, version);
  const throttled = answers.find(({ answer }) => answer?.status === 429);
  if (throttled !== undefined) throw stepFailure(getOf(throttled.path), throttled.answer);
  return answers.map(({ path, answer }) => answerOf(schema, path, answer));
}

/**
 * The same with a failure in the place of each answer that cannot be had, for readers to whom some are enough. Throws only
 * what concerns all of them: a failure of the calls themselves, or throttling.
 */
export async function readEach<T>(
  graph: Graph,
  { paths, schema, headers = STEP_HEADERS, version = "v1.0" }: BatchRead<T>,
): Promise<(T | AppError)[]> {
  const answers = await ask(graph, paths, headers, version);
  const throttled = answers.find(({ answer }) => answer?.status === 429);
  if (throttled !== undefined) throw stepFailure(getOf(throttled.path), throttled.answer);
  return answers.map(
    ({ path, answer }) => stepFailure(getOf(path), answer) ?? understood(schema, answer?.body, getOf(path)),
  );
}

/**
 * Why each of these paths of Graph beta cannot be read, undefined for those that can: one call by twenty. Throws only
 * what `readBatch` throws of the calls themselves.
 */
export async function failuresOf(graph: Graph, paths: readonly string[]): Promise<(AppError | undefined)[]> {
  const answers = await ask(graph, paths, STEP_HEADERS, "beta");
  return answers.map(({ path, answer }) => stepFailure(getOf(path), answer));
}

async function ask(
  graph: Graph,
  paths: readonly string[],
  headers: Readonly<Record<string, string>>,
  version: GraphVersion,
): Promise<{ path: string; answer: StepAnswer | undefined }[]> {
  const answers = [];
  for (let from = 0; from < paths.length; from += BATCH_STEPS) {
    const steps = paths.slice(from, from + BATCH_STEPS);
    const requests = steps.map((url, place) => ({ id: String(place), method: "GET", url, headers }));
    const { body } = await graph.post("/$batch", { requests }, { version });
    const byId = new Map(batchAnswerSchema.safeParse(body).data?.responses.map((answer) => [answer.id, answer]));
    answers.push(...steps.map((path, place) => ({ path, answer: byId.get(String(place)) })));
  }
  return answers;
}

/** As `graph.ts` sends it with every call: members added to an enumeration later stay hidden without it. */
const STEP_HEADERS = { Prefer: "include-unknown-enum-members" } as const;

/**
 * Reads whole collections of Graph beta in one call, as their first pages usually are all there is; a collection with
 * more goes on by its own nextLink. Items come as Graph sent them, for `itemsOf`.
 */
export async function listBatch(
  graph: Graph,
  collections: readonly Pick<Collection<unknown>, "path" | "query">[],
): Promise<unknown[][]> {
  const paths = collections.map(({ path, query }) => withQuery(path, query));
  const pages = await readBatch(graph, { paths, schema: pageSchema, headers: STEP_HEADERS, version: "beta" });
  const lists = [];
  for (const { value, "@odata.nextLink": next } of pages) {
    const rest = next === undefined ? [] : await graph.list(next, { schema: z.unknown() });
    lists.push([...value, ...rest]);
  }
  return lists;
}

/** The items of a collection, hollow ones left out; one that paging repeated comes once. */
export function itemsOf<T extends { readonly id: string }>(
  { path, schema }: Pick<Collection<T>, "path" | "schema">,
  items: readonly unknown[] = [],
): T[] {
  const whole = items.filter((item) => typeof item === "object" && item !== null);
  const found = new Map<string, T>();
  for (const item of whole.map((each) => understood(schema, each, getOf(path)))) {
    if (!found.has(item.id)) found.set(item.id, item);
  }
  return [...found.values()];
}

function answerOf<T>(schema: z.core.$ZodType<T>, path: string, answer: StepAnswer | undefined): T {
  const call = getOf(path);
  const failure = stepFailure(call, answer);
  if (failure !== undefined) throw failure;
  return understood(schema, answer?.body, call);
}

function getOf(path: string): CallName {
  return { method: "GET", path };
}
