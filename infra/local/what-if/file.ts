import { z } from "zod";
import { defaultBase } from "../../../shared/what-if/base.js";
import { modelFleet } from "../../../shared/what-if/fleet.js";
import { NO_HISTORY, whatIfHistorySchema } from "../../../shared/what-if/history.js";
import {
  type BaseSettings,
  candidateGateSchema,
  candidatesSchema,
  DEFAULT_MONTHS,
  ringPlanSchema,
  settleCandidates,
  WHAT_IF_LIMITS,
} from "../../../shared/what-if/settings.js";
import { simulatedHistory, type WhatIfInput } from "../../../shared/what-if/trials.js";
import { ringSizes } from "../fleet/ring-sizes.js";
import { GroupFileText } from "../groups-file/file-text.js";

const known = whatIfHistorySchema.shape;

/**
 * The file of `npm run simulate -- --what-if FILE`, YAML or JSON. Everything may be left out:
 *
 * ```yaml
 * seed: 1                # of everything random
 * months: 200            # 1 to 2,000 for each candidate; 80 of 200 are healthy, 30 of each other case
 * devices: 50000         # 10 to 1,000,000 over the five default rings, in proportion; or instead:
 * rings:                 # 1 to 15 rings with devices of their own
 *   - { name: Test, devices: 50, qualityDeferralDays: 0, qualityDeadlineDays: 0 }
 *   - { name: Broad, devices: 9950, qualityDeferralDays: 5, qualityDeadlineDays: 3, waves: [0.2, 0.8], waveIntervalHours: 48 }
 * gate: { mode: enforce, alpha: 0.01, holdEvidence: 5, harmBound: null, offers: measured }   # of all candidates
 * history: { p0: 0.003, p0Variation: 0.1 }   # what earlier releases have taught, or `none`; default `learned`: what six
 *                        # healthy months teach that are simulated before
 * candidates:            # 1 to 4, each what it changes; default: one without changes
 *   - name: As it is
 *   - name: Faster
 *     rings: { Ring3: { qualityDeferralDays: 5, qualityDeadlineDays: 3 } }
 *   - { name: Stricter, gate: { harmBound: 20 } }
 *   - { name: By the calendar, gate: { mode: off } }
 * ```
 */
const fileSchema = z.strictObject({
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(1),
  months: z.int().min(1).max(WHAT_IF_LIMITS.months).default(DEFAULT_MONTHS),
  devices: z.int().min(10).max(WHAT_IF_LIMITS.devices).optional(),
  rings: z
    .array(ringPlanSchema.extend({ devices: z.int().min(0).max(WHAT_IF_LIMITS.devices) }))
    .min(1)
    .max(15)
    .optional(),
  gate: candidateGateSchema.prefault({}),
  history: z
    .preprocess(
      (given) => (given === "none" ? NO_HISTORY : given),
      z.union([
        z.literal("learned"),
        z.strictObject({
          deployments: known.deployments.default(1),
          p0: known.p0.default(NO_HISTORY.p0),
          p0Variation: known.p0Variation.default(0),
          arrivals: known.arrivals.default({}),
          noReturn: known.noReturn.default(NO_HISTORY.noReturn),
        }),
      ]),
    )
    .default("learned"),
  candidates: candidatesSchema,
});
type WhatIfFile = z.infer<typeof fileSchema>;

const DEFAULT_DEVICES = 50_000;

/** The what-if that a file describes, or one line for every error: file, line, field, and what it must be. */
export type ReadFile = { readonly input: WhatIfInput } | { readonly errors: readonly string[] };

/**
 * Reads a what-if file.
 * @param file its name, for errors
 * @param seed instead of the file's
 */
