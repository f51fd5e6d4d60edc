import { z } from "zod";
import { antivirusReport, antivirusReportSchema } from "../antivirus/freshness.js";
import type { VersionList } from "../app-versions/list.js";
import { iso } from "../calendar/days.js";
import { config } from "../config.js";
import { edgeVersions } from "../edge/list.js";
import { edgeReport, edgeReportSchema } from "../edge/report.js";
import type { StoredGroup } from "../groups/store.js";
import { officeVersions } from "../microsoft-365-apps/list.js";
import { officeReport, officeReportSchema } from "../microsoft-365-apps/report.js";
import { listDevices } from "../registration/store.js";
import { instant } from "../schema.js";
import { teamsReport, teamsReportSchema } from "../teams-client/report.js";
import { appDevices } from "./devices.js";
import { switchOf, switchSchema } from "./switch.js";

/** When a public list was read, and why it cannot be read now. */
export const sourceSchema = z.object({
  readAt: instant.nullable(),
  problem: z.string().nullable().describe("Why the list could not be read last; it stands as it was read before."),
});

/** The part of a list that says how old it is. */
export function sourceOf({ readAt, problem }: VersionList) {
  return { readAt, problem };
}

export const overviewSchema = z
  .object({
    groupId: z.string(),
    at: instant,
    microsoft365Apps: officeReportSchema.extend({ switch: switchSchema, list: sourceSchema }),
    edge: edgeReportSchema.extend({ switch: switchSchema, list: sourceSchema }),
    teams: teamsReportSchema,
    antivirus: antivirusReportSchema,
  })
  .meta({ id: "AppsOverview" });
export type AppsOverview = z.infer<typeof overviewSchema>;

/** How the devices of a group stand with Microsoft 365 Apps, Edge, Teams and antivirus. @param now ms */
export async function appsOverview(group: StoredGroup, now: number): Promise<AppsOverview> {
  const { id: groupId, definition, officePins = {} } = group;
  const [office, edge] = [await officeVersions(now), await edgeVersions(now)];
  const devices = await appDevices(await listDevices({ groupId }), now);
  const rings = definition.rings.map(({ name }) => name);
  return {
    ...{ groupId, at: iso(now) },
    microsoft365Apps: {
      switch: await switchOf(group, "microsoft365Apps"),
      ...officeReport({ rings, pins: officePins, devices, list: office.versions, now }),
      list: sourceOf(office),
    },
    edge: {
      switch: await switchOf(group, "edge"),
      ...edgeReport(definition, devices, edge.versions, now),
      list: sourceOf(edge),
    },
    teams: teamsReport(devices),
    antivirus: antivirusReport(devices, now, config().ANTIVIRUS_STALE_DAYS),
  };
}
