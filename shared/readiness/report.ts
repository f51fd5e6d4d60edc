import { z } from "zod";
import type { Attributes } from "../attributes/columns.js";
import { type Inventory, inventorySchema } from "../inventory/inventory.js";
import {
  jsonOf,
  MAX_CLOCK_SKEW_MS,
  type RawSignal,
  type Rejection,
  type RejectReason,
  textOf,
} from "../signals/intake.js";
import { READINESS_CHECKS } from "./checks.js";
import { attributesSchema } from "./device-attributes.js";
import type { AgentReport } from "./judge.js";

/** Queue on which the agents' reports arrive. */
export const READINESS_QUEUE = "readiness";
export const READINESS_TYPE = "ringmaster.device.readiness";

/** Largest accepted report, bytes of UTF-8 JSON. */
export const MAX_REPORT_BYTES = 16_384;

const name = z.string().min(1).max(200);
const setting = z.union([name, z.object({ name, value: z.union([z.string().max(1000), z.number()]) })]);

/**
 * A report of the agent on a device: what its readiness checks found, and what the device is like. CloudEvents 1.0 in JSON, one event per Service
 * Bus message. It is sent when the result differs from the one before, at least once and in any order.
 */
export const reportSchema = z.object({
  specversion: z.literal("1.0"),
  id: z.string().min(1).max(200),
  /** `/devices/<Entra deviceId>` */
  source: z.string().min(1).max(200),
  type: z.literal(READINESS_TYPE),
  /** When the checks ran, domain time. */
  time: z.iso.datetime({ offset: true }),
  datacontenttype: z.literal("application/json").optional(),
  data: z.object({
    deviceId: z.guid().transform((id) => id.toLowerCase()),
    checks: z
      .array(z.object({ check: z.enum(READINESS_CHECKS), passed: z.boolean(), reason: z.string().max(500).optional() }))
      .max(READINESS_CHECKS.length),
    updatePolicies: z.array(setting).max(100).optional(),
    registry: z.array(setting).max(100).optional(),
    /** What the device is like; may come alone, with no checks. */
    attributes: attributesSchema.optional(),
    /** Its apps; sent at most once a day, and only when something has changed. May come alone too. */
    inventory: inventorySchema.optional(),
  }),
});

export interface DeviceReport extends AgentReport {
  readonly deviceId: string;
  readonly attributes?: Attributes | undefined;
  readonly inventory?: Inventory | undefined;
}

export type ReportIntake = { readonly report: DeviceReport } | { readonly rejection: Rejection };

/**
 * Reads one message.
 * @param now domain time, ms
 */
export function readReport({ body }: RawSignal, now: number): ReportIntake {
  const reject = (reason: RejectReason, message: string) => ({ rejection: { reason, message, body } });
  const bytes = Buffer.byteLength(textOf(body));
  if (bytes > MAX_REPORT_BYTES) {
    return reject("tooLarge", `The report has ${bytes} bytes; at most ${MAX_REPORT_BYTES} are accepted.`);
  }
  const parsed = reportSchema.safeParse(jsonOf(body));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return reject("malformed", `Not a readiness report at "${issue?.path.join(".")}": ${issue?.message}`);
  }
  const { time, data } = parsed.data;
  if (Date.parse(time) > now + MAX_CLOCK_SKEW_MS) {
    return reject("future", `The report's time ${time} is more than 5 minutes ahead of the service's.`);
  }
  return { report: { ...data, at: new Date(time).toISOString() } };
}
