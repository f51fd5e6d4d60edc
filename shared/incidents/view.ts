import type { SloIncident } from "./incident.js";

const iso = (at: number): string => new Date(at).toISOString();

/** An incident as the API shows it, with what happened in one sentence; instants are ISO 8601 in UTC. */
export function incidentView(incident: SloIncident) {
  const { sloAt, openedAt, updates, closed } = incident;
  return {
    ...incident,
    status: closed === null ? ("open" as const) : ("closed" as const),
    summary: summaryOf(incident),
    sloAt: iso(sloAt),
    openedAt: iso(openedAt),
    updates: updates.map((update) => ({ ...update, at: iso(update.at) })),
    closed: closed === null ? null : { ...closed, at: iso(closed.at) },
  };
}

function summaryOf({ update, ring, groupName, objective, sloAt, updates }: SloIncident): string {
  const { upToDate = 0, denominator = 0, percent = null } = updates.at(-1) ?? {};
  const share = percent === null ? "no device counts" : `${percent} %`;
  if (ring === null) {
    return `${upToDate} of ${denominator} devices (${share}) of ${groupName} have ${update}; ${objective} % have to at any time.`;
  }
  return `${upToDate} of ${denominator} devices (${share}) of ${ring} in ${groupName} have ${update}; ${objective} % had to by ${iso(sloAt).slice(0, 10)}.`;
}
