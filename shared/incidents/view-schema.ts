import { z } from "zod";
import { instant } from "../schema.js";
import { IncidentEnd } from "./incident.js";

/** What `incidentView` gives. */
export const incidentSchema = z
  .object({
    id: z.string(),
    workload: z.literal("quality"),
    releaseId: z.string(),
    groupId: z.string(),
    groupName: z.string(),
    update: z.string(),
    ring: z.string(),
    objective: z.number().describe("Percent that have to be up to date."),
    sloAt: instant,
    openedAt: instant,
    updates: z.array(
      z.object({ at: instant, upToDate: z.int(), denominator: z.int(), percent: z.number().nullable() }),
    ),
    closed: z.object({ at: instant, because: z.enum(IncidentEnd) }).nullable(),
    status: z.enum(["open", "closed"]),
    summary: z.string(),
  })
  .meta({ id: "Incident" });
