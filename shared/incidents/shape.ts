import { z } from "zod";
import { Workload } from "../updates/update.js";
import { IncidentEnd } from "./incident.js";

/** The fields of an incident as it is kept and as the API shows it. @param at schema of an instant */
export function incidentShape<T extends z.ZodType>(at: T) {
  return {
    id: z.string(),
    workload: z.enum(Workload),
    releaseId: z.string().nullable().describe("Null: about supported Windows versions, and no release."),
    groupId: z.string(),
    groupName: z.string(),
    update: z.string(),
    ring: z.string().nullable().describe("Null: all rings of the group."),
    objective: z.number().describe("Percent that have to be up to date."),
    sloAt: at,
    openedAt: at,
    updates: z.array(z.object({ at, upToDate: z.int(), denominator: z.int(), percent: z.number().nullable() })),
    closed: z.object({ at, because: z.enum(IncidentEnd) }).nullable(),
  };
}
