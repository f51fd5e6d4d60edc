import { z } from "zod";
import { deviceRecordSchema } from "../registration/device.js";
import { ReadinessCheck } from "./checks.js";

const device = deviceRecordSchema.unwrap().shape;
const check = z.enum(ReadinessCheck);

/** What `deviceReadiness` gives. */
export const deviceReadinessSchema = z
  .object({
    deviceId: device.deviceId,
    name: device.name,
    groupId: device.groupId,
    ring: device.ring,
    status: device.status,
    state: device.state,
    reason: device.reason,
    judgedAt: z.string().nullable(),
    checks: z.array(
      z.object({ check, result: z.enum(["Not checked", "Passed", "Failed"]), reason: z.string().optional() }),
    ),
  })
  .meta({ id: "DeviceReadiness" });

/** What `readinessOverview` gives. */
export const readinessSchema = z
  .object({
    devices: z.object({ registered: z.int(), ready: z.int(), notReady: z.int() }),
    checks: z.array(z.object({ check, demand: z.string(), passed: z.int(), failed: z.int(), notChecked: z.int() })),
    findings: z.array(deviceReadinessSchema),
  })
  .meta({ id: "Readiness" });
