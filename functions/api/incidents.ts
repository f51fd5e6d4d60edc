import { z } from "zod";
import { AppError } from "../../shared/errors.js";
import { closedIncidents, openIncidents, readIncident } from "../../shared/incidents/store.js";
import { incidentView } from "../../shared/incidents/view.js";
import { json, param, route, validate } from "./route.js";
import { withinScope } from "./scope.js";

const incidentsQuery = z.strictObject({
  state: z.enum(["open", "closed", "all"]).default("open"),
  /** The function key may come as a query parameter. */
  code: z.string().optional(),
});

route({
  name: "incidentsList",
  method: "GET",
  path: "incidents",
  role: "Reader",
  act: "list incidents",
  run: async ({ actor, query }) => {
    const { state } = validate(incidentsQuery, Object.fromEntries(query));
    const closed = state === "open" ? [] : await closedIncidents();
    const open = state === "closed" ? [] : await openIncidents();
    return json({ value: (await withinScope(actor, [...closed, ...open])).map(incidentView) });
  },
});

route({
  name: "incidentsGet",
  method: "GET",
  path: "incidents/{incidentId}",
  role: "Reader",
  act: "read an incident",
  run: async (call) => {
    const id = param(call, "incidentId");
    const [incident] = await withinScope(call.actor, [await readIncident(id)]);
    if (incident === undefined) throw new AppError("not_found", `There is no incident ${id}.`, { field: "incidentId" });
    return json(incidentView(incident));
  },
});
