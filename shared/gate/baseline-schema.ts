import { z } from "zod";
import { instant } from "../schema.js";
import { ReleaseKind } from "../updates/update.js";

/** What `baselineView` gives. */
export const baselineSchema = z
  .object({
    kind: z.enum(ReleaseKind),
    group: z.object({ id: z.string(), name: z.string() }),
    p0: z.number(),
    p0Variation: z.number(),
    toleratedRate: z.number(),
    learnedFrom: z.object({ updates: z.int(), releases: z.int() }),
    arrivals: z
      .record(z.string(), z.array(z.number()))
      .describe("By ring: share of the reports that have come by the ends of days 1 to 15."),
    noReturn: z.object({ learned: z.boolean(), curve: z.array(z.number()) }),
    deployments: z.array(
      z.object({
        releaseId: z.string(),
        update: z.string(),
        finishedAt: instant,
        reports: z.int(),
        failures: z.int(),
        counts: z.object({ rate: z.boolean(), curves: z.boolean() }),
        why: z.array(z.string()),
      }),
    ),
  })
  .meta({ id: "Baseline" });