export function readWhatIf(file: string, content: string, seed?: number): ReadFile {
  const text = new GroupFileText(file, content, "a what-if: fields such as months, devices and candidates");
  if (text.errors.length > 0) return { errors: text.errors };
  const lineFor = (field: string, message: string) => `${file}:${text.lineOf(field)}: ${field}: ${message}`;
  const parsed = fileSchema.safeParse(text.value);
  if (!parsed.success) return { errors: parsed.error.issues.flatMap((issue) => describe(issue, lineFor)) };
  const wrong = problemOf(parsed.data);
  if (wrong !== undefined) return { errors: [lineFor(wrong.field, wrong.message)] };
  const base = baseOf(parsed.data);
  const settled = settleCandidates(base, parsed.data.candidates);
  if ("problem" in settled) return { errors: [lineFor(settled.problem.field, settled.problem.message)] };
  return { input: inputOf({ ...parsed.data, seed: seed ?? parsed.data.seed }, base, settled.candidates) };
}

function problemOf({ devices, rings }: WhatIfFile): { field: string; message: string } | undefined {
  if (rings === undefined) return undefined;
  if (devices !== undefined)
    return { field: "devices", message: "goes without rings, which have devices of their own" };
  const sum = rings.reduce((total, ring) => total + ring.devices, 0);
  if (sum < 1 || sum > WHAT_IF_LIMITS.devices) {
    return { field: "rings", message: `have ${sum} devices; there must be 1 to ${WHAT_IF_LIMITS.devices}` };
  }
  const again = rings.findIndex(({ name }, at) => rings.some((other, before) => before < at && other.name === name));
  return again < 0 ? undefined : { field: `rings[${again}].name`, message: "another ring has this name too" };
}

function baseOf({ rings, gate }: WhatIfFile): BaseSettings {
  const plans = rings?.map(({ devices: _devices, ...plan }) => plan) ?? defaultBase().rings;
  return { rings: plans, gate };
}

function inputOf(file: WhatIfFile, base: BaseSettings, candidates: WhatIfInput["candidates"]): WhatIfInput {
  const { seed, months, devices = DEFAULT_DEVICES, rings, history } = file;
  const sizes = rings?.map((ring) => ring.devices) ?? ringSizes(devices);
  const sized = base.rings.map(({ name }, ring) => ({ name, size: sizes[ring] ?? 0 }));
  const fleet = modelFleet(sized, seed);
  const known = history === "learned" ? simulatedHistory({ seed, fleet, base }) : history;
  return { seed, months, candidates, fleet, history: known, base };
}

/** What is wrong with a field, in words that name the limit. */
function describe(issue: z.core.$ZodIssue, lineFor: (field: string, message: string) => string): string[] {
  const field = fieldOf(issue.path);
  switch (issue.code) {
    case "unrecognized_keys":
      return issue.keys.map((key) => lineFor(fieldOf([...issue.path, key]), "there is no such field"));
    case "too_big":
      return [
        lineFor(field, `must be ${issue.inclusive === false ? "below" : "at most"} ${issue.maximum}${things(issue)}`),
      ];
    case "too_small":
      return [
        lineFor(field, `must be ${issue.inclusive === false ? "above" : "at least"} ${issue.minimum}${things(issue)}`),
      ];
    case "invalid_value":
      return [lineFor(field, `must be one of ${issue.values.map(String).join(", ")}`)];
    case "invalid_type":
      return [
        lineFor(
          field,
          issue.input === undefined && issue.message.includes("undefined")
            ? "is missing"
            : `must be ${kindOf(issue.expected)}`,
        ),
      ];
    case "invalid_union":
      // The last alternative is the record; a word that is none of the others is no record either.
      return (issue.errors.at(-1) ?? []).flatMap((inner) =>
        describe({ ...inner, path: [...issue.path, ...inner.path] }, lineFor),
      );
    default:
      return [lineFor(field, issue.message)];
  }
}

function things({ origin }: { readonly origin: string }): string {
  if (origin === "array") return " in number";
  return origin === "string" ? " characters" : "";
}

const KINDS: Readonly<Record<string, string>> = {
  int: "a whole number",
  number: "a number",
  string: "a text",
  array: "a list",
  object: "a record of fields",
  record: "a record of fields",
};

const kindOf = (expected: string): string => KINDS[expected] ?? expected;

function fieldOf(path: readonly PropertyKey[]): string {
  const name = path.reduce<string>((before, part) => {
    if (typeof part === "number") return `${before}[${part}]`;
    return before === "" ? String(part) : `${before}.${String(part)}`;
  }, "");
  return name === "" ? "the file" : name;
}
