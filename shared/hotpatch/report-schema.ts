import { z } from "zod";
import { HotpatchMonth } from "../calendar/hotpatch.js";
import { counts, instant } from "../schema.js";

const devices = z.int().min(0);

/** A policy in the hotpatch report (autopatch.md §9.3). */
export const reportRowSchema = z.object({
  policy: z.string().describe('Name of the quality update policy; "Tenant default" for devices in none.'),
  groupId: z.string().nullable(),
  ring: z.string().nullable(),
  devices,
  upToDate: devices.describe("On the latest quality update, by hotpatch or cumulative update."),
  hotpatched: devices.describe("On its hotpatch."),
  notUpToDate: devices,
  inProgress: devices.describe("Without it, in a ring whose days are not over."),
  percentWithLatest: z
    .number()
    .nullable()
    .describe("Percent with the latest quality update of those that are ready; null where none is."),
  notReady: devices.describe("Not ready for updates."),
  paused: devices.describe("In a ring where the update is paused."),
  notEligible: devices.describe("They take the cumulative update with a restart."),
  reasons: counts.describe("How many devices break each rule of eligibility."),
});
export type ReportRow = z.infer<typeof reportRowSchema>;

export const reportSchema = z
  .object({
    at: instant.describe("When it was made; it is made anew after four hours."),
    month: z.string().describe("Month of the latest B release, YYYY-MM."),
    kind: z.enum(HotpatchMonth),
    baselineMonth: z.string(),
    value: z.array(reportRowSchema),
  })
  .meta({ id: "HotpatchReport" });
export type HotpatchReport = z.infer<typeof reportSchema>;
