import { z } from "zod";
import { AppError } from "../errors.js";
import { type Documents, documents } from "../store/documents.js";
import { timeKey } from "../store/table.js";
import { table } from "../store/tables.js";
import type { SloIncident } from "./incident.js";
import { incidentShape } from "./shape.js";

const incidentSchema: z.ZodType<SloIncident> = z.object(incidentShape(z.number()));

const OPEN = "open";
const CLOSED = "closed";

/** In the order of their ids. What was closed and never moved is. */
export async function openIncidents(): Promise<SloIncident[]> {
  const found = await incidentsOf(OPEN);
  for (const incident of found) if (incident.closed !== null) await putIncident(incident);
  return found.filter(({ closed }) => closed === null);
}

/** In the order of their ends. */
export function closedIncidents(): Promise<SloIncident[]> {
  return incidentsOf(CLOSED);
}

/** The open incident, else the one of that id that was closed last. Throws `not_found`. */
export async function readIncident(id: string): Promise<SloIncident> {
  const open = (await (await store()).get(OPEN, id))?.body;
  const found = open ?? (await closedIncidents()).findLast((incident) => incident.id === id);
  if (found !== undefined) return found;
  throw new AppError("not_found", `There is no incident ${id}. GET /api/v1/incidents lists them.`, {
    field: "incidentId",
  });
}

/** Writes an incident where it belongs; the same one again changes nothing. */
export async function putIncident(incident: SloIncident): Promise<void> {
  const incidents = await store();
  const { id, closed } = incident;
  // Also one that is closed: should this end before it is moved, it must not be closed once more.
  await incidents.put(OPEN, id, incident);
  if (closed === null) return;
  await incidents.put(CLOSED, `${timeKey(closed.at)} ${id}`, incident);
  await incidents.delete(OPEN, id);
}

async function incidentsOf(partition: string): Promise<SloIncident[]> {
  const found: SloIncident[] = [];
  for await (const { body } of (await store()).all(partition)) found.push(body);
  return found;
}

async function store(): Promise<Documents<SloIncident>> {
  return documents(await table("Incidents"), incidentSchema);
}
