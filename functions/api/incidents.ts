import { z } from "zod";
import { AppError } from "../../shared/errors.js";
import { closedIncidents, openIncidents, readIncident } from "../../shared/incidents/store.js";
import { incidentView } from "../../shared/incidents/view.js";
import { incidentSchema } from "../../shared/incidents/view-schema.js";
import { paged, pageOf } from "./paging.js";
import { json, param, route } from "./route.js";
import { withinScope } from "./scope.js";

const incidentsQuery = z.strictObject({
  state: z.enum(["open", "closed", "all"]).default("open").describe("Those that are open, over, or both."),
});

export const incidentsList = route({
  name: "incidentsList",
  method: "GET",
  path: "incidents",
  role: "Reader",
  act: "list incidents",
  query: incidentsQuery,
  page: true,
  answer: { about: "Incidents, the closed ones first.", schema: pageOf(incidentSchema) },
  run: async (call) => {
    const { state } = call.asked;
    const closed = state === "open" ? [] : await closedIncidents();
    const open = state === "closed" ? [] : await openIncidents();
    const visible = await withinScope(call.actor, [...closed, ...open]);
    return json(paged(call, visible.map(incidentView), ({ status, id, openedAt }) => `${status} ${openedAt} ${id}`));
  },
});

export const incidentsGet = route({
  name: "incidentsGet",
  method: "GET",
  path: "incidents/{incidentId}",
  role: "Reader",
  act: "read an incident",
  answer: { about: "The incident.", schema: incidentSchema, etag: true },
  run: async (call) => {
    const id = param(call, "incidentId");
    const [incident] = await withinScope(call.actor, [await readIncident(id)]);
    if (incident === undefined) throw new AppError("not_found", `There is no incident ${id}.`, { field: "incidentId" });
    return json(incidentView(incident));
  },
});
