import { z } from "zod";
import { instant } from "../schema.js";
import { alertSchema } from "./alerts.js";
import { affectedDeviceSchema, conflictSchema } from "./conflicts/conflict.js";

/** What `alertView` gives. */
export const alertViewSchema = alertSchema
  .extend({
    details: z.array(
      z.object({ setting: z.string(), expected: z.unknown().optional(), found: z.unknown().optional() }),
    ),
    title: z.string(),
    action: z.enum(["restore", "submit-changes"]).nullable(),
    openedAt: instant,
    closed: alertSchema.shape.closed.unwrap().extend({ at: instant }).nullable(),
  })
  .meta({ id: "PolicyAlert" });

const health = { status: z.string(), alerts: z.array(z.string()).describe("Ids of the open alerts.") };

/** What `healthView` gives. */
export const healthSchema = z
  .object({
    groups: z.array(
      z.object({
        groupId: z.string(),
        name: z.string(),
        rings: z.array(z.object({ name: z.string(), ...health })),
        parent: z.object(health),
      }),
    ),
    allDevices: z.object(health),
  })
  .meta({ id: "PolicyHealth" });

/** A conflicting policy, or with `tab=devices` a device that it reaches. */
export const conflictViewSchema = z.union([conflictSchema, affectedDeviceSchema]);
