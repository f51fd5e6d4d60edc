import { existsSync, readFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { messageOf, StartError } from "../start-error.js";
import { issueText } from "./issue.js";
import { applyOverrides, knownNames } from "./overrides.js";
import { parseTimeSpan } from "./time-span.js";

const FILE = "host.json";
const CORES = availableParallelism();

/** .NET's configuration reads numbers and booleans from text as well, and overrides always are text. */
const fromText = (value: unknown): unknown => {
  if (typeof value !== "string") return value;
  if (/^(true|false)$/i.test(value)) return value.toLowerCase() === "true";
  return /^-?\d+$/.test(value) ? Number(value) : value;
};
const flag = (fallback: boolean) => z.preprocess(fromText, z.boolean().default(fallback));
const count = (fallback: number, minimum = 1) => z.preprocess(fromText, z.int().min(minimum).default(fallback));

/** Milliseconds, written as a time span. */
const duration = (fallback: string) =>
  z
    .string()
    .default(fallback)
    .transform((text, context) => {
      const milliseconds = parseTimeSpan(text);
      if (milliseconds !== undefined && milliseconds >= 0) return milliseconds;
      context.addIssue({ code: "custom", message: `expected a time span such as "00:05:00", received "${text}"` });
      return z.NEVER;
    });

const functionTimeout = z
  .union([z.literal("-1"), z.literal(-1), z.string()], { error: 'expected a time span such as "00:05:00", or "-1"' })
  .optional()
  .transform((value, context) => {
    if (value === undefined) return 30 * 60_000;
    if (String(value) === "-1") return Number.POSITIVE_INFINITY;
    const milliseconds = parseTimeSpan(String(value));
    if (milliseconds !== undefined && milliseconds > 0) return milliseconds;
    context.addIssue({ code: "custom", message: `expected a time span such as "00:05:00", received "${value}"` });
    return z.NEVER;
  });

const http = z.object({
  routePrefix: z
    .string()
    .default("api")
    .transform((prefix) => prefix.replace(/^\/+|\/+$/g, "")),
  maxOutstandingRequests: count(-1, -1),
  maxConcurrentRequests: count(-1, -1),
  customHeaders: z.record(z.string(), z.string()).default({}),
});

const durableTask = z.object({
  hubName: z
    .string()
    .default("TestHubName")
    .refine((name) => /^[A-Za-z][A-Za-z0-9]{2,44}$/.test(name) || /%[^%]+%/.test(name), {
      error: "expected 3 to 45 letters and digits, a letter first",
    }),
  storageProvider: z
    .object({
      type: z.string().default("AzureStorage"),
      connectionStringName: z.string().optional(),
      connectionName: z.string().optional(),
    })
    .prefault({}),
  maxConcurrentActivityFunctions: count(10 * CORES),
  maxConcurrentOrchestratorFunctions: count(10 * CORES),
  maxConcurrentEntityFunctions: count(10 * CORES),
  maxOrchestrationActions: count(100_000),
  maxEntityOperationBatchSize: count(5_000),
  overridableExistingInstanceStates: z.enum(["NonRunningStates", "AnyState"]).default("NonRunningStates"),
  httpSettings: z.object({ defaultAsyncRequestSleepTimeMilliseconds: count(30_000) }).prefault({}),
  defaultVersion: z.string().optional(),
});

const serviceBus = z.object({
  autoCompleteMessages: flag(true),
  maxConcurrentCalls: count(16 * CORES),
  maxMessageBatchSize: count(1_000),
  minMessageBatchSize: count(1),
  maxBatchWaitTime: duration("00:00:30"),
  maxAutoLockRenewalDuration: duration("00:05:00"),
  prefetchCount: count(0, 0),
});

const schema = z.object({
  version: z.literal("2.0", { error: 'expected "2.0"' }),
  functionTimeout,
  functions: z.array(z.string()).optional(),
  logging: z.object({ logLevel: z.record(z.string(), z.string()).default({}) }).prefault({}),
  extensions: z
    .object({ http: http.prefault({}), durableTask: durableTask.prefault({}), serviceBus: serviceBus.prefault({}) })
    .prefault({}),
});

/** host.json with every default filled in; durations in milliseconds, `functionTimeout` Infinity when unlimited. */
export type HostConfig = z.infer<typeof schema>;

const NAMES = knownNames(z.toJSONSchema(schema, { io: "input", unrepresentable: "any" }));

/**
 * Reads host.json of the app and lays `AzureFunctionsJobHost__a__b=value` over it (functions-host.md §5.2). Unknown keys
 * are ignored, as the real host does. Throws a StartError that names the key's path.
 */
export function readHostConfig(dir: string, env: NodeJS.ProcessEnv): HostConfig {
  const path = join(dir, FILE);
  if (!existsSync(path)) throw new StartError(FILE, `not found in ${dir}; is this a function app?`);
  let raw: unknown;
  try {
    raw = JSON.parse(readFileSync(path, "utf8"));
  } catch (error) {
    throw new StartError(FILE, `not valid JSON: ${messageOf(error)}`);
  }
  const parsed = schema.safeParse(applyOverrides(raw, env, NAMES));
  if (parsed.success) return parsed.data;
  const { path: field, problem } = issueText(parsed.error);
  throw new StartError(`${FILE}: ${field}`, problem);
}
