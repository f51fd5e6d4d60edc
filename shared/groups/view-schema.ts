import { z } from "zod";
import { instant } from "../schema.js";
import { ServiceRing } from "./service-rings.js";
import { storedGroupSchema } from "./store.js";

/** An Autopatch group as the API shows it. */
export const groupViewSchema = storedGroupSchema
  .extend({ serviceRings: z.record(z.string(), z.enum(ServiceRing)).describe("The service ring of each ring.") })
  .meta({ id: "AutopatchGroup" });

/** What `planFile` and `applyFile` say of each group. */
export const changesSchema = z.object({
  changes: z.array(
    z.object({
      action: z.enum(["create", "update", "rename", "delete", "unchanged"]),
      id: z.string(),
      name: z.string(),
      differences: z.array(
        z.object({ field: z.string(), before: z.unknown().optional(), after: z.unknown().optional() }),
      ),
    }),
  ),
});

/** Dates of a month's B release, ring by ring. */
export const scheduleSchema = z.object({
  month: z.string(),
  rings: z.array(
    z.object({
      ring: z.string(),
      availableAt: instant.nullable(),
      deadlineAt: instant.nullable(),
      shownDeadlineAt: instant.nullable(),
      forcedRestartBy: instant.nullable(),
    }),
  ),
});
