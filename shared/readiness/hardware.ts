import { z } from "zod";
import type { Attributes } from "../attributes/columns.js";

/** An attribute that does not say what it should is as good as none. */
const whole = z
  .string()
  .regex(/^\d{1,6}$/)
  .transform(Number)
  .optional()
  .catch(undefined);

/** What Windows 11 asks of hardware, as agents tell it in the attributes of their report. */
const hardwareSchema = z.object({
  tpm: z.enum(["2.0", "1.2", "none"]).optional().catch(undefined),
  secureBoot: z.enum(["on", "off"]).optional().catch(undefined),
  processorSupported: z.enum(["yes", "no"]).optional().catch(undefined),
  memoryGb: whole,
  diskGb: whole,
});

/** Facts about a device's hardware; what is not known is undefined. */
export type Hardware = z.infer<typeof hardwareSchema>;

/** Names of the attributes that tell hardware. */
export const HARDWARE_ATTRIBUTES: readonly string[] = Object.keys(hardwareSchema.shape);

/** The hardware of a device from what its agent told. */
export function hardwareOf(told: Attributes): Hardware {
  return hardwareSchema.parse(told);
}
