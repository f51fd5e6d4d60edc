import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { AppError, ErrorCode } from "../../../shared/errors.js";
import { MODEL_DEFAULTS, type ModelParameters } from "../../../shared/model/index.js";
import { SignalWorkload } from "../../../shared/signals/signal.js";
import { appRoot } from "../world/app-root.js";

const share = z.number().min(0).max(1);
const days = z.number().min(0).max(365);

const UPDATE_KEY = /^(KB\d{6,8}|Windows 1[01], version \d{2}H[12]|[0-9a-f]{64})$/;

const modelSchema = z.strictObject(
  Object.fromEntries(Object.keys(MODEL_DEFAULTS).map((name) => [name, z.number().min(0).optional()])),
);

const scenarioSchema = z.strictObject({
  name: z.string().regex(/^[a-z][a-z-]*$/),
  about: z.string().min(1),
  /** What the update adds to the base rate on the devices it strikes. */
  rate: share.default(0),
  /** Share of failing devices that never report; absent leaves the model's. */
  silentShare: share.optional(),
  /** How the update strikes: the attempt fails, or the device never comes back. */
  harm: z.enum(["failure", "silentBrick"]).default("failure"),
  /** The kind of update that does it; without it and `affects`, quality updates do. */
  workload: z.enum(SignalWorkload).optional(),
  /** Updates that do it, by key (`KB5039212`, `Windows 11, version 24H2`, id of a driver); absent means each of its kind. */
  affects: z.array(z.string().regex(UPDATE_KEY)).optional(),
  /** Only devices with one value of this attribute are struck: a value held by a share of the fleet in this range. */
  cohort: z
    .strictObject({ attribute: z.string(), value: z.string().optional(), minShare: share, maxShare: share })
    .optional(),
  /** A share of the users is away: days counted from the start of the fleet. */
  holiday: z.strictObject({ fromDay: days, days, awayShare: share }).optional(),
  /** Share of devices that a safeguard keeps from installing. */
  safeguardShare: share.default(0),
  /** What happens to signals on their way. */
  delivery: z
    .strictObject({
      /** Share of signals that are sent twice. */
      duplicateShare: share.default(0),
      /** Share of signals that are late by U(0, `lateHours`). */
      lateShare: share.default(0),
      lateHours: z.number().min(0).max(240).default(0),
      /** Mixes the signals of each tick. */
      shuffle: z.boolean().default(false),
    })
    .default({ duplicateShare: 0, lateShare: 0, lateHours: 0, shuffle: false }),
  /** The catalogue update that the scenario is about, where it needs a certain one: `2025.04 B`. */
  update: z
    .string()
    .regex(/^\d{4}\.\d{2} (B|C|D|OOB)$/)
    .optional(),
  /** The out-of-band release of the catalogue that appears in the middle of it. */
  outOfBand: z.strictObject({ update: z.string(), date: z.iso.date() }).optional(),
  /** Faults of Microsoft Graph, for the tenant (graph.md §9). */
  faults: z
    .strictObject({
      throttle: z.strictObject({ rate: share, retryAfterSeconds: z.int().min(0).max(3_600) }).optional(),
      unavailableAfterWrite: share.optional(),
      consistencyDelaySeconds: z.number().min(0).max(3_600).optional(),
    })
    .optional(),
  /** How often Intune hears from a device that is on, hours; 0 never. Every 8 hours in reality. */
  inventorySyncHours: z.number().min(0).max(720).default(8),
  /** A device that is on uploads its signals at whole multiples of this, minutes. */
  uploadMinutes: z.int().min(15).max(720).multipleOf(15).default(60),
  /** Parameters of the device model that differ from the defaults. */
  model: modelSchema.default({}),
});

/** What a fleet goes through. */
export type Scenario = Omit<z.infer<typeof scenarioSchema>, "model"> & { readonly model: Partial<ModelParameters> };

const FOLDER = "infra/local/fleet/scenarios";

/** Names of all scenarios, alphabetically. */
export function scenarioNames(): string[] {
  return readdirSync(join(appRoot(), FOLDER))
    .filter((file) => file.endsWith(".json"))
    .map((file) => file.slice(0, -".json".length))
    .sort();
}

/**
 * A scenario by name, with parameters replaced: its own (`rate`, `silentShare`) or the model's (`baseFailureRate`).
 * @throws AppError `not_found` for an unknown name, `invalid_input` naming the parameter that is wrong.
 */
export function loadScenario(name: string, overrides: Readonly<Record<string, unknown>> = {}): Scenario {
  const names = scenarioNames();
  if (!names.includes(name)) {
    throw new AppError(ErrorCode.notFound, `There is no scenario '${name}'. Choose one of: ${names.join(", ")}.`);
  }
  const content: unknown = JSON.parse(readFileSync(join(appRoot(), FOLDER, `${name}.json`), "utf8"));
  const own = Object.entries(overrides).filter(([key]) => !(key in MODEL_DEFAULTS));
  const model = Object.entries(overrides).filter(([key]) => key in MODEL_DEFAULTS);
  const given = content as { model?: object };
  return parseScenario({
    ...given,
    ...Object.fromEntries(own),
    model: { ...given.model, ...Object.fromEntries(model) },
  });
}

/** A cohort that nothing strikes would look like a healthy month. */
function refusingIdleCohort(scenario: Scenario): Scenario {
  if (scenario.cohort === undefined || scenario.rate > 0) return scenario;
  const message = `Scenario '${scenario.name}' strikes no device, so that a cohort says nothing. Give a rate too, or take bad-driver.`;
  throw new AppError(ErrorCode.invalidInput, message, { field: "cohort" });
}

/** Checks a scenario and fills in the defaults. @throws AppError `invalid_input` naming the field. */
export function parseScenario(content: unknown): Scenario {
  const parsed = scenarioSchema.safeParse(content);
  if (parsed.success) return refusingIdleCohort(parsed.data as Scenario);
  const [issue] = parsed.error.issues;
  const unknown = issue?.code === "unrecognized_keys" ? issue.keys.join(", ") : "";
  const field = [...(issue?.path ?? []), ...(unknown === "" ? [] : [unknown])].join(".");
  throw new AppError(ErrorCode.invalidInput, `Scenario: ${field || "content"}: ${issue?.message}.`, { field });
}
